"""The logs of PrimeIntellect's verifiers: results.jsonl (up to 0.3) and traces.jsonl (v1)."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.chat import content_text, messages, reply
from rlvr.formats.names import ANSWERS, first_of
from rlvr.formats.nouns import Fields, Format, Piece, Record, items_at, object_at, peek
from rlvr.types import Message

__all__ = ["RESULTS", "TRACES"]

_RESULT = ("example_id", "completion")
_DATA = "task.data"


def _result(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    row = record.values
    example, info = str(row["example_id"]), row.get("info")
    metadata = {**(info if isinstance(info, dict) else {"info": info} if info else {})}
    yield Piece(
        text=reply(row["completion"]) or "",  # null where the rollout failed
        prompt=messages(row.get("prompt")),
        name=row["example_id"],
        task=example,
        group=example,
        metadata={**metadata, "recorded_reward": row.get("reward"), **_failure(row.get("error"))},
        length=row.get("is_truncated") is True,
    )


def _trace_fields(first: Mapping[str, Any]) -> Fields:
    data = peek(first, "task", "data")
    answer = first_of(ANSWERS, data) if isinstance(data, Mapping) else None
    return Fields(
        completion="traces", answer=f"{_DATA}.{answer}" if answer else None, id="traces", label="", kind="",
        group="task.key", prompt=f"{_DATA}.prompt",
    )  # fmt: skip


def _episode(record: Record, _: Mapping[str, Any]) -> Iterable[Piece]:
    task, row = object_at(record, "task"), record.values
    data = task.get("data")
    data = data if isinstance(data, Mapping) else {}
    key = str(next((v for v in (data.get("id"), data.get("idx"), task.get("key")) if v is not None), ""))
    group = str(peek(row, "group", "id") or task.get("key") or task.get("hash") or key)
    for trace in items_at(record, "traces"):
        if not isinstance(trace, Mapping) or peek(trace, "agent", "trainable") is False:
            continue  # a judge's, or another that helps: not a try of the task
        nodes = [node for node in _list(trace.get("nodes")) if isinstance(node, Mapping)]
        yield Piece(
            text=_last_reply(trace, nodes),
            prompt=_asked(data) or _before(nodes),
            name=trace.get("id"),
            task=key,
            group=group,
            metadata={
                **{name: value for name, value in data.items() if name not in ("prompt", "system_prompt")},
                "recorded_reward": _reward(trace.get("rewards")),
                **_failure(next(iter(_list(trace.get("errors"))[-1:]), None)),
            },
        )


def _last_reply(trace: Mapping[str, Any], nodes: list[Mapping[str, Any]]) -> str:
    # As `Trace.last_reply`: the root agent's, else the last message that was sampled.
    root = trace.get("root_reply")
    if isinstance(root, str):
        return root
    said = [node for node in nodes if node.get("sampled") and peek(node, "message", "role") == "assistant"]
    return (content_text(peek(said[-1], "message", "content")) or "") if said else ""


def _asked(data: Mapping[str, Any]) -> tuple[Message, ...]:
    system = data.get("system_prompt")
    first = (Message(role="system", content=system),) if isinstance(system, str) and system else ()
    asked = messages(data.get("prompt"))
    return (*first, *asked) if asked else ()


def _before(nodes: list[Mapping[str, Any]]) -> tuple[Message, ...]:
    end = next((number for number, node in enumerate(nodes) if node.get("sampled")), len(nodes))
    return messages([node.get("message") for node in nodes[:end]])


def _reward(rewards: Any) -> float | None:
    named = rewards.values() if isinstance(rewards, Mapping) else ()
    pairs = [(peek(one, "score"), peek(one, "weight")) for one in named if isinstance(one, Mapping)]
    numbers = [(s, 1.0 if w is None else w) for s, w in pairs if isinstance(s, int | float)]
    return sum(s * w for s, w in numbers if isinstance(w, int | float)) if numbers else None


def _failure(error: Any) -> dict[str, Any]:
    return {"recorded_error": error} if error else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


RESULTS = Format(
    name="verifiers-results",
    summary="results.jsonl of verifiers up to 0.3; a group is an example.",
    origin="verifiers 0.3.1, legacy/types.py, RolloutOutput",
    needs=_RESULT,
    fields=lambda first: Fields(
        completion="completion", answer="answer" if "answer" in first else None, id="example_id", label="",
        kind="", group="example_id", prompt="prompt",
    ),
    sniff=lambda row: {*_RESULT, "prompt", "reward"} <= row.keys(),
    read=_result,
)  # fmt: skip
TRACES = Format(
    name="verifiers-traces",
    summary="traces.jsonl of verifiers' v1: an episode a line; a group is a task.",
    origin="verifiers 0.4.0, v1/episode.py, Episode; v1/trace.py, Trace",
    needs=("task", "traces"),
    fields=_trace_fields,
    sniff=lambda row: isinstance(row.get("traces"), list) and isinstance(row.get("task"), Mapping),
    read=_episode,
)
