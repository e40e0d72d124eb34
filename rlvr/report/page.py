"""Data into one HTML file that needs nothing else, and in which data can never become markup."""

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

__all__ = ["as_script_data", "render"]

_SCRIPTS = ("dom.js", "charts.js", "curves.js", "overview.js", "tables.js", "groups.js", "main.js")
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def render(title: str, shown: dict[str, Any], rollouts: dict[str, Any]) -> str:
    """Return the page, in ASCII: its data is JSON in elements that no browser runs.

    Its policy lets it run the one script and use the one style sheet that are named by their hashes, and
    load nothing.
    """
    style = _asset("page.css")
    script = '"use strict";\n(() => {\n' + "".join(map(_asset, _SCRIPTS)) + "})();\n"
    inserted = {
        "title": html.escape(title).encode("ascii", "xmlcharrefreplace").decode(),
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "shown": as_script_data(shown),
        "rollouts": as_script_data(rollouts),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: inserted[found[1]], _asset("page.html"))


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
