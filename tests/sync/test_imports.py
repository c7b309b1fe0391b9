"""Which records of Cash OutSmart gets, and as what."""

import pytest

from webapp.cash.actions.row_reasons import REASONS, UNKNOWN, reason
from webapp.cash.sync.imports import (
    ArticleFields,
    address,
    article,
    employee,
    kind_of_article,
    relation,
    split_place,
    warehouse,
)
from webapp.outsmart.model import ADDRESSES, EMPLOYEES, HOUR_TYPES, MATERIALS, RELATIONS, WAREHOUSES

FIELDS = ArticleFields("9001", "9002", "9003")
RELATION = {
    "0101": "000100",
    "0103": "Bakkerij Quist",
    "0104": "mw. De Bruijnse",
    "0108": "099-1",
    "0116": "NL001234567B01",
    "0120": "info@quist.example",
    "0438": "8011 AB",
    "1197": "06-1",
    "1479": "90000001",
    "1833": "Molenpad",
    "1834": "7a",
    "1837": "Zwolle",
}
JOINED = {"0101": "000100", "0103": "Quist", "0105": "Molenpad 7a", "0107": "8011 AB Zwolle"}
CUSTOMER = {"0101": "000100", "2226": "N"}
ADDRESS = {**RELATION, "2228": "2", "2229": "Vestiging 2"}
ARTICLE = {"2260": "A1", "2001": "Radiator", "2267": "1264,50", "9001": "A", "9002": "ST", "9003": "1"}
HOURS = {**ARTICLE, "2260": "K1", "9001": "K"}
WAREHOUSE = {"2209": "MAG1", "2001": "Hoofdmagazijn", "2280": "N"}
EMPLOYEE = {"2205": "M01", "2001": "A. van der Veeken", "0120": "a@demo.example"}


def without(record: dict[str, str], *fields: str) -> dict[str, str]:
    return {field: text for field, text in record.items() if field not in fields}


def test_a_customer_with_a_whole_address_becomes_a_relation() -> None:
    assert relation(RELATION, CUSTOMER) == {
        "name": "Bakkerij Quist",
        "debtor_number": "000100",
        "street": "Molenpad",
        "house_number": "7a",
        "postal_code": "8011 AB",
        "city": "Zwolle",
        "contact": "mw. De Bruijnse",
        "phone_number": "099-1",
        "mobile": "06-1",
        "email": "info@quist.example",
        "kvk_number": "90000001",
        "vat_number": "NL001234567B01",
    }


def test_that_a_relation_is_active_is_sent_only_where_it_may_be_switched_off() -> None:
    assert relation(RELATION, CUSTOMER, active=True)["active"] == "1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("record", "customer", "why"),
    [
        (RELATION, None, "not_customer"),
        (RELATION, {"2226": "J"}, "blocked"),
        (RELATION, {"2226": "?"}, "blocked"),
        ({**RELATION, "1487": "J"}, CUSTOMER, "blocked"),
        (without(RELATION, "0101"), CUSTOMER, "no_code"),
        ({**RELATION, "0101": "1" * 256}, CUSTOMER, "code_too_long"),
        (without(RELATION, "0103"), CUSTOMER, "no_name"),
        ({**RELATION, "0103": " \x07 "}, CUSTOMER, "no_name"),
        (without(RELATION, "1833"), CUSTOMER, "no_street"),
        (without(RELATION, "0438"), CUSTOMER, "no_postcode"),
        (without(RELATION, "1837"), CUSTOMER, "no_city"),
        ({**JOINED, "0107": "Zwolle"}, CUSTOMER, "no_postcode"),
        ({**JOINED, "0107": "8011 AB"}, CUSTOMER, "no_city"),
    ],
)
def test_every_other_relation_has_one_reason(record: dict[str, str], customer: dict[str, str] | None, why: str) -> None:
    assert relation(record, customer) == why


@pytest.mark.parametrize("blocked", ["", "N", "n", " "])
def test_no_and_nothing_block_nobody(blocked: str) -> None:
    assert isinstance(relation({**RELATION, "1487": blocked}, {"2226": blocked}), dict)


def test_an_address_written_the_old_way_is_read_too() -> None:
    row = relation(JOINED, CUSTOMER)
    assert isinstance(row, dict)
    assert (row["street"], row["house_number"]) == ("Molenpad 7a", "")
    assert (row["postal_code"], row["city"]) == ("8011 AB", "Zwolle")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("8011 AB Zwolle", ("8011 AB", "Zwolle")),
        ("8011AB  Den Haag", ("8011AB", "Den Haag")),
        ("9000 Gent", ("9000", "Gent")),
        ("B-9000 Gent", ("B-9000", "Gent")),
        ("48143 Münster", ("48143", "Münster")),
        ("8011 AB", ("8011 AB", "")),
        ("'s-Hertogenbosch", ("", "'s-Hertogenbosch")),
        ("", ("", "")),
    ],
)
def test_postcode_and_city_in_one_field_are_told_apart(text: str, place: tuple[str, str]) -> None:
    assert split_place(text) == place


