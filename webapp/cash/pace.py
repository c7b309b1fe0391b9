"""How often Cash is asked: persons before runs, and runs that persons asked for before those that run by themselves."""

from collections.abc import Callable

from flask import current_app, g

from ..db import get_db
from ..rates import EVERYONE, relation_key, reserve_call, take
from ..throttle import spelling

MANUAL_BURST, AUTOMATIC_BURST = 10, 5  # of what persons may take at once, so much is left for whoever comes first
LONGEST_PAUSE = 1.0  # seconds

Pause = Callable[[float], None]


def reserve(account: str, relation_code: str) -> int | None:
    """Before a call: None, or the seconds until a person may make it. A run waits here for its turn."""
    code, _ = spelling(relation_code, "")
    if "wait_for_turn" in g:
        g.wait_for_turn(code)
        return None
    config = current_app.config
    return reserve_call(
        get_db(),
        config["CASH_CALLS_PER_MINUTE_TOTAL"],
        account,
        per_account=config["CASH_CALLS_PER_ACCOUNT"],
        relation_code=code,
        per_relation=config["CASH_CALLS_PER_MINUTE"],
    )


def be_patient(manual: bool, pause: Pause) -> None:
    """From now on calls in this context are a run's: each waits for its turn, `pause` by `pause` of so many seconds."""
    burst = MANUAL_BURST if manual else AUTOMATIC_BURST

    def wait_for_turn(code: str) -> None:
        config = current_app.config
        _wait(relation_key(code), config["CASH_CALLS_PER_MINUTE"], burst, pause)
        if total := config["CASH_CALLS_PER_MINUTE_TOTAL"]:
            _wait(EVERYONE, total, burst, pause)

    g.wait_for_turn = wait_for_turn


def _wait(key: str, per_minute: int, burst: int, pause: Pause) -> None:
    while seconds := take(get_db(), key, per_minute, burst):
        pause(min(seconds, LONGEST_PAUSE))
