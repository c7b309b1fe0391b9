"""Runs that are killed, each in a process of its own: forked from one that has imported everything already.

Each line of the input says at which moment a run of an account dies (SIGKILL), such as `1002 7`, and how many seconds
later it seems to be; the answer is `killed` or `ended`. Moments are those before each call, after each answer of
OutSmart, after each batch was noted, before and after each change of the ledger, and after each order was sent.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from webapp import create_app
from webapp.cash import jobs
from webapp.cash.client.session import CashSession
from webapp.cash.store.orders import OrderStore
from webapp.cash.store.runs import RunStore
from webapp.cash.sync.sending import Sending
from webapp.db import get_db
from webapp.outsmart.session import OutSmartSession


def die_at(moment: int) -> Callable[[], None]:
    """What counts the moments, and ends the process at this one."""
    left = moment

    def pass_moment() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_moment


def after(act: Callable[..., Any], moment: Callable[[], None]) -> Callable[..., Any]:
    def act_and_pass(*args: Any, **kwargs: Any) -> Any:
        done = act(*args, **kwargs)
        moment()
        return done

    return act_and_pass


def around(act: Callable[..., Any], moment: Callable[[], None]) -> Callable[..., Any]:
    def pass_and_act(*args: Any, **kwargs: Any) -> Any:
        moment()
        return after(act, moment)(*args, **kwargs)

    return pass_and_act


def run(account: str, moment: int, later: int) -> None:
    app, pass_moment = create_app(), die_at(moment)
    jobs.now = lambda: int(time.time()) + later  # type: ignore[attr-defined]
    OrderStore.change = around(OrderStore.change, pass_moment)  # type: ignore[method-assign]
    OrderStore.claim = around(OrderStore.claim, pass_moment)  # type: ignore[method-assign]
    CashSession.import_records = after(CashSession.import_records, pass_moment)  # type: ignore[method-assign]
    OutSmartSession.ask = after(OutSmartSession.ask, pass_moment)  # type: ignore[method-assign]
    Sending.confirmed = after(Sending.confirmed, pass_moment)  # type: ignore[method-assign]

    def stopping() -> bool:
        pass_moment()
        return False

    with app.app_context():
        runs = RunStore(get_db())
        waiting = runs.open(account)
        started = waiting and runs.start(waiting.id, str(os.getpid()))
    if started:
        jobs.perform(app, started, stopping)


create_app()
for line in sys.stdin:
    account, moment, later = line.split()
    if not (child := os.fork()):
        run(account, int(moment), int(later))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print("killed" if os.WIFSIGNALED(status) else "ended", flush=True)
