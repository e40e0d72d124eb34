"""Chat messages and texts, in the shapes in which they are logged."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from rlvr.types import Message, Role

__all__ = ["content_text", "digest", "messages", "replies", "reply"]

_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "assistant": "assistant"}
_TEXTS = ("text", "input_text", "output_text")


def content_text(content: Any) -> str | None:
    """Return the text of a message's content: text, or a list of parts of which some are text.

    >>> content_text([{"type": "text", "text": "4"}, {"type": "image_url"}])
    '4'
    >>> content_text(None) is None
    True
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part for part in content if isinstance(part, Mapping) and part.get("type") in _TEXTS]
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def reply(value: Any) -> str | None:
    """Return what a completion says: a text, or the last assistant message of a chat; None for neither.

    >>> reply([{"role": "assistant", "content": "4"}, {"role": "user", "content": "thanks"}])
    '4'
    >>> reply([]) is None
    True
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(turn, Mapping) for turn in value):
        return None
    said = [turn for turn in value if turn.get("role") == "assistant"] or value
    return content_text(said[-1].get("content")) if said else None


def replies(value: Any) -> list[str] | None:
    """Return the completions of a field: one, or several where it is a list of texts or of chats.

    >>> replies("4"), replies(["4", "5"]), replies(4)
    (['4'], ['4', '5'], None)
    """
    one = reply(value)
    if one is not None:
        return [one]
    if not isinstance(value, list) or not value:
        return None
    found = [reply(each) if isinstance(each, str | list) else None for each in value]
    said = [text for text in found if text is not None]
    return said if len(said) == len(found) else None


def messages(value: Any) -> tuple[Message, ...]:
    """Return a prompt's messages: a text is one of the user's; what cannot be read is left out.

    >>> messages("2+2?")
    (Message(role='user', content='2+2?'),)
    """
    if isinstance(value, str):
        return (Message(role="user", content=value),)
    turns = value if isinstance(value, list) else []
    read = [
        (turn.get("role"), content_text(turn.get("content"))) for turn in turns if isinstance(turn, Mapping)
    ]
    return tuple(Message(role=_role(role), content=text) for role, text in read if text is not None)


def digest(prompt: Sequence[Message]) -> str:
    """Return a short name that equal prompts share."""
    words = "\0".join(f"{turn.role}\0{turn.content}" for turn in prompt)
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _role(role: Any) -> Role:
    return _ROLES.get(role, "user") if isinstance(role, str) else "user"
