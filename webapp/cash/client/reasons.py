"""Why Cash did not do what was asked: the words of any call, and those that only Cash has."""

from ...outbound import failures
from ...outbound.failures import CallFailed, Meaning, Remedy

# Response codes: VDBF, H.
REASONS = failures.REASONS | {
    "maintenance": Meaning(Remedy.TIME, "down", down=True, stale=True),  # a web page came instead of XML
    "not_xml": Meaning(Remedy.TIME, "unusable", down=True, stale=True),  # the reply, or XML in it, is damaged
    "not_soap": Meaning(Remedy.TIME, "unusable", down=True, stale=True),  # XML, but no SOAP
    "not_wsdl": Meaning(Remedy.TIME, "unusable", down=True),  # what is at the address of the WSDL is none
    "unsafe_xml": Meaning(Remedy.TIME, "unusable"),  # it has a DTD or entities
    "soap_fault": Meaning(Remedy.TIME, "unusable", stale=True),
    "no_token": Meaning(Remedy.TIME, "unusable"),  # Cash accepted the login, and gave nothing to go on with
    "no_code": Meaning(Remedy.OPERATOR, "attention", stale=True),  # the answer has no response code
    "unknown_list": Meaning(Remedy.OPERATOR, "attention"),  # the administrations come in another shape
    "unknown_status": Meaning(Remedy.OPERATOR, "attention"),  # a transaction is neither pending, done nor refused
    "wsdl_part": Meaning(Remedy.OPERATOR, "attention", stale=True),  # a part of an operation is unknown or missing
    "wsdl_operation": Meaning(Remedy.OPERATOR, "attention", stale=True),  # an operation is missing, or unusable
    "wsdl_style": Meaning(Remedy.OPERATOR, "attention"),  # an operation is not in RPC style
    "wsdl_address": Meaning(Remedy.OPERATOR, "attention"),  # the WSDL sends calls to another host; never followed
    "no_administration": Meaning(Remedy.USER, "sees_nothing"),
    "code_2": Meaning(Remedy.USER, "rejected"),  # relation code, email address or password is wrong
    "code_3": Meaning(Remedy.TIME, "unusable"),  # trouble with a file at Cash
    "code_4": Meaning(Remedy.TIME, "unusable"),  # no token could be issued
    "code_5": Meaning(Remedy.TIME, "unusable"),  # the token is invalid, also a new one
    "code_6": Meaning(Remedy.TIME, "unusable"),  # the token is corrupted, also a new one
    "code_7": Meaning(Remedy.OPERATOR, "attention"),  # Cash does not know our service id
    "code_200": Meaning(Remedy.TIME, "unusable"),
    "code_300": Meaning(Remedy.TIME, "unusable"),  # the administration is locked
    "code_400": Meaning(Remedy.TIME, "unusable"),
    "code_500": Meaning(Remedy.TIME, "unusable"),
    "code_600": Meaning(Remedy.TIME, "unusable"),
    "code_700": Meaning(Remedy.TIME, "unusable"),
    "code_800": Meaning(Remedy.OPERATOR, "attention"),  # Cash cannot export: the command, rights, a missing module
    "code_900": Meaning(Remedy.OPERATOR, "attention"),  # Cash cannot import
    "code_901": Meaning(Remedy.OPERATOR, "attention"),
    "code_902": Meaning(Remedy.OPERATOR, "attention"),  # Cash does not know the transaction
    "code_903": Meaning(Remedy.OPERATOR, "attention"),  # the administration was not named
    "code_*": Meaning(Remedy.OPERATOR, "attention"),  # any other code: no source lists it
}


def meaning_of(word: str) -> Meaning:
    """What a reason word means, also one that nobody knows (any more)."""
    return failures.look_up(word, REASONS)


def is_down(word: str) -> bool:
    """Whether a call that failed so means that nobody can work with Cash."""
    return meaning_of(word).down


def is_rejection(word: str) -> bool:
    """Whether Cash refused the login."""
    return meaning_of(word).words == "rejected"


class ResponseError(CallFailed):
    """Cash answered, with a response code other than 1 (VDBF, H)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code_{code}", f"Cash answers with code {code}")
        self.code = code
