"""A template into messages: only the places that are named are filled."""

import pytest

from rlvr.prompts import prompt
from rlvr.types import Message


@pytest.mark.parametrize(
    ("template", "fields", "content"),
    [
        ("{q}", {"q": "2+2?"}, "2+2?"),
        ("{q} and {q}", {"q": "a"}, "a and a"),
        (r"{q} in \boxed{}", {"q": "a"}, r"a in \boxed{}"),
        (r"\frac{1}{2} {q}", {"q": "a"}, r"\frac{1}{2} a"),
        ("{a}{b}", {"a": "{b}", "b": "{a}"}, "{b}{a}"),
        ("{a} {ab}", {"a": "1", "ab": "2"}, "1 2"),
        ("{other}", {"q": "a"}, "{other}"),
        ("{q", {"q": "a"}, "{q"),
        ("{{q}}", {"q": "a"}, "{a}"),
        ("nothing", {}, "nothing"),
        ("", {"q": "a"}, ""),
        ("{q}", {"q": r"\1 \g<0>"}, r"\1 \g<0>"),
    ],
)
def test_named_places_are_filled_in_one_pass(template, fields, content):
    assert prompt(template, **fields) == (Message(role="user", content=content),)


def test_a_system_turn_comes_first_and_is_not_filled():
    assert prompt("{q}", system="Be {q}.", q="a") == (
        Message(role="system", content="Be {q}."),
        Message(role="user", content="a"),
    )
