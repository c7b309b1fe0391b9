"""What became of the rows of one kind."""

from collections import Counter
from dataclasses import dataclass, field

EXAMPLES = 100  # kept of each list in a result; the store has all


@dataclass
class Tally:
    """Counts, and examples. `gone` are rows no longer in Cash that were found now."""

    new: int = 0
    changed: int = 0
    same: int = 0
    sent: int = 0
    untried: int = 0
    gone: int = 0
    switched_off: int = 0
    still_refused: int = 0
    stopped: bool = False  # OutSmart refused the first ones all alike
    waits: str = ""  # the word why nothing of this kind is changed before a person agrees
    skipped: Counter[str] = field(default_factory=Counter)
    refused: list[dict[str, object]] = field(default_factory=list)
    refused_rows: int = 0

    def refuse(self, key: str, label: str, code: int, message: str) -> None:
        """One row that OutSmart did not take."""
        self.refused_rows += 1
        if len(self.refused) < EXAMPLES:
            self.refused.append({"key": key, "name": label, "code": code, "message": message})

    def facts(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "sent": self.sent,
            "skipped": dict(self.skipped),
            "refused": self.refused,
            "refused_rows": self.refused_rows,
            "still_refused": self.still_refused,
            "not_tried": self.untried,
            "stopped": self.stopped,
            "gone": self.gone,
            "switched_off": self.switched_off,
            "waits": self.waits,
        }
