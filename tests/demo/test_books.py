"""What the sandbox exports, and what becomes of an import."""

from collections import Counter

import pytest
from defusedxml.ElementTree import fromstring

from webapp.demo.records import ARTICLE_TYPE, LAYOUTS, PURCHASE_PRICE, REFERENCES

X001 = {"admCode": "x001", "admMap": "1571"}
ARCHIVE = {"admCode": "a024", "admMap": "1571"}
RENTAL = {"admCode": "x001", "admMap": "1702"}


def relation(number="000900", name="Jansen &amp; Zn.", place="1234 AB Proefdorp"):
    return f"<R0101><F0101>{number}</F0101><F0103>{name}</F0103><F0107>{place}</F0107></R0101>"


def order(number="7001", customer="000100", more=""):
    return f"<R2400><F2400>{number}</F2400><F2220>{customer}</F2220>{more}</R2400>"


def line(more, number="1", of="7001"):
    return f"{order()}<R2410><F2400>{of}</F2400><F2426>{number}</F2426><F2260>A0001</F2260>{more}</R2410>"


def refusal(reply):
    """Code, status and the first error of an import that was refused."""
    error = fromstring(reply["transaction"]["err"])[0][0]
    message, line, source = (element.text for element in error)
    assert (reply["code"], reply["transaction"]["status"]) == (1, "3")
    return message, line, source


def test_the_main_administration_is_as_large_and_as_mixed_as_promised(in_demo):
    relations, articles = in_demo.export("0101"), in_demo.export("2260Z")
    customers = in_demo.export("2220")
    assert (len(relations), len(articles)) == (200, 500)
    assert set(Counter(article[f"F{ARTICLE_TYPE}"] for article in articles)) == set("AMESK")
    assert len(customers) < len(relations)
    assert any(customer["F2226"] == "J" for customer in customers)
    assert any(row.get("F1487") == "J" for row in relations)
    for missing in ("F0103", "F0105", "F0107"):
        assert any(missing not in row for row in relations)
    assert any("F1833" not in row and "F0105" in row for row in relations)
    assert len(in_demo.export("2209")) == 4
    assert len({row["F0101"] for row in relations}) == 200
    assert all(len(article["F2001"]) <= 35 and len(article["F2260"]) <= 20 for article in articles)
    assert all(len(row["F0101"]) == 6 and len(row.get("F0103", "")) <= 35 for row in relations)


@pytest.mark.parametrize("administration", [X001, RENTAL, ARCHIVE])
def test_every_record_points_to_records_that_exist(in_demo, administration):
    tables = {record: in_demo.export(record, administration) for record in LAYOUTS}
    assert all(tables[record] for record in LAYOUTS if record not in ("2400", "2410"))
    keys = {
        record: {tuple(row[f"F{field}"] for field in LAYOUTS[record].key) for row in rows}
        for record, rows in tables.items()
    }
    for record, references in REFERENCES.items():
        for row in tables[record]:
            for field, table in references.items():
                value = row.get(f"F{field}")
                assert not value or (value,) in keys[table], (record, row)
    assert all(len(keys[record]) == len(rows) for record, rows in tables.items())


def test_administrations_with_the_same_code_have_their_own_data(in_demo):
    assert len(in_demo.export("0101", RENTAL)) == 40
    ours = {row["F0101"] for row in in_demo.export("0101")}
    assert ours.isdisjoint(row["F0101"] for row in in_demo.export("0101", RENTAL))


def test_a_key_selects_records_padded_or_not_in_either_case(in_demo):
    assert in_demo.export("0101|100") == in_demo.export("101|000100")
    assert [row["F2260"] for row in in_demo.export("2260|a0001")] == ["A0001"]
    assert {row["F0101"] for row in in_demo.export("2229|000100")} == {"000100"}
    assert len(in_demo.export("2229|100|2")) == 1
    assert in_demo.export("2260|NIETS") == in_demo.export("0101|ABC") == []


