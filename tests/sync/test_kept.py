"""A run that goes by what a preview has shown: Cash is not read again, and nothing is lost by that."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sync import Bridge

from webapp.cash.sync.stage import CASH_FILE

MINUTE = 60


@pytest.fixture
def looked(bridge: Bridge) -> Path:
    """What a preview has read of Cash."""
    return look(bridge)


def look(bridge: Bridge) -> Path:
    folder = bridge.scratch()
    bridge.preview(scratch=folder)
    bridge.now += 10 * MINUTE
    return folder / CASH_FILE


def test_what_was_shown_is_sent_and_cash_is_not_asked_again(bridge: Bridge, looked: Path) -> None:
    began = bridge.now - 10 * MINUTE
    bridge.edit("0101", "007000", f0103="Later veranderd")
    kinds = bridge.run("all", kept=looked)
    assert bridge.cash.calls == []
    assert bridge.rows("relations")["007000"]["name"] != "Later veranderd"
    assert {kind: each["sent"] for kind, each in kinds.items()} == {
        "relations": 38, "addresses": 22, "materials": 57, "hourtypes": 3, "warehouses": 3, "employees": 11
    }  # fmt: skip
    assert kinds["relations"]["skipped"] == {"not_customer": 5, "blocked": 5, "no_street": 1, "no_postcode": 1}
    assert bridge.progress[0] == {"step": "kept", "at": began}
    assert bridge.result["by_preview"]


def test_it_is_as_if_cash_had_been_read_then(bridge: Bridge, looked: Path) -> None:
    began = bridge.now - 10 * MINUTE
    bridge.run("all", kept=looked)
    assert bridge.result["since"] == began
    stored: Any = bridge.marks.last("1002")
    assert (stored["since"], stored["whole"], stored["small"]) == (began, began, began)
    by_preview = {kind: bridge.rows(kind) for kind in bridge.result["kinds"]}
    bridge.run("all")
    assert by_preview == {kind: bridge.rows(kind) for kind in bridge.result["kinds"]}
    assert not bridge.result["by_preview"]


def test_what_changed_in_cash_since_the_preview_comes_with_the_next_run(bridge: Bridge, looked: Path) -> None:
    bridge.edit("0101", "007000", f0103="Later veranderd")
    bridge.edit("2260", "M0002", f2267="9,99")
    bridge.run("all", kept=looked)
    kinds = bridge.run()
    assert (kinds["relations"]["changed"], kinds["materials"]["changed"], bridge.written()) == (1, 1, 2)


def test_the_first_run_goes_by_it_too(bridge: Bridge, looked: Path) -> None:
    kinds = bridge.run("changed", kept=looked)
    assert bridge.cash.calls == []
    assert kinds["relations"]["sent"] == 38
    assert "employees" not in kinds


def test_a_run_that_reads_only_what_changed_does_not(bridge: Bridge) -> None:
    bridge.run("all")
    kept = look(bridge)
    bridge.run("changed", kept=kept)
    assert bridge.cash.count("Export") == 3


def test_one_that_starts_over_finds_it_as_it_was(bridge: Bridge, looked: Path) -> None:
    before = looked.read_bytes()
    bridge.run("all", kept=looked)
    assert looked.read_bytes() == before


def test_that_the_fields_of_articles_are_unknown_is_remembered(bridge: Bridge) -> None:
    for key in [*bridge.books.records("2260")]:
        bridge.books.remove("2260", *key)
    kept = look(bridge)
    assert bridge.run("all", kept=kept)["materials"]["waits"] == "article_fields"
    assert bridge.cash.calls == []


@pytest.mark.parametrize(
    "spoil",
    [
        Path.unlink,
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no database"),
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.write_bytes(file.read_bytes()[:8192] + bytes(16384) + file.read_bytes()[24576:]),
    ],
    ids=["gone", "empty", "something else", "half of it", "damaged"],
)
def test_where_it_cannot_be_used_cash_is_read(bridge: Bridge, looked: Path, spoil: Callable[[Path], object]) -> None:
    spoil(looked)
    bridge.edit("0101", "007000", f0103="Later veranderd")
    kinds = bridge.run("all", kept=looked)
    assert bridge.cash.count("Export") > 4
    assert kinds["relations"]["sent"] == 38
    assert bridge.rows("relations")["007000"]["name"] == "Later veranderd"


@pytest.mark.parametrize(
    "change",
    [
        lambda bridge: bridge.choose(import_employees=False),
        lambda bridge: bridge.choose(export_sales_orders=True),
        lambda bridge: bridge.use(article_fields={"type": "9001"}),
        lambda bridge: bridge.use(relation_active=True),
    ],
    ids=["an import", "another choice", "what the operator says of articles", "what OutSmart is sent"],
)
def test_what_was_read_for_something_else_is_not_used(
    bridge: Bridge, looked: Path, change: Callable[[Bridge], object]
) -> None:
    change(bridge)
    bridge.run("all", kept=looked)
    assert bridge.cash.count("Export") > 4
