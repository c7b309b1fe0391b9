"""The demo records of one administration: the same every time, every name and number made up."""

from collections.abc import Callable
from functools import cache
from itertools import count

from .logins import Administration
from .records import ARTICLE_TYPE, OPEN_ITEMS, OPEN_TOTAL, OVERDUE_TOTAL, PURCHASE_PRICE, UNIT, VAT

Add = Callable[[str, dict[str, str], int], None]
"""Adds a record: its number, its fields, how many days ago it was last changed."""

TRADES = (
    "Bakkerij", "Hotel", "Garage", "Tandartspraktijk", "Kwekerij", "Camping", "Apotheek", "Drukkerij",
    "Slagerij", "Manege", "Basisschool", "Woonzorg", "Sporthal", "Kapsalon", "Brouwerij", "Notariaat",
    "Meubelmakerij", "Zwembad",
)  # fmt: skip
FAMILIES = (
    "Aalders", "Brinksma", "Crouwel", "Dijkshoorn", "Elzinga", "Fopma", "Groeneveld", "Haverkamp",
    "IJsbrandy", "Jorritsma", "Koopal", "Lammertink", "Meijerhof", "Nijenhuis", "Oldehinkel", "Postmus",
    "Quist", "Rozeboom", "Schuilwerve", "Terpstra", "Uilenberg", "Van der Veeken", "Wiltvank", "Zwaagdijk",
    "De Bruijnse",
)  # fmt: skip
STREETS = (
    "Molenpad", "Kerkdreef", "Wilgenkade", "Havenstraatje", "Lindehof", "Oude Rijnweg", "Sluisplein",
    "Nieuwedijk", "Beukenlaantje", "'t Zand", "Stationsdreef", "Kloosterwal", "Vlasakker",
)  # fmt: skip
CITIES = (
    ("8011", "Zwolle"), ("3511", "Utrecht"), ("9711", "Groningen"), ("6811", "Arnhem"), ("5611", "Eindhoven"),
    ("2311", "Leiden"), ("7411", "Deventer"), ("4811", "Breda"), ("1811", "Alkmaar"), ("6211", "Maastricht"),
    ("5211", "'s-Hertogenbosch"),
)  # fmt: skip
FOREIGN = (("9000", "Gent", "BELGIË", "BE"), ("48143", "Münster", "DUITSLAND", "DE"))
GOODS = (
    "Koperbuis", "Knelkoppeling", "Radiator", "Kogelkraan", "Thermostaat", "Expansievat", "Circulatiepomp",
    "Groepenkast", "Installatiekabel", "Wandcontactdoos", "Led-paneel", "Luchtfilter", "Rookmelder",
    "Cv-ketel", "Warmtepomp", "Mengkraan",
)  # fmt: skip
SIZES = (
    "12 mm", "15 mm", "22 mm", "28 mm", "klein", "middel", "groot", "wit", "antraciet",
)  # fmt: skip
HOURS = (
    "Monteur", "Leerling-monteur", "Servicemonteur", "Projectleider", "Werkvoorbereider", "Reistijd",
    "Storingsdienst", "Overwerk 150%", "Overwerk 200%",
)  # fmt: skip
TYPES = "AMAEMAMSAMEAMAESMAAK"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


def seed(administration: Administration, add: Add) -> None:
    """Adds every demo record; administrations differ in number, in names and in relation numbers."""
    for record, fields, days_ago in _records(administration):
        add(record, {**fields}, days_ago)


@cache
def _records(administration: Administration) -> list[tuple[str, dict[str, str], int]]:
    records: list[tuple[str, dict[str, str], int]] = []
    _make(administration, lambda *each: records.append(each))
    return records


def _make(administration: Administration, add: Add) -> None:
    shift = sum(map(ord, administration.id)) % 97
    warehouses = _small_tables(add, shift, administration.warehouses)
    first = administration.first_relation
    suppliers = _relations(add, range(first, first + administration.relations), shift)
    _articles(add, administration.articles, warehouses, suppliers, shift)


def money(cents: int) -> str:
    """An amount as Cash writes it: `1264,50`."""
    return f"{cents // 100},{cents % 100:02d}"


def _small_tables(add: Add, shift: int, places: int) -> list[str]:
    """Groups, employees and as many warehouses as `places`, 2 to 4; returns the warehouse codes."""
    for record, descriptions in (
        ("2203", ("Zakelijk", "Particulier", "Zorg en onderwijs")),
        ("2206", ("Contract", "Los")),
        ("2208", ("Sanitair", "Verwarming", "Elektra", "Ventilatie", "Arbeid")),
        ("2202", ("Voorraad", "Op bestelling")),
    ):
        for n, description in enumerate(descriptions, start=1):
            add(record, {record: f"{n:02d}", "2001": description}, 200)
    for n in range(1, 13):
        name = f"{'ABDEGHJKLMNP'[n - 1]}. {FAMILIES[(n * 3 + shift) % len(FAMILIES)]}"
        blocked = {"2280": "J"} if n == 9 else {}
        add("2205", {"2205": f"M{n:02d}", "2001": name, "0120": f"m{n:02d}@demo.example"} | blocked, n * 11)
    warehouses = [f"MAG{n}" for n in range(1, places + 1)]
    names = ("Hoofdmagazijn", f"Servicebus {shift + 1}", f"Servicebus {shift + 2}", "Retouren")
    for warehouse, name in zip(warehouses, names, strict=False):
        blocked = {"2280": "J" if name == "Retouren" else "N"}
        add("2209", {"2209": warehouse, "2001": name} | blocked, 90)
    return warehouses


