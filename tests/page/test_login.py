"""Submit: proving a login, and what then happens to it."""

from collections.abc import Callable

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp import create_app
from webapp.db import connect
from webapp.demo.cash import CashSandbox

INVALID = "Gegevens API gebruiker niet geldig"


def rows(app: Flask, table: str = "logins") -> list[tuple[object, ...]]:
    """The table byte for byte."""
    with connect(app.config["DATABASE"]) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()


def test_a_newcomer_sees_three_steps_and_the_login(visitor: Visitor) -> None:
    assert len(visitor.page.css("aside details[open] li")) == 3
    assert len(visitor.page.css("aside details")) == 4
    assert visitor.page.css_first("form#settings") is None
    assert [field for field in visitor.values("login") if field not in ("session", "csrf_token")] == [
        "relation_code",
        "email",
        "password",
    ]


def test_one_submit_is_one_authenticate_and_one_list(visitor: Visitor, cash: CashSandbox) -> None:
    assert visitor.log_in().status == 200
    assert cash.calls == ["Authenticate", "ListAdministrations"]
    assert visitor.page.css_first("form#settings")


def test_a_right_login_waits_for_save_encrypted_and_for_this_session_only(visitor: Visitor, app: Flask) -> None:
    visitor.log_in()
    (login,) = rows(app)
    assert b"geheim" not in str(login).encode()
    colleague = Visitor(app).open()
    assert colleague.page.css_first("form#settings") is None
    assert "Niet verbonden" in colleague.text or "Not connected" in colleague.text
    assert visitor.get("/").page.css_first("form#settings")


def test_a_login_waits_half_an_hour(visitor: Visitor, later: Callable[[float], None]) -> None:
    visitor.log_in()
    form = visitor.page
    later(29 * 60)
    assert visitor.get("/").page.css_first("form#settings")
    later(31 * 60)
    assert visitor.get("/").page.css_first("form#settings") is None
    visitor.page = form
    visitor.save(administration=visitor.administrations()[0], import_employees=True)
    assert visitor.status == 422
    assert visitor.says("problem")
    assert "import_employees" in visitor.values("settings"), "what was chosen stays in the form"
    visitor.log_in()
    assert visitor.status == 200


def test_a_login_that_waited_too_long_is_deleted_by_the_next_launch(
    visitor: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.log_in()
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE logins SET since = since - 1800")
        Visitor(app).open(account="another")
        assert db.execute("SELECT count(*) FROM logins").fetchone()[0] == 0


@pytest.mark.parametrize("lang", ["nl", "en", "de", "pt"])
def test_a_wrong_login_gets_the_exact_words_in_every_language(app: Flask, lang: str) -> None:
    visitor = Visitor(app).open(lang=lang)
    visitor.log_in(password="fout")
    assert visitor.status == 422
    title = visitor.page.css_first("#problem h3")
    assert title.text() == INVALID
    assert title.attributes["lang"] == "nl"
    assert len(visitor.says("problem")) > len(INVALID) + 20
    fields = visitor.values("login")
    assert (fields["relation_code"], fields["email"], fields["password"]) == ("25583", "api@example.nl", "")


def test_a_wrong_login_then_the_right_one(visitor: Visitor) -> None:
    assert visitor.log_in(password="fout").status == 422
    assert visitor.log_in().status == 200
    assert INVALID not in visitor.text.replace(visitor.says("log"), "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"relation_code": ""}, "relation_code"),
        ({"relation_code": "25 583x"}, "relation_code"),
        ({"relation_code": "12345678901"}, "relation_code"),
        ({"email": ""}, "email"),
        ({"email": "geen adres"}, "email"),
        ({"email": f"{'x' * 250}@example.nl"}, "email"),
        ({"password": ""}, "password"),
        ({"password": "x" * 201}, "password"),
    ],
)
def test_what_cannot_be_a_login_is_said_at_the_field_and_not_sent(
    visitor: Visitor, cash: CashSandbox, changes: dict[str, str], field: str
) -> None:
    visitor.log_in(**changes)
    assert visitor.status == 422
    assert visitor.says(f"{field}-error")
    assert visitor.page.css_first(f"#loginform-summary a[href='#{field}']")
    assert visitor.page.css_first(f"#{field}").attributes["aria-invalid"] == "true"
    assert cash.calls == []


def test_spaces_around_are_trimmed_but_not_in_the_password(visitor: Visitor, cash: CashSandbox) -> None:
    assert visitor.log_in(relation_code=" 25583 ", email=" api@example.nl\t").status == 200
    cash.change_password("25583", "api@example.nl", " ge heim ")
    assert visitor.log_in(password=" ge heim ").status == 200
    assert visitor.log_in(password="ge heim").status == 422


def test_a_failed_submit_leaves_what_was_stored_byte_for_byte(
    connected: Visitor, app: Flask, cash: CashSandbox
) -> None:
    before = rows(app), rows(app, "settings")
    for spoil in (
        lambda: connected.log_in(password="fout"),
        lambda: connected.log_in(email=""),
        lambda: (cash.go_down(), connected.log_in()),
        lambda: (cash.recover(), cash.answer(7), connected.log_in()),
    ):
        spoil()
        assert connected.status in (422, 503)
        assert (rows(app), rows(app, "settings")) == before


def test_new_credentials_for_the_same_environment_are_stored_at_once(
    connected: Visitor, app: Flask, cash: CashSandbox
) -> None:
    before = rows(app, "settings")
    cash.change_password("25583", "api@example.nl", "nieuw")
    connected.log_in(password="nieuw")
    assert connected.status == 200
    assert connected.page.css_first(".pill").attributes["class"] == "pill on"
    assert rows(app, "settings") == before
    assert len(rows(app)) == 1
    connected.list_warehouses()
    assert connected.status == 200, "the new password is the one that is used"


