"""Data into one HTML file that needs nothing else, and in which data can never become markup."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from rlvr.errors import InputError

__all__ = ["Design", "as_script_data", "render", "save"]

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a kind of page is made of, apart from its data.

    Attributes:
        kind: Stands after the title.
        scripts: Files of `assets`, put after each other into one script.
        styles: Files of `assets`, put after each other into one style sheet.
    """

    kind: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...] = ("page.css",)


def render(design: Design, title: str, data: Mapping[str, Any]) -> str:
    """Return a page, in ASCII: each item of its data is JSON in an element that no browser runs.

    Its policy lets it run the one script and use the one style sheet that are named by their hashes, and
    load nothing.

    Args:
        design: Its scripts and styles.
        title: Any text.
        data: Name of an element -> what it holds.
    """
    style = "".join(map(_asset, design.styles))
    script = '"use strict";\n(() => {\n' + "".join(map(_asset, design.scripts)) + "})();\n"
    held = (
        f'<script type="application/json" id="{name}">{as_script_data(value)}</script>'
        for name, value in data.items()
    )
    inserted = {
        "title": html.escape(title).encode("ascii", "xmlcharrefreplace").decode(),
        "kind": design.kind,
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "data": "\n".join(held),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: inserted[found[1]], _asset("page.html"))


def save(page: str, target: Path) -> None:
    """Write a page, whole or not at all.

    Raises:
        InputError: The file cannot be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(page, encoding="ascii")
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise InputError(f"the page cannot be written to {str(target)!r}: {error.strerror}.") from None


def as_script_data(value: object) -> str:
    r"""Return plain data as JSON that can stand inside a script element: ASCII without <, > and &.

    >>> print(as_script_data(["</script>", "&", "\u2028", "\ud800"]))
    ["\u003c/script\u003e","\u0026","\u2028","\ud800"]
    """
    plain = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return re.sub(r"[<>&]", lambda found: _UNSAFE[found[0]], plain)


def _asset(name: str) -> str:
    return files("rlvr.report").joinpath("assets", name).read_text(encoding="ascii")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
