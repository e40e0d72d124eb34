"""verl's dumps of rollouts: STEP.jsonl of trainer.rollout_data_dir or validation_data_dir."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import digest, messages, reply
from rlvr.formats.nouns import Fields, Format, Piece, Record

__all__ = ["FORMAT"]

_NEEDS = ("input", "output", "gts")


def _read(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    asked = messages(row["input"])
    rest = {name: value for name, value in row.items() if name not in (*_NEEDS, "score", "step")}
    yield Piece(
        text=reply(row["output"]) or "",
        prompt=asked,
        group=f"{row.get('step')}-{digest(asked)}",
        metadata={**rest, "recorded_reward": row.get("score")},
    )


FORMAT = Format(
    name="verl",
    summary="STEP.jsonl of verl (rollout_data_dir, validation_data_dir); a group is an input in a step.",
    origin="verl 0.9.1, trainer/ppo/ray_trainer.py, _write_generations()",
    needs=_NEEDS,
    fields=lambda _: Fields(
        completion="output", answer="gts", id="", label="", kind="", group="input", prompt="input"
    ),
    sniff=lambda row: {*_NEEDS, "score"} <= row.keys(),
    read=_read,
)
