"""NeMo Gym's rollouts: JSONL of `gym eval run` and of its trainers."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import content_text, messages
from rlvr.formats.names import ANSWERS, first_of
from rlvr.formats.nouns import Fields, Format, Piece, Record, object_at, peek
from rlvr.types import Message

__all__ = ["FORMAT"]

_NEEDS = ("responses_create_params", "response")


def _fields(first: Mapping[str, Any]) -> Fields:
    answer = "expected_answer" if "expected_answer" in first else first_of(ANSWERS, first)
    return Fields(
        completion="response.output", answer=answer, id="_ng_rollout_index", label="", kind="",
        group="_ng_task_index", prompt="responses_create_params.input",
    )  # fmt: skip


def _read(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    asked = object_at(record, "responses_create_params")
    response = object_at(record, "response")
    task, rollout = row.get("_ng_task_index"), row.get("_ng_rollout_index")
    metadata = {name: value for name, value in row.items() if name not in (*_NEEDS, "reward", "agent_ref")}
    yield Piece(
        text=_output_text(response.get("output")),
        prompt=(*_instructions(asked), *messages(asked.get("input"))),
        name=None if task is None or rollout is None else f"{task}-{rollout}",
        task="" if task is None else str(task),
        group="" if task is None else str(task),
        metadata={**metadata, "recorded_reward": row.get("reward")},
        length=peek(response, "incomplete_details", "reason") == "max_output_tokens",
    )


def _output_text(output: Any) -> str:
    # All that the assistant wrote, in order, as the `output_text` of OpenAI's Response: what servers judge.
    items = [item for item in output if isinstance(item, Mapping)] if isinstance(output, list) else []
    said = [
        item
        for item in items
        if item.get("type") == "message" and item.get("role", "assistant") == "assistant"
    ]
    return "".join(content_text(item.get("content")) or "" for item in said)


def _instructions(asked: Mapping[str, Any]) -> tuple[Message, ...]:
    words = asked.get("instructions")
    return (Message(role="system", content=words),) if isinstance(words, str) else ()


FORMAT = Format(
    name="nemo-gym",
    summary="Rollouts of NeMo Gym; a group is a task.",
    origin="nemo-gym 0.7.0, rollout_collection.py and base_resources_server.py",
    needs=_NEEDS,
    fields=_fields,
    sniff=lambda row: set(_NEEDS) <= row.keys(),
    read=_read,
)
