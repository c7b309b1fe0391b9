"""What users do with the synchronisation, and what their log says of it."""

from typing import Any

import pytest
from flask import Flask
from support.office import WHO, Office

from webapp.cash.actions import syncing
from webapp.cash.actions.hosted import Incomplete
from webapp.cash.due import ask_due
from webapp.cash.store.kept import VALID_SECONDS
from webapp.cash.store.marks import MarkStore
from webapp.cash.store.noted import Noted
from webapp.cash.store.runs import SILENCE, NotOwned
from webapp.cash.store.sent import Sent, SentStore
from webapp.cash.store.workers import WorkerStore
from webapp.db import now
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox


@pytest.mark.parametrize(
    ("gone", "missing"), [("settings", "settings"), ("logins", "login"), ("accounts", "outsmart_token")]
)
def test_what_a_run_lacks_is_said(office: Office, gone: str, missing: str) -> None:
    office.cash.db.execute(f"DELETE FROM {gone}")
    assert office.sync.missing == [missing]
    with pytest.raises(Incomplete) as refused:
        office.start()
    assert refused.value.missing == [missing]


def test_a_second_click_gives_the_run_that_is_open(office: Office) -> None:
    run, new = office.start("all")
    assert (run.kind, run.user, new) == ("all", "beheer", True)
    assert office.start("changed") == (run, False)
    assert office.sync.runs.open == run


def test_a_run_can_be_cancelled_and_asked_for_anew(office: Office) -> None:
    run, _ = office.start()
    assert syncing.cancel(office.cash, WHO)
    assert not syncing.cancel(office.cash, WHO)
    assert office.sync.runs.open is None
    again, new = office.start()
    assert new
    assert again.id != run.id


def test_that_no_worker_lives_is_told_after_a_minute(office: Office) -> None:
    office.start()
    assert not office.sync.is_unattended
    office.cash.db.execute("UPDATE runs SET due = ?", [now() - SILENCE - 1])
    assert office.sync.is_unattended
    WorkerStore(office.cash.db).beat("a", now())
    assert not office.sync.is_unattended, "it is only busy"


def test_the_state_tells_what_went_well_and_what_comes_next(office: Office) -> None:
    ask_due(now())
    assert office.work().kind == "preview"
    before = office.sync
    assert (before.standing, before.next_run) == (("waits_for_user", "many_changes"), 0)
    assert before.preview
    assert before.preview.kinds["relations"]["new"] > 0
    office.start()
    good = office.work()
    after = office.sync
    assert (after.standing, after.interval) == (("ok", ""), 15 * 60)
    assert now() - 5 < after.next_run <= now() + 15 * 60
    assert (after.runs.good, after.runs.ended, after.runs.open) == (good, good, None)
    assert good.kinds["relations"]["sent"] > 0


def test_a_preview_counts_for_an_hour_and_for_its_administration(office: Office) -> None:
    office.start("preview")
    office.work()
    assert office.sync.preview
    saved = office.state.saved
    office.cash.db.execute("UPDATE settings SET choices = ?", ['{"administration": "2085/other"}'])
    assert office.sync.preview is None
    office.cash.settings.add(WHO.account, saved.settings, saved.version, "beheer")
    assert office.sync.preview
    office.cash.db.execute("UPDATE runs SET ended = ended - ?", [VALID_SECONDS + 1])
    assert office.sync.preview is None


def test_whoever_starts_after_a_preview_agrees_to_what_it_showed(office: Office, cash: CashSandbox) -> None:
    office.start("all")
    office.work()
    books = cash.books("2085/demo")
    for key in [*books.records("0101")][:30]:
        books.remove("0101", *key)
    office.start("all")
    assert office.work().kinds["relations"]["waits"] == "many_gone"
    assert office.sync.standing == ("waits_for_user", "many_gone")
    office.start("preview")
    looked = office.work()
    assert looked.result["waits"] == ["many_gone"]
    office.start("all")
    agreed = office.work()
    assert (agreed.kinds["relations"]["waits"], agreed.kinds["relations"]["gone"]) == (
        "",
        looked.kinds["relations"]["gone"],
    )
    assert len(syncing.noted_rows(office.cash, WHO, 100, reason="gone")) >= agreed.kinds["relations"]["gone"]


def test_a_person_can_agree_without_looking_again(office: Office, cash: CashSandbox) -> None:
    office.start("all")
    office.work()
    books = cash.books("2085/demo")
    for key in [*books.records("0101")][:30]:
        books.remove("0101", *key)
    office.start("all")
    office.work()
    syncing.agree(office.cash, WHO, office.state)
    assert office.work().kinds["relations"]["waits"] == ""


def refused(office: Office) -> list[Noted]:
    return syncing.noted_rows(office.cash, WHO, 10, reason="refused")


