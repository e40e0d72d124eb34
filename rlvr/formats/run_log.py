"""Our own run logs: rollouts.jsonl of a run folder."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import messages
from rlvr.formats.nouns import Fields, Format, Piece, Record

__all__ = ["FORMAT"]

_NEEDS = ("id", "completion", "reference", "finish_reason")


def _read(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    said = row["completion"]
    task, step = str(row["id"]), row.get("step")
    metadata = row.get("metadata")
    yield Piece(
        text=said if isinstance(said, str) else "",
        prompt=messages(row.get("prompt")),
        name=row["id"],
        task=task,
        group=task if step is None else f"{task} of step {step}",
        metadata={**(metadata if isinstance(metadata, dict) else {}), "recorded_reward": row.get("reward")},
        length=row["finish_reason"] == "length",
    )


FORMAT = Format(
    name="run-log",
    summary="rollouts.jsonl of a run folder of ours; a group is a task in one step.",
    origin="rlvr/runlog.py",
    needs=_NEEDS,
    fields=lambda _: Fields(
        completion="completion", answer="reference", id="id", group="id", prompt="prompt", kind="", label=""
    ),
    sniff=lambda row: {*_NEEDS, "token_ids", "reason"} <= row.keys(),
    read=_read,
)
