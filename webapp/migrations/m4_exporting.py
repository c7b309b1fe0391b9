"""Orders on their way to Cash."""

from sqlite_utils import Database

from .steps import migrations


@migrations()
def m041_orders(db: Database) -> None:
    """The ledger of exports: accounts may share an administration, in which each number is given once."""
    texts = ("reference", "digest", "order_nr", "customer", "amount", "outcome", "transaction_id", "said", "reason")
    numbers = ("lines", "attempt", "changed", "looks", "absent_since", "resends", "next_look", "seen")
    db.table("orders").create(
        {
            "account": str,
            "work_order": str,
            "relation_code": str,
            "administration": str,
            "state": str,
            "number": int,  # NULL until it has one
            "owner": str,
            "detail": str,  # JSON
            **dict.fromkeys(texts, str),
            **dict.fromkeys(numbers, int),
        },
        pk=("account", "work_order"),
        not_null={
            *texts,
            *numbers,
            "relation_code",
            "administration",
            "state",
            "attempt",
            "changed",
            "owner",
            "detail",
        },
        strict=True,
    )
    db.table("orders").create_index(["relation_code", "administration", "number"], unique=True)
    db.table("orders").create_index(["relation_code", "administration", "reference"])
    db.table("orders").create_index(["account", "changed"])
    db.execute("CREATE INDEX orders_next_look ON orders (next_look) WHERE next_look > 0")
    db.table("order_books").create(
        {
            "relation_code": str,
            "administration": str,
            "last_number": int,  # the highest that was ever given there, also to orders of accounts that ended
            "reads": str,
        },
        pk=("relation_code", "administration"),
        not_null={"last_number", "reads"},
        strict=True,
    )
    db.table("openings").create(
        {
            "account": str,
            "relation_code": str,
            "administration": str,
            "state": str,  # surveyed, agreed, open
            "at": int,
            "survey": str,  # JSON
        },
        pk=("account", "relation_code", "administration"),
        not_null={"state", "at", "survey"},
        strict=True,
    )


@migrations()
def m042_orders_by_state(db: Database) -> None:
    """Each view of the page asks how many need a person: among all orders of years they are few."""
    db.table("orders").create_index(["account", "state"])
