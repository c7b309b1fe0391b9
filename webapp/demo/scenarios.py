"""What there is to try: accounts in a state worth seeing, and logins with what one sees when they are sent."""

from dataclasses import dataclass, replace

from .logins import LOGINS, DemoLogin


@dataclass(frozen=True)
class Scenario:
    """One thing to try, in an account of its own; the login stands in the form when the page is opened."""

    key: str
    title: str
    see: str
    account: str
    company: str = "Demo Installatie B.V."
    login: DemoLogin | None = None


_LOGINS = {login.email.partition("@")[0] + login.relation_code: login for login in LOGINS}
API = _LOGINS["api25583"]
WRONG = replace(API, password=API.password.upper())

YEAR = Scenario(
    "year",
    "Connected for a year",
    "Connection, choices and log in one view. The log goes back a year, with two outages and a "
    "wrong password; open a save to see what it changed, or to restore it.",
    "1001",
)
NEW = Scenario(
    "new",
    "New customer",
    "The login is filled in: press Submit, choose an administration and what to import, then press Save.",
    "1002",
    "Tweede Demo Techniek",
    API,
)


def _login(key: str, title: str, see: str, login: DemoLogin | None = None) -> Scenario:
    return Scenario(key, title, see, f"scenario-{key}", login=login or _LOGINS[f"{key}25583"])


SEEN = (
    _login("een", "One", "Submit: the only administration is chosen already.", _LOGINS["api54852"]),
    _login("veel", "Sixty", "Submit: sixty administrations to choose from, as an accountant has."),
    _login("geen", "None", "Submit: the login is right but sees no administration. The page says what to do."),
    _login("lezen", "Read-only", "Submit: an archive. It can be imported from, but takes no sales orders."),
    _login("opmaak", "Odd names", "Submit: names with markup in them are shown as they are, and nothing of them runs."),
)
TROUBLE = (
    _login("fout", "Wrong password", "Submit: the words support knows, Gegevens API gebruiker niet geldig.", WRONG),
    _login("inactief", "Inactive", "Submit: Cash gives the same answer as for a wrong password."),
    _login("dienst", "Service id", "Submit: Cash does not know our service id. A support code leads to the log line."),
    _login("vreemd", "Odd code", "Submit: a code nobody has heard of is no dead end, but a support code."),
    _login(
        "token", "No token", "Submit: Cash issues no token, so nobody can log in. Nothing was changed; try again later."
    ),
    _login("traag", "Slow", "Submit: after four seconds it works. Meanwhile the page says that it asks Cash."),
    _login("tetraag", "Too slow", "Submit: after ten seconds the page gives up, and says so."),
    _login("storing", "Maintenance", "Submit: Cash shows a maintenance page. Nothing was changed; try again later."),
    _login("druk", "Busy", "Submit: Cash asks for half a minute; the page counts it down."),
    _login(
        "slot",
        "Locked",
        "Submit, then choose: warehouses cannot be listed, all else can be saved.",
    ),
)
SCENARIOS = {each.key: each for each in (YEAR, NEW, *SEEN, *TROUBLE)}
