"""The logs of inspect_ai: .eval (a zip of JSON, an entry a sample) and .json."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import content_text, messages
from rlvr.formats.nouns import Fields, Format, Piece, Record, object_at, peek

__all__ = ["FORMAT"]

_NEEDS = ("id", "output")
_ATTACHED = "attachment://"


def _read(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    output, task = object_at(record, "output"), str(row["id"])
    metadata = row.get("metadata")
    error = {"recorded_error": row["error"]} if row.get("error") else {}
    yield Piece(
        text=_attached(row, _said(output)),
        prompt=messages(row.get("input")),
        name=f"{task}#{row.get('epoch', 1)}",
        task=task,
        group=task,
        metadata={
            **(metadata if isinstance(metadata, dict) else {}),
            "recorded_reward": _values(row.get("scores")),
            **error,
        },
        length=peek(_choice(output), "stop_reason") in ("max_tokens", "model_length"),
    )


def _said(output: Mapping[str, Any]) -> str:
    said = output.get("completion")
    if isinstance(said, str) and said:
        return said
    return content_text(peek(_choice(output), "message", "content")) or ""


def _choice(output: Mapping[str, Any]) -> Any:
    choices = output.get("choices")
    return choices[0] if isinstance(choices, list) and choices else None


def _attached(row: Mapping[str, Any], text: str) -> str:
    if not text.startswith(_ATTACHED):
        return text
    found = peek(row, "attachments", text.removeprefix(_ATTACHED))
    return found if isinstance(found, str) else text


def _values(scores: Any) -> dict[str, Any]:
    named = scores if isinstance(scores, Mapping) else {}
    values = {name: peek(score, "value") for name, score in named.items()}
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value  # nan is inspect's "unscored"
        for name, value in values.items()
    }


FORMAT = Format(
    name="inspect",
    summary="Logs of inspect_ai, .eval or .json; a group is a sample's epochs.",
    origin="inspect_ai 0.3.285, log/_log.py, EvalSample",
    needs=_NEEDS,
    fields=lambda first: Fields(
        completion="output.completion", answer="target" if "target" in first else None, id="id", label="",
        kind="", group="id", prompt="input",
    ),
    sniff=lambda row: {*_NEEDS, "epoch", "input"} <= row.keys() and isinstance(row["output"], Mapping),
    read=_read,
)  # fmt: skip
