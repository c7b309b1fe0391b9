"""Which fields of an article hold its type, unit and VAT code: found, told by the operator or unknown; never guessed.

No public source has their numbers (ASSUMPTION-24). In the reply to `2260X` fields carry their names.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from .imports import HOUR_TYPE, MATERIAL_TYPES, ArticleFields

SAMPLE = 500  # articles
FEWEST = 50  # articles that can tell anything
SHARE = 0.95
NAMES = {
    "type": {"artikelsoort", "artikeltype", "soortartikel", "typeartikel"},
    "unit": {"eenheid", "verkoopeenheid", "artikeleenheid"},
    "vat": {"btwcode", "codebtw", "btwsoort"},
}
Names = Mapping[str, str]


def names_in(record: Mapping[str, str]) -> dict[str, str]:
    """What a record of `2260X` says that its fields are called."""
    return {field[1:]: name for field, name in record.items() if field.startswith("@")}


def find_fields(names: Names, sample: Iterable[Mapping[str, str]], setting: Mapping[str, str]) -> ArticleFields | None:
    """By their names, else by content, else as the operator says; None where one is not known for certain.

    `sample` are articles, `setting` numbers by type, unit and vat. Only VAT may be unknown, as OutSmart needs none:
    then no VAT code is sent.
    """
    found = {what: _one(field for field, name in names.items() if _plain(name) in NAMES[what]) for what in NAMES}
    type_ = found["type"] or _one(_by_content(sample)) or setting.get("type", "")
    unit = found["unit"] or setting.get("unit", "")
    return ArticleFields(type_, unit, found["vat"] or setting.get("vat", "")) if type_ and unit else None


def _one(candidates: Iterable[str]) -> str:
    """The candidate where there is one, "" where there are none or several."""
    found = list(candidates)
    return found[0] if len(found) == 1 else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _by_content(sample: Iterable[Mapping[str, str]]) -> list[str]:
    """The fields with a letter of a type in so many articles; one that always has the same letter tells nothing."""
    letters: dict[str, Counter[str]] = {}
    number = 0
    for record in sample:
        number += 1
        for field, text in record.items():
            letters.setdefault(field, Counter())[text.strip().upper()] += 1
    if number < FEWEST:
        return []
    known = {*MATERIAL_TYPES, HOUR_TYPE}
    return [
        field
        for field, seen in letters.items()
        if sum(seen[letter] for letter in known) >= SHARE * number and len(known & seen.keys()) > 1
    ]
