"""lm-evaluation-harness: samples_TASK_DATE.jsonl of a run with --log_samples."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rlvr.errors import InputError
from rlvr.formats.chat import messages
from rlvr.formats.nouns import Fields, Format, Piece, Record, items_at, peek

__all__ = ["FORMAT"]

_NEEDS = ("doc_id", "resps")


def _read(record: Record, first: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    if row.get("filter") != first.get("filter"):
        return ()  # the same completions once more, for another way of reading them
    said = [text for request in items_at(record, "resps") for text in _said(request, record.where)]
    metrics = row.get("metrics") if isinstance(row.get("metrics"), list) else []
    rewards = {name: row.get(name) for name in metrics or () if isinstance(name, str)}
    doc = row.get("doc")
    about = Piece(
        text="",
        prompt=messages(peek(row, "arguments", "gen_args_0", "arg_0")),
        name=row["doc_id"],
        task=str(row["doc_id"]),
        group=str(row["doc_id"]),
        metadata={**(doc if isinstance(doc, dict) else {}), "recorded_reward": rewards},
    )
    return [replace(about, text=text) for text in said]


def _said(request: Any, where: str) -> list[str]:
    tries = request if isinstance(request, list) else [request]
    if all(isinstance(text, str) for text in tries):
        return tries
    raise InputError(
        f"{where}: 'resps' holds log-likelihoods, expected texts: this task chose among continuations and "
        "wrote no completion. Take the samples of a generating task."
    )


FORMAT = Format(
    name="lm-eval",
    summary="samples_*.jsonl of lm-evaluation-harness; of several filters the first one's rows.",
    origin="lm_eval 0.4.13, result_schema.py, SampleResult",
    needs=_NEEDS,
    fields=lambda first: Fields(
        completion="resps", answer="target" if "target" in first else None, id="doc_id", label="", kind="",
        group="doc_id", prompt="arguments",
    ),
    sniff=lambda row: {*_NEEDS, "doc", "target", "filtered_resps"} <= row.keys(),
    read=_read,
)  # fmt: skip
