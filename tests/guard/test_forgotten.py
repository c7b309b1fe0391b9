"""What is kept of logins and calls, and for how long."""

from pathlib import Path

from guard.door import HOUR, MINUTE, Clock, Door, take

from webapp import rates, throttle
from webapp.rates import reserve_call


def test_what_no_limit_needs_any_more_is_forgotten(door: Door, clock: Clock) -> None:
    """So the tables hold an hour of failures, and a minute of accounts."""
    for n in range(50):
        door.knock_wrong(1, account=f"{n}", email=f"{n}@example.nl", address=f"192.0.2.{n}")
        reserve_call(door.db, 90, f"{n}")
    door.db.execute("INSERT INTO attempts (key, at) VALUES ('x', ?)", [clock.now])
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [50, 101, 1]
    clock.pass_by(MINUTE + 1)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [50, 0, 1]
    clock.pass_by(HOUR)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [0, 0, 0]


def test_sweeping_changes_no_limit(door: Door, clock: Clock) -> None:
    door.knock_wrong(5)
    take(door.db, 20, "1001")
    clock.pass_by(1)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert door.knock() == "held"
    assert take(door.db, 20, "1001") == 0


def test_a_clock_that_was_put_back_holds_nobody_for_long(door: Door, clock: Clock) -> None:
    door.knock_wrong(5)
    take(door.db, 90, "1001")
    clock.pass_by(-24 * HOUR)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert door.knock() == "in"
    assert take(door.db, 20, "1001") == 20


def test_nothing_that_was_typed_is_stored(door: Door, path: str) -> None:
    door.knock("wachtwoord-van-iemand", email="iemand@example.nl", address="203.0.113.77")
    door.db.close()
    stored = b"".join(file.read_bytes() for file in Path(path).parent.glob("app.db*"))
    for secret in ("wachtwoord", "iemand", "203.0.113", "25583"):
        assert secret.encode() not in stored


def test_a_login_and_its_calls_take_few_statements(door: Door) -> None:
    said: list[str] = []
    door.db.conn.set_trace_callback(said.append)
    assert door.knock() == "in"
    assert len(said) <= 7, said
    said.clear()
    assert reserve_call(door.db, 90, "1001") is None
    assert len(said) <= 4, said
    said.clear()
    assert door.knock("fout") == "wrong"
    assert len(said) <= 9, said