def _relations(add: Add, numbers: range, shift: int) -> list[str]:
    """Relations with what belongs to them: some no customer, some blocked, some incomplete. Returns the suppliers."""
    suppliers = []
    incomplete = count()
    for n, number in enumerate(numbers):
        key, days_ago = f"{number:06d}", (n * 13) % 90
        trade = TRADES[n % len(TRADES)]
        name = f"{trade} {FAMILIES[(n + n // len(TRADES) + shift) % len(FAMILIES)]}"
        fields = {
            "0101": key,
            "0102": name.split()[-1][:10].upper(),
            "0103": name,
            "0108": f"099-{5550000 + number}",
            "0111": str(14 + n % 3 * 8),
            "0120": f"info@{trade.lower()}{number}.example",
            "1829": f"{'ABCDEFGHJKLM'[n % 12]}.",
            "1831": name.split()[-1],
            "1479": f"{90000000 + number * 37}",
        } | _address(n + shift)
        if n % 19 == 4:  # no street, no postcode, no city, no name: one after the other
            missing = (("0105", "1833", "1834"), ("0438", "0107"), ("1837", "0107"), ("0102", "0103"))
            for field in missing[next(incomplete) % 4]:
                fields.pop(field, None)
        if n % 23 == 7:
            fields["1487"] = "J"
        if n % 5 == 0:
            cents = ((n + 1) * 3571) % 500000
            fields |= {OPEN_ITEMS: str(1 + n % 3), OPEN_TOTAL: money(cents), OVERDUE_TOTAL: money(cents // 3)}
        add("0101", fields, days_ago)
        if n % 10 == 3:  # a supplier only: no customer
            suppliers.append(key)
            add("2230", {"0101": key}, days_ago)
            continue
        customer = {"0101": key, "2203": f"0{1 + n % 3}", "2205": f"M{1 + n % 12:02d}"}
        add("2220", customer | {"2226": "J" if n % 17 == 5 else "N"}, days_ago)
        if n % 3 == 0:
            attention = f"{fields['1829']} {FAMILIES[(n + 7) % len(FAMILIES)]}"
            add("0105", {"0101": key, "0140": "1", "0103": attention, "0145": "Beheerder"}, days_ago)
        for serial in range(1, 1 + (n % 4 == 0) + (n % 12 == 0) * 2):
            place = _address(n + serial + 40 + shift)
            description = {"2228": str(serial), "2229": f"Vestiging {serial}", "2306": f"{1 + n % 28:02d}-03-2025"}
            add("2229", {"0101": key, "0103": name} | description | place, days_ago)
    return suppliers


def _address(n: int) -> dict[str, str]:
    """Address fields; every seventh only has them joined, the old way (0105, 0107)."""
    street, house = STREETS[n % len(STREETS)], str(1 + n * 7 % 140) + ("a" if n % 6 == 0 else "")
    digits, city = CITIES[n % len(CITIES)]
    country = ("NEDERLAND", "NL")
    postcode = f"{int(digits) + n % 9} {'BDGHKLPRTVX'[n % 11]}{'AEKMNSWZ'[n % 8]}"
    if n % 29 == 11:
        postcode, city, *abroad = FOREIGN[n % 2]
        country = (abroad[0], abroad[1])
    joined = {"0105": f"{street} {house}", "0107": f"{postcode} {city}", "0125": country[0], "0130": country[1]}
    if n % 7 == 2:
        return joined
    return joined | {"0438": postcode, "1833": street, "1834": house, "1837": city}


def _articles(add: Add, number: int, warehouses: list[str], suppliers: list[str], shift: int) -> None:
    """Articles of the types A M E S K, a memo with some, stock of the types A and M in every warehouse."""
    for n in range(number):
        type_ = TYPES[n % len(TYPES)]
        code, days_ago, cents = f"{type_}{n + 1:04d}", (n * 11) % 120, 150 + (n * n * 37 + shift) % 90000
        if type_ == "K":
            name, unit, group = f"Uurloon {HOURS[n // len(TYPES) % len(HOURS)].lower()}", "UUR", "05"
        else:
            name, unit = f"{GOODS[(n + shift) % len(GOODS)]} {SIZES[n % len(SIZES)]}", ("ST", "M", "SET")[n % 3]
            group = f"0{1 + n % 4}"
        stock = [0] * len(warehouses)
        if type_ in "AM":
            stock = [(n * 7 + place * 5) % 60 for place in range(len(warehouses))]
        fields = {
            "2260": code,
            "2261": name.split()[0].upper()[:10],
            "2001": f"{name} {n + 1}",
            "2208": group,
            "2202": f"0{1 + n % 2}",
            "2230": suppliers[n % len(suppliers)] if suppliers and type_ != "K" else "",
            "2267": money(cents),
            PURCHASE_PRICE: money(cents * 6 // 10),
            ARTICLE_TYPE: type_,
            UNIT: unit,
            VAT: "2" if n % 15 == 14 else "1",
            "2273": f"{sum(stock)},00",
            "2293": f"{max(0, sum(stock) - n % 4)},00",
        }
        if n % 25 == 0:
            fields |= {"Zjpg": f"{code}.png", "Z4245": PICTURE}
        add("2260", fields, days_ago)
        if n % 8 == 0:
            add("2269", {"2260": code, "0660": f"Let op: {name.lower()}", "0661": "Zie montagevoorschrift."}, days_ago)
        if type_ in "AM":
            for warehouse, amount in zip(warehouses, stock, strict=True):
                day = {"2298": f"{1 + n % 28:02d}-09-2026"}
                add("2300", {"2209": warehouse, "2260": code, "2273": f"{amount},00"} | day, days_ago)
