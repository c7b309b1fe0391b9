"""The records of the sandbox: their keys and fields, and what a value may look like on import."""

import re
from dataclasses import dataclass
from datetime import datetime

# Placeholders: the real field numbers are in no public source (ASSUMPTION-24, and the P D V properties of 0101).
ARTICLE_TYPE = "9001"
UNIT = "9002"
VAT = "9003"
PURCHASE_PRICE = "9004"
OPEN_ITEMS = "9011"
OPEN_TOTAL = "9012"
OVERDUE_TOTAL = "9013"


@dataclass(frozen=True)
class Layout:
    """One kind of record: its Dutch name, key fields, all fields in order, and what a new one must have."""

    name: str
    key: tuple[str, ...]
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()


def _layout(name: str, key: str, fields: str, required: str = "") -> Layout:
    return Layout(name, tuple(key.split()), tuple(f"{key} {fields}".split()), tuple(required.split()))


LAYOUTS: dict[str, Layout] = {
    "0101": _layout(
        "relaties",
        "0101",
        "0102 0103 0104 0105 0106 0107 0108 0110 0111 0112 0115 0116 0120 0125 0127 0130 0174 0350 0358 0438 0671"
        f" 1197 1321 1479 1487 1829 1831 1833 1834 1837 {OPEN_ITEMS} {OPEN_TOTAL} {OVERDUE_TOTAL}",
        "0103 0107",
    ),
    "0105": _layout("contactpersonen", "0101 0140", "0103 0144 0145 0127 0120 1493", "0103"),
    "2202": _layout("artikelgroep 2", "2202", "2001"),
    "2203": _layout("klantgroep", "2203", "2001"),
    "2206": _layout("klantgroep 2", "2206", "2001"),
    "2208": _layout("artikelgroep", "2208", "2001"),
    "2205": _layout("medewerkers", "2205", "2001 0120 2280", "2001"),
    "2209": _layout("magazijnen", "2209", "2001 0101 2280 3289 3297 3422", "2001"),
    "2220": _layout(
        "klanten",
        "0101",
        "0440 2004 2167 2200 2203 2204 2205 2206 2212 2215 2222 2223 2224 2225 2226 2227 2245 2422 3215",
    ),
    "2229": _layout(
        "afleveradressen",
        "0101 2228",
        "2229 0103 0104 0105 0107 0108 0115 0125 0130 0438 1833 1834 1837 2306 2888",
    ),
    "2230": _layout("leveranciers", "0101", ""),
    "2260": _layout(
        "artikelen",
        "2260",
        f"2261 2001 2208 2202 2230 2267 {PURCHASE_PRICE} {ARTICLE_TYPE} {UNIT} {VAT} 2273 2293 Zjpg Z4245",
        "2001",
    ),
    "2269": _layout("artikelmemo", "2260", " ".join(f"06{n}" for n in range(60, 70))),
    "2300": _layout("voorraad", "2209 2260", "2273 2298"),
    "2400": _layout(
        "verkooporders",
        "2400",
        "2220 2227 2401 2402 2404 2405 2408 2406 2419 2205 2237 2002 2210 2211 2217 2218 2212 2215 2216 2242 2332"
        " 2333 2407 2409 2418 2422 2424 2901 2911 2983",
        "2220",
    ),
    "2410": _layout(
        "verkooporderregels",
        "2400 2426",
        "2260 2001 2410 2267 2417 2002 2209 2402 2437 2438 2459 2622",
        "2260 2410",
    ),
}