def test_letters_add_and_omit_fields(in_demo):
    plain, stock = in_demo.export("2260|A0001")[0], in_demo.export("2260VIZ|A0001")[0]
    assert {"Zjpg", "Z4245", f"F{PURCHASE_PRICE}"} <= plain.keys()
    assert "F2273" not in plain
    assert {"F2273", "F2293"} <= stock.keys()
    assert stock.keys().isdisjoint({"Zjpg", "Z4245", f"F{PURCHASE_PRICE}"})
    assert "," in stock["F2273"]
    assert {"F1829", "F1831"} <= in_demo.export("0101B|100")[0].keys() - in_demo.export("0101|100")[0].keys()
    assert len(in_demo.export("0101PDV|100")[0].keys() - in_demo.export("0101|100")[0].keys()) == 3
    assert {row["F2208"] for row in in_demo.export("2260G|03")} == {"03"}
    assert all("Bakkerij" in row["F0103"] for row in in_demo.export("0101T|bakkerij"))
    assert len(in_demo.export("0101T")) == 200


def test_w_gives_what_changed_lately(in_demo):
    lately, all_ = in_demo.export("0101W|7"), in_demo.export("0101W|9999")
    assert 0 < len(lately) < len(all_) == 200
    assert 0 < len(in_demo.export("2260VW|7")) < 500
    in_demo.import_(f"<CASH>{relation('000101')}</CASH>")
    assert "000101" in [row["F0101"] for row in in_demo.export("0101W|0")]


def test_x_names_every_field(in_demo):
    reply = in_demo("Export", token=in_demo.token, export="2260X|A0001", administration=X001)
    fields = fromstring(reply["exportResult"].removeprefix("Content-type: text/xml "))[0]
    names = {field.tag: field.get("name") for field in fields}
    assert names[f"F{ARTICLE_TYPE}"] == "artikelsoort"
    assert all(names.values())


def test_next_numbers(in_demo):
    assert in_demo.export("2050N") == in_demo.export("2050N") == in_demo.export("2050R") == [{"Z0101": "000300"}]
    assert in_demo.export("2050N") == [{"Z0101": "000301"}]
    assert in_demo.export("0101|300") == [{"F0101": "000300"}]
    assert in_demo.export("8504|26|VERK") == [{"Z0303": "260001"}]


@pytest.mark.parametrize(
    "command", ["", "abc", "9999", "0101Q", "2220W|7", "0101W", "0101W|x", "0101|1|2", "8504", "3600", "2050Q"]
)
def test_commands_cash_does_not_know_give_code_800(in_demo, command):
    reply = in_demo("Export", token=in_demo.token, export=command, administration=X001)
    assert reply["code"] == 800
    assert "exportResult" not in reply


def test_a_missing_administration_is_903_an_unseen_one_800_or_900(in_demo):
    for given in ("", {"admCode": "x001"}, {"admCode": "", "admMap": "1571"}):
        assert in_demo("Export", token=in_demo.token, export="0101", administration=given)["code"] == 903
        assert in_demo.import_("<CASH/>", given)["code"] == 903
    unseen = {"admCode": "demo", "admMap": "2085"}
    assert in_demo("Export", token=in_demo.token, export="0101", administration=unseen)["code"] == 800
    assert in_demo.import_("<CASH/>", unseen)["code"] == 900


def test_an_import_adds_and_then_changes_what_it_mentions(in_demo):
    reply = in_demo.import_(f'<?xml version="1.0"?>\n<CASH>\n  {relation("900")}\n</CASH>')
    assert (reply["code"], reply["transaction"]["status"], reply["transaction"]["err"]) == (1, "2", "")
    assert reply["transaction"]["initiator"] == {"relation": "25583", "user": "271363"}
    assert reply["transaction"]["administration"] == X001
    in_demo.import_("<cash><R0101><F0101>000900</F0101><F0102>jansen</F0102></R0101></cash>")
    assert in_demo.export("0101|900") == [
        {"F0101": "000900", "F0102": "JANSEN", "F0103": "Jansen & Zn.", "F0107": "1234 AB Proefdorp"}
    ]


