"""Outside values into typed ones: types, words, and what is said of the wrong ones."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvr.config import check_options, coerce, parse, parse_value, parse_words, read_toml, update
from rlvr.errors import InputError, UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    rate: float
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    inner: Inner = Inner(rate=1.0)
    phases: tuple[Inner, ...] = ()
    mode: Literal["fast", "slow"] = "fast"
    limit: int | None = None


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (int, 3, 3),
        (int, 10**400, 10**400),
        (float, 3, 3.0),
        (float, -0.5, -0.5),
        (str, "a", "a"),
        (bool, True, True),
        (Path, "a/b", Path("a/b")),
        (int | None, None, None),
        (int | None, 3, 3),
        (int | str, "a", "a"),
        (tuple[int, ...], [1, 2], (1, 2)),
        (list[float], [1, 2], [1.0, 2.0]),
        (list, [1, "a"], [1, "a"]),
        (tuple, [1, "a"], (1, "a")),
        (dict[str, Any], {"a": 1}, {"a": 1}),
        (Mapping[str, int], {"a": 1}, {"a": 1}),
        (Literal["a", "b"], "b", "b"),
        (Inner, {"rate": 1}, Inner(rate=1.0)),
        (Any, object, object),
    ],
)
def test_a_value_of_the_right_type_comes_as_annotated(hint, value, expected):
    found = coerce(hint, value, "x")

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("hint", "value", "spoken"),
    [
        (int, "3", "a whole number"),
        (int, 3.0, "a whole number"),
        (int, True, "a whole number"),
        (float, "1.0", "a finite number"),
        (float, True, "a finite number"),
        (float, math.nan, "a finite number"),
        (float, math.inf, "a finite number"),
        (float, -math.inf, "a finite number"),
        (float, 10**400, "a finite number"),
        (str, 3, "text"),
        (str, None, "text"),
        (bool, 1, "true or false"),
        (bool, "true", "true or false"),
        (list[int], 3, "a list"),
        (tuple[str, ...], "abc", "a list"),
        (dict[str, Any], [], "a table"),
        (Inner, 3, "a table"),
        (Literal["a", "b"], "c", "one of 'a', 'b'"),
        (Literal["a", "b"], ["a"], "one of 'a', 'b'"),
        (int | None, "x", "a whole number"),
        (int | str, 1.5, "a whole number or text"),
        (Path, 3, "a path"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_what_was_expected(hint, value, spoken):
    with pytest.raises(InputError) as caught:
        coerce(hint, value, "run.x")

    assert str(caught.value) == f"run.x = {value!r} is of the wrong type: expected {spoken}."


def test_a_wrong_item_of_a_list_is_named_by_its_place():
    with pytest.raises(InputError, match=r"^x\[1\] = 'a' is of the wrong type: expected a whole number\.$"):
        coerce(tuple[int, ...], [1, "a"], "x")


@given(st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.lists(st.integers()))
def test_any_value_is_taken_as_a_finite_float_or_refused(value):
    try:
        found = coerce(float, value, "x")
    except InputError:
        return
    assert isinstance(found, float)
    assert math.isfinite(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("1e-3", 1e-3),
        ("true", True),
        ("True", "True"),
        ("[1, 'a']", [1, "a"]),
        ("{a = 1}", {"a": 1}),
        ('"3"', "3"),
        ("'a b'", "a b"),
        ("test", "test"),
        ("a=b", "a=b"),
        ("", ""),
        ("C:\\x", "C:\\x"),
        ("007", "007"),
        ("3\nother = 4", "3\nother = 4"),
        ("9" * 5000, "9" * 5000),
        ("[" * 5000, "[" * 5000),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_is_read_as_toml_or_taken_as_text(text, value):
    assert parse_value(text) == value


def test_words_go_into_nested_tables():
    words = ["run.seed=3", "run.note=a=b", "name=x", " model.size = 4"]

    assert parse_words(words) == {"run": {"seed": 3, "note": "a=b"}, "name": "x", "model": {"size": 4}}


def test_the_last_of_two_words_wins():
    assert parse_words(["a=1", "a=2"]) == {"a": 2}


@pytest.mark.parametrize("word", ["seed", "=3", "a..b=1", ".a=1", "", "--seed"])
def test_a_word_that_is_no_option_says_how_one_looks(word):
    with pytest.raises(InputError) as caught:
        parse_words([word])

    assert str(caught.value) == f"{word!r} is not an option: expected key=value, as in seed=3."


def test_a_word_cannot_go_into_what_has_a_value():
    with pytest.raises(InputError, match=r"^'a.b=2' goes into 'a', which already has a value\.$"):
        parse_words(["a=1", "a.b=2"])


def test_an_update_goes_table_by_table_and_changes_nothing_given():
    table = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}

    merged = update(table, {"a": {"c": {"d": 4}}, "e": {"f": 5}})

    assert merged == {"a": {"b": 1, "c": {"d": 4}}, "e": {"f": 5}}
    assert table == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}


def test_a_table_becomes_a_dataclass_with_its_defaults():
    found = parse(Outer, {"name": "x", "phases": [{"rate": 1, "tags": ["a"]}], "limit": 4})

    assert found == Outer(name="x", phases=(Inner(rate=1.0, tags=("a",)),), limit=4)


@pytest.mark.parametrize(
    ("table", "error", "line"),
    [
        ({"nme": "x"}, UnknownName, "no key named 'nme'. Did you mean 'name'?"),
        (
            {"name": "x", "zebra": 1},
            UnknownName,
            "no key named 'zebra'. Known: inner, limit, mode, name, phases.",
        ),
        (
            {"name": "x", "inner": {"rate": 1, "rte": 2}},
            UnknownName,
            "no key named 'inner.rte'. Did you mean 'inner.rate'?",
        ),
        ({}, InputError, "the key 'name' is missing: expected text."),
        (
            {"name": "x", "inner": {}},
            InputError,
            "the key 'inner.rate' is missing: expected a finite number.",
        ),
        (
            {"name": "x", "inner": {"rate": "high"}},
            InputError,
            "inner.rate = 'high' is of the wrong type: expected a finite number.",
        ),
        (
            {"name": "x", "phases": [{"rate": 1}, {"rate": None}]},
            InputError,
            "phases[1].rate = None is of the wrong type: expected a finite number.",
        ),
        (
            {"name": "x", "mode": "quick"},
            InputError,
            "mode = 'quick' is of the wrong type: expected one of 'fast', 'slow'.",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_path(table, error, line):
    with pytest.raises(error) as caught:
        parse(Outer, table)

    assert str(caught.value) == line


def factory(length: int = 3, *, level: float, name: str = "a"):
    """Take options of a few types."""


class Made:
    def __init__(self, size: int) -> None: ...


def unreadable(size: "NowhereImported" = 3): ...  # noqa: F821


def test_options_are_checked_against_the_factory():
    assert check_options(factory, {"level": 1, "length": 5}, owner="f") == {"level": 1.0, "length": 5}
    assert check_options(Made, {"size": 1}, owner="f") == {"size": 1}


@pytest.mark.parametrize(
    ("made_by", "options", "line"),
    [
        (factory, {"levle": 1}, "no option of f named 'levle'. Did you mean 'level'?"),
        (factory, {}, "f needs the option 'level' (a finite number): give level=VALUE."),
        (factory, {"level": "x"}, "f: level = 'x' is of the wrong type: expected a finite number."),
        (Made, {"size": "x"}, "f: size = 'x' is of the wrong type: expected a whole number."),
        (lambda: None, {"a": 1}, "no option of f named 'a'. There are none."),
    ],
)
def test_an_option_that_does_not_fit_is_named_with_its_owner(made_by, options, line):
    with pytest.raises((InputError, UnknownName)) as caught:
        check_options(made_by, options, owner="f")

    assert str(caught.value) == line


@pytest.mark.parametrize(
    "made_by",
    [
        lambda **options: None,
        functools.partial(factory, level=1.0),
        unreadable,
        dict,
    ],
    ids=["any keyword", "a partial", "annotations of a type checker", "no signature"],
)
def test_what_a_factory_does_not_declare_is_not_checked(made_by):
    assert check_options(made_by, {"size": "x"} if made_by is unreadable else {}, owner="f") in (
        {},
        {"size": "x"},
    )


def test_positional_arguments_that_may_be_none_are_not_asked_for():
    assert check_options(lambda *args, a=1: None, {"a": 2}, owner="f") == {"a": 2}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "no file '{path}': expected a TOML config, see configs/ for examples."),
        (b"a = ", "'{path}' is not TOML: Invalid value (at end of document)."),
        (b"\xff", "'{path}' cannot be read as UTF-8 text: "),
        (b"a = 1\na = 2", "'{path}' is not TOML: Cannot overwrite a value (at end of document)."),
        (b"a = " + b"9" * 5000, "'{path}' is not TOML: Exceeds the limit (4300 digits)"),
        (b"a = " + b"[" * 5000, "'{path}' is not TOML: "),
    ],
    ids=["missing", "torn", "not UTF-8", "twice", "digits", "deep"],
)
def test_a_config_that_cannot_be_read_is_one_line(tmp_path, content, line):
    path = tmp_path / "c.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        read_toml(path)

    assert str(caught.value).startswith(line.format(path=path))
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_is_no_config(tmp_path):
    with pytest.raises(InputError, match="Is a directory"):
        read_toml(tmp_path)