NAMES: dict[str, str] = {
    "0101": "relatienummer", "0102": "zoeknaam", "0103": "naam", "0104": "t.a.v.", "0105": "adres",
    "0106": "fax", "0107": "postcode en plaats", "0108": "telefoon", "0110": "IBAN", "0111": "betaaldagen",
    "0112": "eigenschappen", "0115": "opmerking", "0116": "btw-nummer", "0120": "e-mail", "0125": "land",
    "0127": "aanhef", "0130": "landcode", "0140": "volgnummer", "0144": "mobiel", "0145": "functie",
    "0438": "postcode", "0440": "ABC-levering", "0671": "website", "1197": "mobiel", "1479": "KvK-nummer",
    "1487": "geblokkeerd", "1493": "mailen", "1829": "voorletters", "1831": "achternaam", "1833": "straat",
    "1834": "huisnummer", "1837": "woonplaats", "2001": "omschrijving", "2002": "korting %",
    "2202": "artikelgroep 2", "2203": "klantgroep", "2205": "medewerker", "2206": "klantgroep 2",
    "2208": "artikelgroep", "2209": "magazijn", "2220": "klant", "2226": "geblokkeerd",
    "2227": "factuurrelatie", "2228": "volgnummer", "2229": "omschrijving", "2230": "leverancier",
    "2260": "artikelcode", "2261": "zoeknaam", "2267": "verkoopprijs", "2273": "technische voorraad",
    "2280": "geblokkeerd", "2293": "vrije voorraad", "2298": "mutatiedatum", "2306": "datum",
    "2400": "ordernummer", "2401": "orderdatum", "2402": "leverdatum", "2404": "status",
    "2405": "omschrijving", "2406": "referentie", "2410": "aantal besteld", "2419": "afleveradres",
    "2426": "volgnummer", "3289": "transit", "3297": "soort voorraad", "3422": "interne levering",
    ARTICLE_TYPE: "artikelsoort", UNIT: "eenheid", VAT: "btw-code", PURCHASE_PRICE: "inkoopprijs",
    OPEN_ITEMS: "openstaande posten", OPEN_TOTAL: "totaal openstaand", OVERDUE_TOTAL: "totaal vervallen",
    "Zjpg": "naam afbeelding", "Z4245": "afbeelding",
}  # fmt: skip

# Which record a field points to; the value must exist there.
REFERENCES: dict[str, dict[str, str]] = {
    "0105": {"0101": "0101"},
    "2209": {"0101": "0101"},
    "2220": {"0101": "0101", "2203": "2203", "2205": "2205", "2206": "2206", "2227": "0101"},
    "2229": {"0101": "0101"},
    "2230": {"0101": "0101"},
    "2260": {"2202": "2202", "2208": "2208", "2230": "2230"},
    "2269": {"2260": "2260"},
    "2400": {"2220": "2220", "2205": "2205", "2227": "0101"},
    "2410": {"2400": "2400", "2260": "2260", "2209": "2209"},
}

_RELATION_NUMBERS = {"0101", "2220", "2227"}
_NUMBERS = {"0140", "2228", "2400", "2419", "2426"}
_DATES = {"2306", "2401", "2402"}
_DECIMALS = {"2002", "2267", "2273", "2293", "2409", "2410", "2417", "2437", "2438", "2459", PURCHASE_PRICE}
_UPPER_CASE = {"0102", "2202", "2203", "2205", "2206", "2208", "2209", "2260", "2261", ARTICLE_TYPE}
# Of 0102 and 0103 (WP, H); the others are as long as these (ASSUMPTION), a code twice as long.
_LENGTHS = {"0102": 10, "0103": 35, "2260": 20, "2261": 10, **dict.fromkeys(("2001", "2405", "2406", "2408"), 35)}


def stored(record: str, field: str, text: str) -> str:
    """The value as the books keep it: padded relation number, DD-MM-YYYY date, upper-case code.

    Dates come in as YYMMDD (ASSUMPTION-20), amounts with a comma (ASSUMPTION-21). Raises ValueError.
    """
    text = text.strip()
    if not text:
        return ""
    if field in _RELATION_NUMBERS or (field == "2230" and record == "2260"):
        return _digits(text, 6).zfill(6)
    if field in _NUMBERS:
        return str(int(_digits(text, 10)))
    if field in _DATES:
        return datetime.strptime(_digits(text, 6, 6), "%y%m%d").strftime("%d-%m-%Y")
    if field in _DECIMALS and not re.fullmatch(r"-?[0-9]+(,[0-9]{1,4})?", text):
        raise ValueError(text)
    if len(text) > _LENGTHS.get(field, 2000):
        raise ValueError(text)
    return text.upper() if field in _UPPER_CASE else text


def _digits(text: str, longest: int, shortest: int = 1) -> str:
    if not re.fullmatch(f"[0-9]{{{shortest},{longest}}}", text):
        raise ValueError(text)
    return text
