"""Every row that is left out, refused or gone can be found: page by page, and in a file."""

import csv
import io

import pytest
from flask import Flask
from support.runs import FOUND, Worker
from support.visitor import Visitor

from webapp.db import connect

LEFT_OUT = [("relations", f"{n:06d}", f"Klant {n}", "no_street") for n in range(100, 230)]
LEFT_OUT += [("materials", "X1", "Buis", "wrong_type"), ("addresses", "7-1", "Achterom", "relation_skipped")]
REFUSED = [("materials", f"M{n}", 1200, "" if n == 1 else "Price is invalid") for n in range(3)]
GONE = [("relations", "900"), ("relations", "901")]
ALL = len(LEFT_OUT) + len(REFUSED) + len(GONE)


def note(app: Flask, account: str = "1001") -> None:
    """What runs have noted of an account."""
    with connect(app.config["DATABASE"]) as db, db.conn:
        db.conn.executemany("INSERT INTO skipped_rows VALUES (?, ?, ?, ?, ?)", [(account, *each) for each in LEFT_OUT])
        sent = [(kind, key, 1, "x", code, message, 0) for kind, key, code, message in REFUSED]
        sent += [(kind, key, 0, "", 0, "", 1) for kind, key in GONE] + [("relations", "7", 0, "", 0, "", 0)]
        db.conn.executemany(
            "INSERT INTO sent_rows (account, kind, key, spelled, administration, hash, refused, code, message, gone) "
            "VALUES (?, ?, ?, '', '1571/x001', ?, ?, ?, ?, ?)",
            [(account, kind, key, str(hash), *more) for kind, key, hash, *more in sent],
        )


@pytest.fixture
def reader(connected: Visitor, app: Flask) -> Visitor:
    """Who reads English and sees what came of the last run."""
    worker = Worker(app)
    worker.connect()
    note(app)
    visitor = Visitor(app).open(lang="en")
    visitor.submit("sync-form", {"kind": "changed"})
    worker.end(result=FOUND)
    visitor.get("/").submit("sync-form", {"details": "1"})
    return visitor


def press(visitor: Visitor, id: str, **chosen: str) -> Visitor:
    button = visitor.page.css_first(f"#sync #{id}")
    assert button, f"no {id} in {visitor.says('sync')}"
    named = {str(button.attributes["name"]): str(button.attributes["value"])} if "name" in button.attributes else {}
    form = button.attributes.get("form") or "sync-form"
    return visitor.submit(form, {**chosen, **named}, action=button.attributes.get("formaction") or "")


def shown(visitor: Visitor) -> list[str]:
    return [" ".join(each.text().split()) for each in visitor.page.css("#sync .came li")]


def options(visitor: Visitor, name: str) -> list[str]:
    return [each.text() for each in visitor.page.css(f"#rows-{name} option")]


def cells(visitor: Visitor) -> list[list[str]]:
    return list(csv.reader(io.StringIO(visitor.response.text.removeprefix("\ufeff"), newline=""), delimiter=";"))


@pytest.mark.parametrize("htmx", [True, False])
def test_a_list_that_is_cut_leads_to_all_of_it(reader: Visitor, htmx: bool) -> None:
    reader.htmx = htmx
    assert press(reader, "all-left_out").page.css_first("#all-left_out") is None
    found: list[str] = []
    for page in range(1, 4):
        assert f"{50 * page - 49}–{min(50 * page, 132)} of 132" in reader.says("sync")
        found += shown(reader)
        if page < 3:
            press(reader, "rows-next")
    assert len(found) == len(set(found)) == len(LEFT_OUT)
    assert reader.page.css_first("#rows-next") is None
    assert "Klant 229 (000229) Relations · Has no street in Cash" in found
    assert "51–100 of 132" in press(reader, "rows-previous").says("sync")
    press(reader, "rows-back")
    assert reader.page.css_first("#all-left_out"), "back where one came from"


def test_a_list_that_is_not_cut_does_not(reader: Visitor) -> None:
    assert [each.attributes["id"] for each in reader.page.css("#sync [id^=all-]")] == ["all-left_out"]
    assert "Show all 132" in reader.says("sync")


