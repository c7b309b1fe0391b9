"""What a preview has read of Cash, for the run that goes by it."""

import json
import shutil
from dataclasses import asdict, dataclass

from ...db import DatabaseError
from ..model import read
from .imports import ArticleFields
from .parts import Parts
from .plan import scope_of
from .reading import Reading
from .stage import CASH_FILE, Stage, kept_facts


@dataclass(frozen=True)
class Kept:
    """What its records are good for: `since` is when their reading began, in seconds since 1970."""

    scope: str
    since: int
    complete: str
    type_field: str
    unit_field: str
    vat_field: str

    @property
    def reading(self) -> Reading:
        """As whoever read it had it."""
        fields = ArticleFields(self.type_field, self.unit_field, self.vat_field) if self.type_field else None
        return Reading(fields, set(self.complete.split()))


def keep(parts: Parts, stage: Stage, reading: Reading, since: int) -> None:
    """Makes the records of the stage fit for another run of the account."""
    fields = reading.fields or ArticleFields("", "")
    complete = " ".join(sorted(reading.complete))
    stage.keep(asdict(Kept(_scope(parts), since, complete, fields.type, fields.unit, fields.vat)))


def recall(parts: Parts) -> Kept | None:
    """Puts into the run's directory what was kept; None where nothing was that is whole and read for just this."""
    if parts.kept is None:
        return None
    file = parts.scratch / CASH_FILE
    try:
        shutil.copyfile(parts.kept, file)  # never used itself: a run that starts over finds it as it was
        kept = read(Kept, kept_facts(file))
    except (OSError, DatabaseError):
        kept = None
    if kept and kept.scope == _scope(parts):
        return kept
    file.unlink(missing_ok=True)
    return None


def _scope(parts: Parts) -> str:
    scope = scope_of(parts.settings, parts.article_fields, relation_active=parts.relation_active)
    return json.dumps([scope, asdict(parts.settings)])
