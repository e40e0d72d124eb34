"""What the options of the verifier let pass, and what they refuse."""

import pytest
from rlvr_math.verify import math

from rlvr.errors import InputError
from rlvr.types import Completion, Task


def reward(answer, given, **options):
    return math(**options)(
        Task(id="t", prompt=(), answer=answer), Completion(text=f"\\boxed{{{given}}}")
    ).reward


@pytest.mark.parametrize(
    ("answer", "given", "by_reference", "by_answer", "exact"),
    [
        ("12.55", "640/51", 1, 1, 0),
        ("12.55", "12.5490", 1, 1, 0),
        ("12.55", "12.56", 0, 0, 0),
        ("12.5", r"\frac{25}{2}", 1, 1, 1),
        ("2.7", "e", 0, 0, 0),
        (r"\frac13", "0.333", 0, 1, 0),
        (r"\frac13", "0.33", 0, 0, 0),
        (r"\pi", "3.14", 0, 1, 0),
        (r"\sqrt2", "1.4142135623730951", 1, 1, 0),
        ("10000", "10000.5", 0, 0, 0),
        ("0.500", "0.5004", 1, 1, 0),
        ("41.4%", r"\sqrt2-1", 1, 1, 0),
    ],
)
def test_only_a_decimal_is_rounded_to_and_by_the_digits_it_shows(
    answer, given, by_reference, by_answer, exact
):
    found = [reward(answer, given, rounding=rule) for rule in ("reference", "answer", "exact")]

    assert found == [by_reference, by_answer, exact]


def test_a_tolerance_is_relative_and_off_by_default():
    assert reward("100", "100.5") == 0
    assert reward("100", "100.5", tolerance=0.01) == 1
    assert reward("100", "102", tolerance=0.01) == 0
    assert reward("0", "0.001", tolerance=0.01) == 0


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, float("nan")])
def test_a_tolerance_out_of_range_is_refused(tolerance):
    with pytest.raises(InputError, match="relative tolerance"):
        math(tolerance=tolerance)


@pytest.mark.parametrize(
    ("answer", "given", "convert", "same", "require", "ignore"),
    [
        ("10 cm", "10 cm", 1, 1, 1, 1),
        ("10 cm", "0.1 m", 1, 0, 1, 0),
        ("10 cm", "10", 1, 1, 0, 1),
        ("10 cm", "10 kg", 0, 0, 0, 1),
        (r"15\text{ cm}^2", r"15\text{ cm}", 0, 0, 0, 1),
        ("12 apples", "12 pears", 0, 0, 0, 1),
        ("60 mph", r"88\text{ feet per second}", 1, 0, 1, 0),
        ("5 units", "5 cm", 1, 1, 1, 1),
    ],
)
def test_units_are_converted_required_or_ignored_by_policy(answer, given, convert, same, require, ignore):
    found = [reward(answer, given, units=rule) for rule in ("convert", "same", "require", "ignore")]

    assert found == [convert, same, require, ignore]


@pytest.mark.parametrize(
    ("answer", "given", "accept", "refuse"),
    [
        ("391", r"17 \cdot 23", 1, 0),
        ("391", "391", 1, 1),
        ("4", "2+2", 1, 0),
        ("120", "5!", 1, 0),
        ("81", "3^4", 1, 0),
        (r"\frac12", r"\frac{6}{12}", 1, 1),
        ("1500", r"1.5 \times 10^3", 1, 1),
        ("2^{10}-1", "1023", 1, 1),
        ("2^{10}-1", r"4 \cdot 2^8 - 1", 1, 1),
        (r"1+\sqrt2", r"\sqrt2+1", 1, 1),
        ("4", "1+3=4", 1, 1),
    ],
)
def test_arithmetic_left_to_do_can_be_refused(answer, given, accept, refuse):
    found = [reward(answer, given, unevaluated=rule) for rule in ("accept", "refuse")]

    assert found == [accept, refuse]
