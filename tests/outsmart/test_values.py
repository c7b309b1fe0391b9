"""Prices in both spellings, and nothing that only looks like one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.outsmart.values import read_decimal, write_decimal


@pytest.mark.parametrize(
    ("text", "number"),
    [("4.55", "4.55"), ("4,55", "4.55"), ("0", "0"), (" 12,5 ", "12.5"), ("-3,00", "-3.00"), ("+1", "1"), ("007", "7")],
)
def test_dot_and_comma_are_the_same(text: str, number: str) -> None:
    assert read_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "-", "1.234,56", "1,234.56", "1 000", "1e5", "NaN", "4,", ",5", "٤", "€ 4", "0x1"]
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no decimal number"):
        read_decimal(text)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_what_is_written_is_read_again(number: Decimal) -> None:
    assert read_decimal(write_decimal(number)) == number


def test_no_exponent_is_written() -> None:
    assert write_decimal(Decimal("1E+3")) == "1000"
    assert write_decimal(Decimal("0.0000001")) == "0.0000001"