def test_a_sales_order_with_its_lines_arrives(in_demo):
    head = order(more="<F2401>261009</F2401><F2406>WB-88</F2406><F2205>M01</F2205><F2419>1</F2419>")
    line = (
        "<R2410><F2400>7001</F2400><F2426>1</F2426><F2260>A0001</F2260><F2410>2,50</F2410><F2209>MAG1</F2209></R2410>"
    )
    assert in_demo.import_(f"<CASH>{head}{line}</CASH>")["transaction"]["status"] == "2"
    (arrived,) = in_demo.export("2400|7001")
    assert (arrived["F2401"], arrived["F2406"], arrived["F2220"]) == ("09-10-2026", "WB-88", "000100")
    assert in_demo.export("2410|7001")[0]["F2410"] == "2,50"
    assert in_demo.export("2400", RENTAL) == []


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("<2229><F0101>123456</F0101><F2228>123456</F2228></2229>", "Ongeldige waarde 0101=123456"),
        (relation("ABC"), "Ongeldige waarde 0101=ABC"),
        (relation(name="x" * 36), f"Ongeldige waarde 0103={'x' * 36}"),
        (relation(place=""), "Verplicht veld 0107 ontbreekt"),
        (order(customer="000103"), "Ongeldige waarde 2220=000103"),  # a relation, but no customer
        (order(more="<F2401>09-10-2026</F2401>"), "Ongeldige waarde 2401=09-10-2026"),
        (order(more="<F2401>26109</F2401>"), "Ongeldige waarde 2401=26109"),
        (order(more="<F2401>2611</F2401>"), "Ongeldige waarde 2401=2611"),
        (order(more="<F2401>261301</F2401>"), "Ongeldige waarde 2401=261301"),
        (order(more="<F2419>9</F2419>"), "Ongeldige waarde 2419=9"),
        (order(number=""), "Verplicht veld 2400 ontbreekt"),
        ("<R2400><F2400>1</F2400><F2419>9</F2419></R2400>", "Verplicht veld 2220 ontbreekt"),
        (
            order() + "<R2410><F2400>7001</F2400><F2426>1</F2426><F2260>NIETS</F2260></R2410>",
            "Ongeldige waarde 2260=NIETS",
        ),
        (line("<F2209>MAG9</F2209><F2410>1</F2410>"), "Ongeldige waarde 2209=MAG9"),
        (line("<F2410>1.5</F2410>"), "Ongeldige waarde 2410=1.5"),
        (line("<F2410></F2410>"), "Verplicht veld 2410 ontbreekt"),
        (line("<F2410>1</F2410>", of="7002"), "Ongeldige waarde 2400=7002"),
        (line("<F2410>1</F2410>", number=""), "Verplicht veld 2426 ontbreekt"),
        (order(more=f"<F2405>{'x' * 36}</F2405>"), f"Ongeldige waarde 2405={'x' * 36}"),
        (order(more=f"<F2406>{'x' * 36}</F2406>"), f"Ongeldige waarde 2406={'x' * 36}"),
        ("<R2220><F0101>999999</F0101></R2220>", "Ongeldige waarde 0101=999999"),
        (f"<R2260><F2260>{'X' * 21}</F2260><F2001>Nieuw</F2001></R2260>", f"Ongeldige waarde 2260={'X' * 21}"),
        (f"<R2260><F2260>N1</F2260><F2001>{'x' * 36}</F2001></R2260>", f"Ongeldige waarde 2001={'x' * 36}"),
        ("<R2260><F2260>N1</F2260><F2001>Nieuw</F2001><F2267>1.50</F2267></R2260>", "Ongeldige waarde 2267=1.50"),
        ("<R2260><F2260>N1</F2260></R2260>", "Verplicht veld 2001 ontbreekt"),
        ("<R2260><F2260>N1</F2260><F7777>x</F7777></R2260>", "Onbekend veld 7777"),
        ("<R440><F0101>1</F0101></R440>", "Onbekend record 0440"),
    ],
)
def test_a_wrong_record_refuses_the_whole_import(in_demo, record, message):
    said, line, source = refusal(in_demo.import_(f"<CASH>{relation()}{record}</CASH>"))
    assert said == message
    assert line == ("3" if "R2410" in record else "2")
    assert source.split("|")[0] in record or source.startswith("0440|")
    assert in_demo.export("0101|900") == in_demo.export("2400") == []


