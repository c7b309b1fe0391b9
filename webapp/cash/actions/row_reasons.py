"""Why a row of Cash is not in OutSmart: each reason word once, with who can mend it and the words for a user."""

from typing import NamedTuple

from ...outbound.failures import Remedy
from ..choices import N_


class Reason(NamedTuple):
    """Who can mend it, and what a user reads."""

    remedy: Remedy
    words: str


REASONS = {
    "not_customer": Reason(Remedy.USER, N_("Not marked as a customer in Cash")),
    "blocked": Reason(Remedy.USER, N_("Blocked in Cash")),
    "no_code": Reason(Remedy.USER, N_("Has no number or code in Cash")),
    "no_name": Reason(Remedy.USER, N_("Has no name in Cash")),
    "no_street": Reason(Remedy.USER, N_("Has no street in Cash")),
    "no_postcode": Reason(Remedy.USER, N_("Has no postal code in Cash")),
    "no_city": Reason(Remedy.USER, N_("Has no city in Cash")),
    "wrong_type": Reason(Remedy.USER, N_("The type of the article is not A, M, E, S or K")),
    "code_too_long": Reason(Remedy.USER, N_("The code is too long for OutSmart")),
    "price_unreadable": Reason(Remedy.USER, N_("The price in Cash cannot be read")),
    "twice": Reason(Remedy.USER, N_("Is in Cash twice; the first one is used")),
    "relation_skipped": Reason(Remedy.USER, N_("Its relation is not imported")),
    "relation_refused": Reason(Remedy.USER, N_("OutSmart refused its relation")),
    "refused": Reason(Remedy.USER, N_("OutSmart refused it")),
    "not_tried": Reason(Remedy.TIME, N_("Not sent yet, because OutSmart refused too many others")),
    "article_fields": Reason(Remedy.OPERATOR, N_("It is not known where Cash keeps the type and unit of articles")),
    "many_gone": Reason(Remedy.USER, N_("Very many are no longer in Cash; confirm that this is right")),
    "both_spellings": Reason(Remedy.USER, N_("OutSmart has numbers both with and without leading zeros")),
    "doubles": Reason(Remedy.USER, N_("OutSmart has the same number or code more than once")),
    "many_changes": Reason(Remedy.USER, N_("More than one in ten rows in OutSmart would change")),
    "first_orders": Reason(Remedy.TIME, N_("The first export begins when there was time to look what waits")),
    "many_orders": Reason(Remedy.USER, N_("Many work orders wait; say which are exported")),
    "read_only": Reason(Remedy.USER, N_("The administration is read-only in Cash: nothing is exported")),
    "stopped": Reason(Remedy.TIME, N_("The synchronisation was stopped")),
}
NO_RUN = {  # why a run could not begin
    "no_login": Reason(Remedy.USER, N_("There is no login to Cash")),
    "login_refused": Reason(Remedy.USER, N_("Cash refuses the stored login; log in again")),
    "no_settings": Reason(Remedy.USER, N_("No administration is chosen")),
    "administration_gone": Reason(Remedy.USER, N_("The login does not see the administration any more")),
    "outsmart_token_missing": Reason(Remedy.OPERATOR, N_("OutSmart is not connected; ask the support of OutSmart")),
    "vault": Reason(Remedy.USER, N_("The stored login cannot be read any more; log in again")),
}
REASONS |= NO_RUN
UNKNOWN = Reason(Remedy.OPERATOR, N_("For a reason that this version does not know"))


def reason(word: str) -> Reason:
    """What a reason word means, also one of another version."""
    return REASONS.get(word, UNKNOWN)