def test_they_are_filtered_by_kind_and_by_reason(reader: Visitor) -> None:
    press(reader, "all-left_out")
    assert options(reader, "of") == ["Everything", "Relations", "Delivery addresses", "Materials"]
    assert options(reader, "why") == [
        "For any reason",
        "Left out (132)",
        "Has no street in Cash (130)",
        "OutSmart refused it (3)",
        "No longer in Cash (2)",
        "Its relation is not imported (1)",
        "The type of the article is not A, M, E, S or K (1)",
    ]
    assert shown(press(reader, "rows-show", of="materials", why="refused")) == [
        "M0 Materials · OutSmart refused it: Price is invalid",
        "M1 Materials · OutSmart refused it: 1200",
        "M2 Materials · OutSmart refused it: Price is invalid",
    ]
    assert options(reader, "why") == [
        "For any reason",
        "Left out (1)",
        "OutSmart refused it (3)",
        "The type of the article is not A, M, E, S or K (1)",
    ]
    assert shown(press(reader, "rows-show", of="", why="gone")) == [
        "900 Relations · No longer in Cash",
        "901 Relations · No longer in Cash",
    ]
    assert len(shown(press(reader, "rows-show", of="materials", why=""))) == 4
    assert "0–0 of 0" in press(reader, "rows-show", of="addresses", why="gone").says("sync")
    assert "No longer in Cash (0)" in options(reader, "why"), "what was chosen stays so"


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({}, f"1–50 of {ALL}"),
        ({"page": "3"}, f"101–{ALL} of {ALL}"),
        ({"page": "1000000000000000000000"}, f"101–{ALL} of {ALL}"),
        ({"page": "-1"}, f"1–50 of {ALL}"),
        ({"page": "x"}, f"1–50 of {ALL}"),
        ({"of": "zzz", "why": "zzz"}, f"1–50 of {ALL}"),
    ],
)
def test_whatever_is_asked_there_is_an_answer(reader: Visitor, asked: dict[str, str], place: str) -> None:
    reader.post("/sync/rows", {**reader.values("sync-form"), **asked})
    assert reader.status == 200
    assert place in reader.says("sync")


def test_while_a_run_is_under_way_the_list_stays(reader: Visitor, app: Flask) -> None:
    press(reader.get("/"), "sync-start")
    Worker(app).start()
    assert reader.get("/sync").page.css_first("#sync [hx-trigger]")
    reader.post("/sync/rows", reader.values("sync-form"))
    assert shown(reader)
    assert reader.page.css_first("#sync [hx-trigger]") is None, "nothing takes its place by itself"


def test_the_file_has_all_of_them(reader: Visitor) -> None:
    press(reader, "rows-save")
    headers = reader.response.headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"] == 'attachment; filename="cash-outsmart.csv"'
    assert reader.response.data.startswith(b"\xef\xbb\xbf"), "or Excel takes it for another encoding"
    head, *rows = cells(reader)
    assert head == ["Kind", "Number or code", "Name", "Reason", "Answer of OutSmart"]
    assert len(rows) == ALL
    assert ["Relations", "000100", "Klant 100", "Has no street in Cash", ""] in rows
    assert ["Materials", "M1", "", "OutSmart refused it", "1200"] in rows
    assert ["Relations", "900", "", "No longer in Cash", ""] in rows


def test_the_file_has_what_the_list_shows(reader: Visitor) -> None:
    press(reader, "all-left_out")
    press(reader, "rows-show", of="materials", why="refused")
    press(reader, "rows-save")
    assert [row[1] for row in cells(reader)[1:]] == ["M0", "M1", "M2"]


@pytest.mark.parametrize("count", [1_999, 2_000, 4_001])
def test_the_file_is_whole_however_many_there_are(reader: Visitor, app: Flask, count: int) -> None:
    with connect(app.config["DATABASE"]) as db, db.conn:
        db.execute("DELETE FROM skipped_rows")
        rows = [("1001", "materials", f"Q{n}", "x", "no_name") for n in range(count)]
        db.conn.executemany("INSERT INTO skipped_rows VALUES (?, ?, ?, ?, ?)", rows)
    press(reader, "rows-save")
    assert len({row[1] for row in cells(reader)[1:]}) == count + len(REFUSED) + len(GONE)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_spreadsheet_carries_nothing_out(reader: Visitor, app: Flask, name: str) -> None:
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE skipped_rows SET label = ?, key = ? WHERE key = '000100'", [name, name])
        db.execute("UPDATE sent_rows SET spelled = ?, message = ? WHERE key = 'M1'", [name, name])
    press(reader, "rows-save")
    rows = cells(reader)
    assert ["Relations", f"'{name}", f"'{name}", "Has no street in Cash", ""] in rows
    assert ["Materials", f"'{name}", "", "OutSmart refused it", f"'{name}"] in rows


def test_what_parts_cells_and_lines_stays_inside_its_cell(reader: Visitor, app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE skipped_rows SET label = ? WHERE key = '000100'", ['Jansen; "Zn"\nen meer'])
    press(reader, "rows-save")
    assert ["Relations", "000100", 'Jansen; "Zn"\nen meer', "Has no street in Cash", ""] in cells(reader)


def test_nobody_finds_the_rows_of_another_account(reader: Visitor, app: Flask) -> None:
    other = Visitor(app).open(account="1002", lang="en")
    other.log_in()
    other.save(administration=other.administrations()[0], import_relations=True)
    other.post("/sync/rows", other.values("sync-form"))
    assert "0–0 of 0" in other.says("sync")
    other.post("/sync/rows.csv", other.values("sync-form"))
    assert len(cells(other)) == 1