def test_refused_rows_are_tried_again_when_a_person_says_so(office: Office, outsmart: OutSmartSandbox) -> None:
    outsmart.refuse_rows("warehouses", "MAG1", account=WHO.account)
    office.start("all")
    office.work()
    assert [(each.kind, each.key) for each in refused(office)] == [("warehouses", "MAG1")]
    outsmart.recover()
    assert office.by_itself().kinds["relations"]["sent"] == 0
    assert refused(office)
    syncing.try_refused_again(office.cash, WHO, office.state)
    assert office.work().kinds["warehouses"]["sent"] == 1
    assert not refused(office)


def test_every_skipped_record_has_its_reason(office: Office) -> None:
    office.start("all")
    counted: dict[str, Any] = office.work().kinds["relations"]["skipped"]
    found = [each.reason for each in syncing.noted_rows(office.cash, WHO, 100, "relations", "left_out")]
    assert {word: found.count(word) for word in found} == counted
    assert len(found) > 1


def test_an_outage_is_two_lines_its_start_and_its_end(office: Office, outsmart: OutSmartSandbox) -> None:
    before = office.log()
    outsmart.go_down()
    for _ in range(3):
        assert office.by_itself().state == "failed"
    outsmart.break_off_answers()
    assert office.by_itself().state == "failed"
    outsmart.recover()
    assert office.by_itself().state == office.by_itself().state == "done"
    assert office.log()[len(before) :] == [("sync_failed", True), ("sync_recovered", False)]


def test_what_a_person_asks_for_has_a_line(office: Office, outsmart: OutSmartSandbox) -> None:
    before = office.log()
    office.start("all")
    office.work()
    outsmart.go_down()
    for _ in range(2):
        office.start("all")
        office.work()
    assert office.log()[len(before) :] == [("synced", False), ("sync_failed", True), ("sync_failed", True)]


def test_a_first_look_that_shows_something_odd_has_a_line(office: Office, outsmart: OutSmartSandbox) -> None:
    row = outsmart.rows("relations", WHO.account)[0]
    outsmart.add("relations", WHO.account, debtor_number=row["debtor_number"], name="Nog een keer")
    ask_due(now())
    office.work()
    assert office.log()[-1] == ("sync_waits", False)
    assert office.sync.standing.state == "waits_for_user"
    assert office.sync.next_run == 0


def test_that_a_kind_waits_has_one_line(office: Office, cash: CashSandbox) -> None:
    office.start("all")
    office.work()
    before = office.log()
    books = cash.books("2085/demo")
    for key in [*books.records("0101")][:30]:
        books.remove("0101", *key)
    office.cash.db.execute("UPDATE sync_marks SET marks = '{}'")
    for _ in range(2):
        assert office.by_itself().kinds["relations"]["waits"] == "many_gone"
    assert office.log()[len(before) :] == [("sync_waits", False)]


def test_a_login_that_cash_refuses_stops_runs_until_there_is_a_new_one(
    office: Office, cash: CashSandbox, app: Flask
) -> None:
    ask_due(now())
    office.work()
    office.by_itself()
    cash.change_password("54852", "api@example.nl", "another one")
    assert office.by_itself().reason == "code_2"
    assert office.sync.standing == ("waits_for_user", "login_refused")
    ask_due(now() + 24 * 3600)
    assert office.runs.open(WHO.account) is None
    with pytest.raises(Incomplete):
        office.start()


def test_nothing_that_a_lost_run_still_writes_is_kept(office: Office) -> None:
    run, _ = office.start()
    office.runs.start(run.id, "a")
    sent, marks = (each(office.cash.db, lambda: office.runs.writing(run.id, "a")) for each in (SentStore, MarkStore))
    sent.confirm(WHO.account, "relations", "2085/demo", [Sent("100", "000100", hash="h")])
    office.runs.take_over(now() + SILENCE + 1)
    for write in (
        lambda: sent.confirm(WHO.account, "relations", "2085/demo", [Sent("101", "000101", hash="h")]),
        lambda: sent.refuse(WHO.account, "relations", "2085/demo", [Sent("101", "000101", refused="h")]),
        lambda: sent.set_gone(WHO.account, "relations", ["100"], told=True),
        lambda: sent.set_back(WHO.account, "relations", ["100"]),
        lambda: sent.forget(WHO.account, "relations", ["100"]),
        lambda: marks.keep(WHO.account, {"since": 1}),
        lambda: marks.unskip(WHO.account, "relations", ["100"]),
    ):
        with pytest.raises(NotOwned):
            write()
    assert [*sent.known(WHO.account, "relations", ["100", "101"])] == ["100"]
    assert marks.last(WHO.account) is None