def test_warehouses_listed_before_stay_with_a_new_password(connected: Visitor) -> None:
    connected.list_warehouses()
    listed = connected.options("export_default_warehouse")
    assert listed
    connected.log_in()
    assert connected.options("export_default_warehouse") == listed


def test_another_environment_replaces_nothing_until_save(connected: Visitor, app: Flask) -> None:
    before = rows(app)
    connected.log_in(**ONE_ADMINISTRATION)
    assert connected.status == 200
    assert rows(app)[0] == before[0]
    assert "54852" in connected.text
    assert "25583" in connected.text
    assert connected.values("settings")["administration"] == "2085/demo", "the only one is chosen"
    assert Visitor(app).open().values("login")["relation_code"] == "25583"
    connected.save()
    assert connected.status == 200
    (login,) = rows(app)
    assert "54852" in login
    assert Visitor(app).open().values("login")["relation_code"] == "54852"


def test_an_administration_that_is_gone_must_be_chosen_anew(connected: Visitor, app: Flask, cash: CashSandbox) -> None:
    before = rows(app)
    cash.show_administrations("25583", "api@example.nl", ["1571/x002", "1571/a024"])
    connected.log_in()
    assert rows(app)[0] == before[0]
    assert connected.values("settings")["administration"] == ""
    connected.save()
    assert connected.status == 422
    assert connected.says("administration-error")
    connected.save(administration="1571/x002")
    assert connected.status == 200
    assert len(rows(app)) == 1


def test_the_same_code_in_another_map_is_another_administration(visitor: Visitor) -> None:
    visitor.log_in()
    assert {"1571/x001", "1702/x001"} <= set(visitor.administrations())
    labels = [option.text() for option in visitor.page.css("#administration option")]
    assert len(labels) == len(set(labels))
    visitor.save(administration="1702/x001")
    assert visitor.get("/").values("settings")["administration"] == "1702/x001"


def test_the_only_administration_is_chosen(visitor: Visitor) -> None:
    visitor.log_in(**ONE_ADMINISTRATION)
    assert visitor.values("settings")["administration"] == "2085/demo"


def test_a_right_login_that_sees_nothing_is_not_called_invalid(visitor: Visitor, app: Flask) -> None:
    visitor.log_in(email="geen@example.nl")
    assert visitor.status == 422
    assert INVALID not in visitor.text
    assert visitor.says("problem")
    assert rows(app) == []


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("inactief@example.nl", 422),
        ("dienst@example.nl", 503),
        ("token@example.nl", 503),
        ("vreemd@example.nl", 503),
        ("storing@example.nl", 503),
        ("druk@example.nl", 429),
    ],
)
def test_each_failure_is_said_for_what_it_is(visitor: Visitor, email: str, status: int) -> None:
    visitor.log_in(email=email)
    assert visitor.status == status
    assert (INVALID in visitor.says("problem")) == (status == 422)
    assert visitor.page.css("#problem code"), "a code that finds the log line"
    assert ("Retry-After" in visitor.response.headers) == (status == 429)
    assert visitor.values("login")["email"] == email
    assert visitor.log_in().status == 200, "and the same form then succeeds"


def test_a_slow_cash_is_given_up_at_the_deadline(
    configuration: dict[str, object], app: Flask, cash: CashSandbox
) -> None:
    visitor = Visitor(create_app({**configuration, "CASH_DEADLINE": 0.5})).open()
    cash.slow(5)
    assert visitor.log_in().status == 503
    cash.recover()
    assert visitor.log_in().status == 200


def test_markup_in_names_is_text(visitor: Visitor) -> None:
    visitor.log_in(email="opmaak@example.nl")
    options = [option.text() for option in visitor.page.css("#administration option")]
    assert any("<img src=x onerror=alert(1)>" in option for option in options)
    assert not visitor.page.css("img")
    assert not any("\u202e" in option for option in options)


# --- a stored login that cannot be read any more ---


def test_a_lost_vault_key_means_log_in_again(connected: Visitor, app: Flask, make_vault: Callable[[], object]) -> None:
    app.extensions["vault"] = make_vault()
    connected.list_warehouses()
    assert connected.status == 422
    assert connected.says("problem")
    assert connected.get("/").status == 200
    assert connected.log_in().status == 200
    connected.list_warehouses()
    assert connected.status == 200


def test_the_password_is_nowhere_in_what_we_answer(connected: Visitor, cash: CashSandbox) -> None:
    assert GOOD_LOGIN["password"] not in connected.response.text
    connected.log_in(password="een-fout-wachtwoord")
    assert "een-fout-wachtwoord" not in connected.response.text


def test_without_javascript_what_was_chosen_stays_over_a_login_that_is_gone(visitor: Visitor, app: Flask) -> None:
    visitor.log_in()
    with connect(app.config["DATABASE"]) as db:
        db.execute("DELETE FROM logins")
    visitor.save(administration="1571/x002", import_employees=True, export_hour_rounding="15")
    assert visitor.status == 422
    assert "keuzes" in visitor.says("problem")
    visitor.log_in()
    values = visitor.values("settings")
    assert (values["administration"], values["import_employees"]) == ("1571/x002", "on")
    assert values["export_hour_rounding"] == "15"


def test_without_javascript_the_page_says_before_what_a_login_loses(connected: Visitor) -> None:
    assert connected.page.css_first("#login noscript").text().strip()
