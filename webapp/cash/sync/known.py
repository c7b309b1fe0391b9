"""Whether Cash has the customers, articles and hour types of an order; what is missing is made, where it may be."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

from ...outbound.text import clean
from ...outsmart.model import ADDRESSES, HOUR_TYPES, MATERIALS, RELATIONS, Kind
from ...outsmart.values import read_decimal, write_decimal
from ..client.errors import CashFault, ImportLost
from ..client.session import CashSession
from ..model import Transaction, TransactionStatus, read
from ..store.sent import GONE
from .compare import fold
from .order_records import LONGEST_NUMBER, Records, article_record, customer_records, padded
from .orders import Customer, Line, Problem, SalesOrder, Unsendable
from .parts import Parts
from .plan import Marks

POLLS, POLL_SECONDS = 5, 3
NO_TRANSACTION = {"code_901", "code_902"}  # it failed, or Cash does not know it (VDBF, H)


class NotYet(Exception):
    """Whether something was made is not known, and the next run sees; `problem` is what it is if that lasts."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Known:
    """What Cash has, as far as it was seen in this run or an import brought it to OutSmart.

    `made` tells what was made, by kind: code and name.
    """

    def __init__(self, account: str, parts: Parts, session: CashSession) -> None:
        self._account, self._parts, self._session = account, parts, session
        self._here: dict[tuple[str, str], bool] = {}
        self._sent = set[tuple[str, str]]()  # what may still land
        self._marks = read(Marks, parts.marks.last(account)) or Marks()
        self._names: Mapping[str, Mapping[str, str]] | None = None
        self.made: list[tuple[str, str, str]] = []

    def prepare(self, order: SalesOrder) -> None:
        """Makes what is missing; raises Unsendable, NotYet, CashError, OutSmartError, Stopped."""
        if problems := self.problems(order):
            raise Unsendable(problems)
        if not self._has_customer(order.customer.number):
            self._make_customer(order.customer)
        for line in self._missing(order):
            self._make_article(line)

    def addressed(self, order: SalesOrder) -> SalesOrder:
        """The order without a delivery address that is none of those which were imported."""
        key = f"{order.customer.number}-{order.address}"
        return order if order.address and self._is_sent(ADDRESSES, key) else replace(order, address="")

    def problems(self, order: SalesOrder) -> list[Problem]:
        """What is missing in Cash and may not, or cannot, be made; reads only."""
        settings = self._parts.settings
        found = []
        if not self._has_customer(order.customer.number):
            if not settings.export_new_relations:
                found.append(Problem("customer_unknown", 0, order.customer.number))
            elif problem := _customer_problem(order.customer):
                found.append(problem)
        for line in self._missing(order):
            word = "hour_type_unknown" if line.is_hours else "article_unknown"
            if not settings.export_new_materials or (line.is_hours and not self._can_make(line)):
                found.append(Problem(word, order.lines.index(line) + 1, line.code))
        return found

    def lacks(self, order: SalesOrder) -> tuple[list[str], list[str]]:
        """The customers and the articles that would be made."""
        customer = order.customer
        missing = [] if self._has_customer(customer.number) else [f"{customer.number} {customer.name}".strip()]
        return missing, [f"{line.code} {line.name}".strip() for line in self._missing(order)]

    def _missing(self, order: SalesOrder) -> list[Line]:
        """The first line of each article, which Cash knows in capital letters."""
        first = dict[str, Line]()
        for line in order.lines:
            first.setdefault(line.code.upper(), line)
        return [line for line in first.values() if not self._has_article(line.code)]

    def _has_customer(self, number: str) -> bool:
        return self._is_sent(RELATIONS, number) or self._reads("2220", padded(number))

    def _has_article(self, code: str) -> bool:
        return self._is_sent(MATERIALS, code) or self._is_sent(HOUR_TYPES, code) or self._reads("2260", code)

    def _is_sent(self, kind: Kind, code: str) -> bool:
        key = fold(kind.path, code)
        row = self._parts.sent.known(self._account, kind.path, [key]).get(key)
        here = row is not None and row.administration == self._parts.administration.id
        return here and row is not None and row.hash not in ("", GONE) and not row.gone

    def _reads(self, record: str, key: str) -> bool:
        """Whether Cash has the record, as it was seen in this run."""
        known = record, key.upper()
        if known not in self._here:
            self._here[known] = self._looks(record, key)
        return self._here[known]

    def _looks(self, record: str, key: str) -> bool:
        self._parts.go_on()
        with closing(self._session.export(self._parts.administration, record, key)) as records:
            return len(list(records)) > 0

    def _make_customer(self, customer: Customer) -> None:
        number = padded(customer.number)
        made = customer_records(customer, relation=self._looks("0101", number))
        self._make("2220", number, customer.name, made, "customer_not_made")

    def _can_make(self, line: Line) -> bool:
        return bool(self._marks.type_field) and line.code in self._hour_types()

    def _make_article(self, line: Line) -> None:
        if line.is_hours:
            about = self._hour_types()[line.code]
            line = replace(line, name=clean(about.get("name", "")), price=_price(about.get("sale_price", "")))
        made = article_record(line, self._marks.type_field, self._marks.unit_field)
        self._make("2260", line.code, line.name, made, "article_not_made")

    def _hour_types(self) -> Mapping[str, Mapping[str, str]]:
        """Those of OutSmart by code: a work order names no more than that."""
        if self._names is None:
            rows = self._parts.patiently(lambda: list(self._parts.outsmart.get(HOUR_TYPES)))
            self._names = {row.get("code", "").strip(): row for row in rows}
        return self._names

    def _make(self, record: str, key: str, name: str, records: Records, word: str) -> None:
        """Made under a key that was looked for before, and is looked for after where Cash does not say that it is."""
        known = record, key.upper()
        if known in self._sent:
            raise NotYet(Problem(word, 0, key))
        self._parts.go_on()
        outcome = self._import(records)
        if outcome is None or outcome.status is not TransactionStatus.SUCCESS:
            del self._here[known]
            if not self._looks(record, key):
                if outcome is None or outcome.status is TransactionStatus.PENDING:
                    self._sent.add(known)
                    raise NotYet(Problem(word, 0, key))
                raise Unsendable([Problem(word, 0, "; ".join(each.message for each in outcome.errors) or key)])
        self._here[known] = True
        self.made.append((record, key, name))

    def _import(self, records: Records) -> Transaction | None:
        """What Cash said of it; None where that is lost."""
        try:
            outcome = self._session.import_records(self._parts.administration, records)
        except ImportLost:
            return None
        for _ in range(POLLS):
            if outcome.status is not TransactionStatus.PENDING or not outcome.id:
                break
            self._parts.sleep(POLL_SECONDS)
            self._parts.go_on()
            try:
                outcome = self._session.transaction(outcome.id)
            except CashFault as error:
                if error.reason not in NO_TRANSACTION:
                    raise
                return None
        return outcome


def _customer_problem(customer: Customer) -> Problem | None:
    number = fold(RELATIONS.path, customer.number)
    if not number.isdecimal() or len(number) > LONGEST_NUMBER or number == "0":
        return Problem("debtor_unusable", 0, customer.number)
    if not customer.name or not customer.city:
        return Problem("customer_incomplete", 0, customer.number)
    return None


def _price(text: str) -> str:
    """ "" where OutSmart has none that can be read: Cash then has none either."""
    try:
        return write_decimal(read_decimal(text))
    except ValueError:
        return ""
