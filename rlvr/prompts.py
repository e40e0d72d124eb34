"""A question and a template into the messages that a model sees."""

import re

from rlvr.types import Message

__all__ = ["prompt"]


def prompt(template: str, *, system: str = "", **fields: str) -> tuple[Message, ...]:
    r"""Fill the `{name}` places of a template; return it as a user turn, after a system turn if given.

    Only the places named by a field are filled, in one pass: other braces, of LaTeX or code, in the
    template and in the values, stay as they are.

    >>> prompt(r"{x}? Put it in \boxed{}.", x="{1}")[0].content
    '{1}? Put it in \\boxed{}.'
    """
    places = re.compile("|".join(re.escape("{" + name + "}") for name in fields) or r"(?!)")
    content = places.sub(lambda place: fields[place.group()[1:-1]], template)
    turn = Message(role="user", content=content)
    return (Message(role="system", content=system), turn) if system else (turn,)
