"""Who can log in to the sandbox, what each login sees, and how each login can be made to fail."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Administration:
    """One administration; its code is unique only within its map, the folder of a relation."""

    map: str
    code: str
    name: str
    relations: int = 12
    articles: int = 20
    warehouses: int = 2
    """How many of each its books hold; 2 to 4 warehouses."""
    first_relation: int = 1000
    read_only: bool = False

    @property
    def id(self) -> str:
        """Map and code, as in `1571/x001`."""
        return f"{self.map}/{self.code}"


@dataclass(frozen=True)
class DemoLogin:
    """A login of the sandbox with one reproducible outcome, and how that outcome comes about."""

    relation_code: str
    email: str
    password: str = field(repr=False)
    outcome: str
    sees: tuple[str, ...] = ()
    """Ids of the administrations this login sees."""
    code: int = 1
    """The response code when it logs in."""
    export_code: int = 1
    """The response code when it exports."""
    status: int = 200
    """The HTTP status when it logs in."""
    seconds: float = 0
    """How long it waits for the answer when it logs in."""


_SEVERAL = (
    Administration("1571", "x001", "Demo B.V.", relations=200, articles=500, warehouses=4, first_relation=100),
    Administration("1571", "x002", "Demo Service B.V.", relations=60, articles=80, warehouses=3, first_relation=2000),
    Administration("1571", "a024", "Demo Archief 2024", relations=30, articles=40, read_only=True),
    Administration("1702", "x001", "Demo Verhuur B.V.", relations=40, articles=50, first_relation=5000),
)
_ONE = Administration(
    "2085", "demo", "Installatiebedrijf Oosterbeek", relations=50, articles=60, warehouses=3, first_relation=7000
)
_READ_ONLY = Administration("2140", "a023", "Archief 2023", read_only=True)
_MANY = tuple(Administration("3001", f"k{n:03d}", f"Klant {n:02d} B.V.") for n in range(1, 61))
_MARKED_UP = tuple(
    Administration("6660", f"m{n:03d}", name)
    for n, name in enumerate(
        (
            "<img src=x onerror=alert(1)>",
            "\"><script>alert('cash')</script>",
            "Jansen & Zn. &amp; {{ 7*7 }} ${7*7}",
            "Regel\u0085einde",
            "Tab\tnaam\nmet regel",
            "Omgekeerd \u202e.V.B omeD",
            "Lang " + "Heel" * 60,
        ),
        start=1,
    )
)
ADMINISTRATIONS: dict[str, Administration] = {
    administration.id: administration for administration in (*_SEVERAL, _ONE, _READ_ONLY, *_MANY, *_MARKED_UP)
}


def _ids(administrations: tuple[Administration, ...]) -> tuple[str, ...]:
    return tuple(administration.id for administration in administrations)


def _fault(
    email: str, outcome: str, *, code: int = 1, export_code: int = 1, status: int = 200, seconds: float = 0
) -> DemoLogin:
    """A login of relation 25583 that sees several administrations, but for its fault."""
    return DemoLogin("25583", email, "geheim", outcome, _ids(_SEVERAL), code, export_code, status, seconds)


LOGINS: tuple[DemoLogin, ...] = (
    DemoLogin("25583", "api@example.nl", "geheim", "several administrations", _ids(_SEVERAL)),
    DemoLogin("54852", "api@example.nl", "welkom", "exactly one administration", (_ONE.id,)),
    DemoLogin("25583", "geen@example.nl", "geheim", "no administration visible"),
    DemoLogin("25583", "veel@example.nl", "geheim", "sixty administrations", _ids(_MANY)),
    DemoLogin("25583", "lezen@example.nl", "geheim", "one administration, read-only", (_READ_ONLY.id,)),
    DemoLogin("25583", "opmaak@example.nl", "geheim", "markup in administration names", _ids(_MARKED_UP)),
    _fault("inactief@example.nl", "rejected: the user is not active (code 2)", code=2),
    _fault("dienst@example.nl", "our service is not recognised (code 7)", code=7),
    _fault("token@example.nl", "no token is issued (code 4)", code=4),
    _fault("vreemd@example.nl", "a response code nobody knows (1234)", code=1234),
    _fault("traag@example.nl", "slow: answers after 4 seconds", seconds=4),
    _fault("tetraag@example.nl", "too slow: answers after 30 seconds", seconds=30),
    _fault("storing@example.nl", "down: HTTP 503 with a maintenance page", status=503),
    _fault("druk@example.nl", "busy: HTTP 429, try again after 30 seconds", status=429),
    _fault("slot@example.nl", "locked: every export fails (code 300)", export_code=300),
)