def test_a_new_customer_and_a_new_article_come_with_their_order(in_demo):
    article = "<R2260><F2260>nieuw-1</F2260><F2001>Nieuw</F2001><F2267>12,50</F2267></R2260>"
    customer = f"{relation()}<R2220><F0101>900</F0101></R2220>"
    more = "<F2227>900</F2227><F2401>261109</F2401><F2405>Pomp</F2405>"
    line = "<R2410><F2400>7001</F2400><F2426>1</F2426><F2260>NIEUW-1</F2260><F2410>0,2500</F2410></R2410>"
    reply = in_demo.import_(f"<CASH>{customer}{article}{order(customer='900', more=more)}{line}</CASH>")
    assert reply["transaction"]["status"] == "2"
    assert in_demo.export("2220|900") == [{"F0101": "000900"}]
    assert in_demo.export("2260|NIEUW-1")[0]["F2267"] == "12,50"
    assert in_demo.export("2400|7001")[0] == {
        **{"F2400": "7001", "F2220": "000900", "F2227": "000900", "F2401": "09-11-2026", "F2405": "Pomp"},
    }
    assert in_demo.export("2410|7001")[0]["F2410"] == "0,2500"


def test_a_refusal_echoes_the_record(in_demo):
    reply = in_demo.import_("<CASH><2229><F0101>123456</F0101><F2228>1</F2228></2229></CASH>")
    assert refusal(reply) == ("Ongeldige waarde 0101=123456", "1", "2229|0101=123456|2228=1|")


def test_a_read_only_administration_and_unreadable_texts_give_code_900(in_demo):
    assert in_demo.import_(f"<CASH>{relation()}</CASH>", ARCHIVE)["code"] == 900
    for text in ("", "geen xml", "<R0101/>", "<CASH><R0101></CASH>", "<!DOCTYPE a><CASH/>"):
        assert in_demo.import_(text)["code"] == 900


@pytest.mark.parametrize(("reference", "calls"), [("WACHT1-88", 1), ("WACHT", 2)])
def test_an_order_can_be_made_to_wait(in_demo, reference, calls):
    reply = in_demo.import_(f"<CASH>{order(more=f'<F2406>{reference}</F2406>')}</CASH>")
    id = reply["transaction"]["id"]
    states = [in_demo("GetTransaction", token=in_demo.token, id=id)["transaction"] for _ in range(calls + 2)]
    assert reply["transaction"]["status"] == "1"
    assert [state["status"] for state in states] == ["1"] * calls + ["2", "2"]
    assert states[0]["lastUpdate"] == "0000-00-00 00:00:00" != states[-1]["lastUpdate"]
    assert len(in_demo.export("2400|7001")) == 1


def test_a_transaction_is_known_only_to_who_sees_its_administration(in_demo):
    id = in_demo.import_("<CASH/>")["transaction"]["id"]
    assert in_demo("GetTransaction", token=in_demo.token, id="a1b2c3d4e5f6g")["code"] == 902
    in_demo.login(relation="54852", password="welkom")
    assert in_demo("GetTransaction", token=in_demo.token, id=id)["code"] == 902
