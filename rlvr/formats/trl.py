"""TRL's logs of completions: completions_NNNNN.parquet of a trainer with log_completions."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import digest, messages, reply
from rlvr.formats.names import ANSWERS, first_of
from rlvr.formats.nouns import Fields, Format, Piece, Record

__all__ = ["FORMAT"]

_NEEDS = ("prompt", "completion")
_NUMBERS = ("step", "advantage")


def _fields(first: Mapping[str, Any]) -> Fields:
    answer = first_of(ANSWERS, first)
    return Fields(
        completion="completion", answer=answer, id="", label="", kind="", group="prompt", prompt="prompt"
    )


def _read(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    asked = messages(row["prompt"])
    rest = {name: value for name, value in row.items() if name not in (*_NEEDS, *_NUMBERS)}
    rewards = {name: value for name, value in rest.items() if isinstance(value, int | float)}
    yield Piece(
        text=reply(row["completion"]) or "",
        prompt=asked,
        group=f"{row.get('step')}-{digest(asked)}",
        metadata={**{name: rest[name] for name in rest.keys() - rewards.keys()}, "recorded_reward": rewards},
    )


FORMAT = Format(
    name="trl",
    summary="completions_N.parquet of TRL's GRPOTrainer (log_completions); a group is a prompt of a step.",
    origin="trl 1.16.0, trainer/grpo_trainer.py, log()",
    needs=_NEEDS,
    fields=_fields,
    sniff=lambda row: {*_NEEDS, *_NUMBERS} <= row.keys(),
    read=_read,
)