def test_a_delivery_address_is_known_by_its_relation_and_its_number() -> None:
    assert address(ADDRESS) == {
        "adr_debtor_nr": "000100",
        "adr_code": "000100-2",
        "adr_line_1": "Molenpad 7a",
        "adr_zip": "8011 AB",
        "adr_city": "Zwolle",
        "adr_remark": "Vestiging 2",
    }
    assert address(without(ADDRESS, "2229"))["adr_remark"] == "Bakkerij Quist"  # type: ignore[index]
    assert address({**JOINED, "2228": "1"})["adr_line_1"] == "Molenpad 7a"  # type: ignore[index]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (without(ADDRESS, "2228"), "no_code"),
        (without(ADDRESS, "0101"), "no_code"),
        ({**ADDRESS, "2228": "1" * 255}, "code_too_long"),
        (without(ADDRESS, "1833"), "no_street"),
        (without(ADDRESS, "0438"), "no_postcode"),
        (without(ADDRESS, "1837"), "no_city"),
    ],
)
def test_every_other_address_has_one_reason(record: dict[str, str], why: str) -> None:
    assert address(record) == why


@pytest.mark.parametrize("letter", "AMES")
def test_articles_of_these_types_become_materials(letter: str) -> None:
    row = article({**ARTICLE, "9001": letter}, FIELDS)
    assert row == {"code": "A1", "description": "Radiator", "price": "1264.50", "unit": "ST", "vat_code": "1"}
    assert kind_of_article({"9001": letter}, FIELDS) == MATERIALS.path


def test_articles_of_type_k_become_hour_types() -> None:
    assert article(HOURS, FIELDS) == {
        "code": "K1",
        "name": "Radiator",
        "cost_booking": "0",
        "sale_booking": "1",
        "sale_price": "1264.50",
        "active": "1",
    }
    assert kind_of_article({"9001": " k "}, FIELDS) == HOUR_TYPES.path


def test_a_material_without_a_unit_or_a_price_gets_the_ones_that_mean_so() -> None:
    row = article(without(ARTICLE, "9002", "2267"), FIELDS)
    assert (row["unit"], row["price"]) == ("stuks", "0.00")  # type: ignore[index]


def test_no_vat_code_is_sent_where_nobody_knows_its_field() -> None:
    assert "vat_code" not in article(ARTICLE, ArticleFields("9001", "9002"))


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({**ARTICLE, "9001": "X"}, "wrong_type"),
        ({**ARTICLE, "9001": "AM"}, "wrong_type"),
        (without(ARTICLE, "9001"), "wrong_type"),
        (without(ARTICLE, "2260"), "no_code"),
        ({**ARTICLE, "2260": "A" * 256}, "code_too_long"),
        ({**HOURS, "2260": "K" * 56}, "code_too_long"),
        (without(ARTICLE, "2001"), "no_name"),
        ({**ARTICLE, "2267": "12.50"}, "price_unreadable"),
        ({**ARTICLE, "2267": "1.264,50"}, "price_unreadable"),
        ({**ARTICLE, "2267": "gratis"}, "price_unreadable"),
        ({**ARTICLE, "2267": "1" * 16}, "price_unreadable"),
    ],
)
def test_every_other_article_has_one_reason(record: dict[str, str], why: str) -> None:
    assert article(record, FIELDS) == why


def test_a_code_is_never_shortened_and_a_long_name_is() -> None:
    assert article({**ARTICLE, "2260": "A" * 255}, FIELDS)["code"] == "A" * 255  # type: ignore[index]
    assert len(relation({**RELATION, "0103": "x" * 300}, CUSTOMER)["name"]) == 255  # type: ignore[index]
    assert len(article({**HOURS, "2001": "x" * 300}, FIELDS)["name"]) == 255  # type: ignore[index]


def test_warehouses_that_are_not_blocked_come_along() -> None:
    assert warehouse(WAREHOUSE) == {
        "wse_code": "MAG1",
        "wse_description": "Hoofdmagazijn",
        "wse_type": "BUILDING",
        "wse_external_id": "MAG1",
    }
    assert warehouse(without(WAREHOUSE, "2001"))["wse_description"] == "MAG1"  # type: ignore[index]
    assert warehouse({**WAREHOUSE, "2280": "J"}) == "blocked"
    assert warehouse(without(WAREHOUSE, "2209")) == "no_code"


def test_employees_have_a_first_and_a_last_name() -> None:
    assert employee(EMPLOYEE) == {
        "number": "M01",
        "firstname": "A.",
        "lastname": "van der Veeken",
        "email": "a@demo.example",
    }
    assert employee({**EMPLOYEE, "2001": "Quist"})["lastname"] == "M01"  # type: ignore[index]
    assert employee(without(EMPLOYEE, "2001")) == "no_name"
    assert employee(without(EMPLOYEE, "2205")) == "no_code"
    assert employee({**EMPLOYEE, "2280": "J"}) == "blocked"


def test_every_row_has_what_outsmart_requires() -> None:
    rows = {
        RELATIONS: relation(RELATION, CUSTOMER),
        ADDRESSES: address(ADDRESS),
        MATERIALS: article(ARTICLE, FIELDS),
        HOUR_TYPES: article(HOURS, FIELDS),
        WAREHOUSES: warehouse(WAREHOUSE),
        EMPLOYEES: employee(EMPLOYEE),
    }
    for kind, row in rows.items():
        assert isinstance(row, dict)
        assert not [field for field in kind.required if not row.get(field)]


def test_a_reason_of_another_version_has_words_too() -> None:
    assert reason("blocked") is REASONS["blocked"]
    assert reason("of next year") is UNKNOWN
