"""What the OutSmart sandbox suffers, and how often."""

import threading
from math import inf

CLOSING = "GET GetWorkorder?update_status=true"
MARKING = "GET UpdateWorkorder"
FAULTS = {
    "down": "is refused with an HTTP status",
    "unheard": "is lost on its way",
    "lost": "is carried out, and its answer lost",
    "cut": "is carried out, and gets half an answer",
    "broken": "is carried out, and the connection breaks in the answer",
}
OPERATIONS = {"": "call", CLOSING: "closing of a work order", MARKING: "setting of a work status"}


class Faults:
    """Faults by what they are and by the operation that has them, "" for any. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str], float] = {}

    def begin(self, fault: str, operation: str, times: float) -> None:
        """So many calls have it from now on."""
        with self._lock:
            self._left[fault, operation] = times

    def pull(self, said: dict[str, str]) -> None:
        """What a form says: `switch`, such as `lost GET UpdateWorkorder`, and `times`, for ever where that is empty.

        KeyError and ValueError for what there is not.
        """
        fault, _, operation = said["switch"].partition(" ")
        if fault not in FAULTS:
            raise KeyError(fault)
        self.begin(fault, operation, float(said.get("times") or inf))

    def strike(self, fault: str, names: tuple[str, ...]) -> bool:
        """Whether a call that has these names suffers it; counts that."""
        with self._lock:
            for name in ("", *names):
                if self._left.get((fault, name), 0) > 0:
                    self._left[fault, name] -= 1
                    return True
            return False

    def told(self) -> list[str]:
        """What is still to be suffered, in words."""
        with self._lock:
            left = [(*key, times) for key, times in self._left.items() if times > 0]
        return [f"{_so_many(times)} {OPERATIONS.get(name, name)} {FAULTS[fault]}." for fault, name, times in left]


def _so_many(times: float) -> str:
    return "Every" if times == inf else "The next" if times == 1 else f"The next {times:g} times a"
