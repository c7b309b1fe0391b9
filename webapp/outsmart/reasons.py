"""Why OutSmart did not do what was asked: the words of any call, and those that only OutSmart has."""

from ..outbound import failures
from ..outbound.failures import Meaning, Remedy

OK, NOT_FOUND, NOT_CHANGED = 200, 1500, 1503
UNCAUGHT = 1007  # also what a bad row gets, where it has no code of its own
NOT_ABOUT_ROWS = {14, 15, 16}  # hundreds: location, work orders, deleting

REASONS = failures.REASONS | {
    "maintenance": Meaning(Remedy.TIME, "down", down=True),  # a web page came instead of JSON
    "not_json": Meaning(Remedy.TIME, "unusable", down=True),  # the reply is empty, cut or damaged
    "not_envelope": Meaning(Remedy.TIME, "unusable", down=True),  # JSON, but not code, messages and response
    "no_list": Meaning(Remedy.TIME, "unusable"),  # OutSmart says it went well, and gives no list, not even an empty one
    "code_1000": Meaning(Remedy.OPERATOR, "attention"),  # the address of OutSmart is wrong
    "code_1001": Meaning(Remedy.OPERATOR, "attention"),
    "code_1002": Meaning(Remedy.USER, "rejected"),  # the account has no token
    "code_1003": Meaning(Remedy.OPERATOR, "attention"),  # we have no software token
    "code_1004": Meaning(Remedy.USER, "rejected"),  # the token of the account is not accepted
    "code_1005": Meaning(Remedy.OPERATOR, "attention"),  # ours is wrong, or the account's was made for another package
    "code_1006": Meaning(Remedy.OPERATOR, "attention"),  # HTTPS is required
    "code_1007": Meaning(Remedy.TIME, "unusable"),  # an error of OutSmart that it did not catch
    "code_1008": Meaning(Remedy.OPERATOR, "attention"),  # there is no body
    "code_1009": Meaning(Remedy.OPERATOR, "attention"),  # the body is no JSON
    "code_1500": Meaning(Remedy.USER, "gone"),  # no such work order
    "code_1502": Meaning(Remedy.OPERATOR, "attention"),  # nothing to change was named
    "code_1503": Meaning(Remedy.OPERATOR, "attention"),  # nothing was changed: the value is there already
    "code_1504": Meaning(Remedy.OPERATOR, "attention"),  # a date, a time or an employee is wrong
    "code_*": Meaning(Remedy.OPERATOR, "attention"),  # any other code
}


def meaning_of(word: str) -> Meaning:
    """What a reason word means, also one that nobody knows (any more)."""
    return failures.look_up(word, REASONS)


def is_about_rows(code: int) -> bool:
    """Whether a code refuses rows: 1200 could not be stored, 1201 lacks a field, and so on for each kind.

    Any hundred will do: addresses and warehouses have no documented one, and work statuses were seen with another's.
    """
    hundred, rest = divmod(code, 100)
    return code == UNCAUGHT or (hundred > 10 and rest in (0, 1) and hundred not in NOT_ABOUT_ROWS)
