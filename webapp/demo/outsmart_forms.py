"""What the forms of the OutSmart sandbox do with work orders that no API does."""

from .outsmart_orders import COMPLETE, STATES
from .outsmart_routes import Account
from .outsmart_visits import described


def change_orders(asked: str, said: dict[str, str], account: Account) -> None:
    """`POST /orders/new` makes one, `POST /orders` changes one. KeyError and ValueError for what there is not."""
    state = _state(said)
    if asked == "POST /orders/new":
        account.orders.add({**described(said, account.tables.all()), **state})
    elif asked == "POST /orders":
        account.orders.change(said["id"], {**state})
    else:
        raise KeyError(asked)


def _state(said: dict[str, str]) -> dict[str, str]:
    """A work order that is complete is finished too."""
    status = said["status"]
    if status not in STATES:
        raise ValueError(status)
    archived = {"Archived": said["archived"]} if "archived" in said else {}
    return {"status": status, "WorkStatus": said["work_status"], "WorkFinished": "01"[status == COMPLETE], **archived}
