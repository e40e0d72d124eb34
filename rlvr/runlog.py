"""JSON lines that outlive the process: append-only, torn last lines skipped, nothing else lost."""

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rlvr.errors import InputError
from rlvr.types import Completion, Message, Rollout, Score, Task

__all__ = ["RunLog", "read", "rollout_of", "row_of", "set_aside"]


class RunLog:
    """An append-only JSONL file: each row is one `write` of one line, so kill -9 tears at most the last."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._end_torn_line()

    def write(self, *rows: Mapping[str, Any]) -> None:
        """Append rows. They are in the system's hands when this returns, whatever happens to us."""
        data = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows).encode()
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]

    def close(self) -> None:
        """Close the file; further writes are errors."""
        os.close(self._file)

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a log in order; lines torn by a crash are skipped with a warning each.

    Raises:
        InputError: No such file.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"no run log {str(path)!r}: expected a folder written by `rlvr train`.") from None
    with file:
        for number, raw in enumerate(file, start=1):
            try:
                row = json.loads(raw)
            except ValueError:
                warnings.warn(f"{path.name} line {number} is torn and was skipped", stacklevel=2)
                continue
            yield row


def set_aside(path: Path, *, after_step: int) -> int:
    """Move the rows of steps after `after_step` to `superseded-NAME`, and return how many there were.

    A resumed run writes those steps again. The rewrite is atomic; the moved rows are kept.
    """
    if not path.exists():
        return 0
    moved = 0
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    aside_path = path.with_name(f"superseded-{path.name}")
    with warnings.catch_warnings(), RunLog(aside_path) as aside, RunLog(fresh) as kept:
        warnings.simplefilter("ignore")  # a torn line was told of when it was first read
        for row in read(path):
            late = int(row.get("step", 0)) > after_step
            (aside if late else kept).write(row)
            moved += late
    fresh.replace(path)
    return moved


def row_of(rollout: Rollout) -> dict[str, Any]:
    """Return a rollout as plain data.

    >>> task = Task(id="t", prompt=(Message(role="user", content="2+2?"),), answer="4")
    >>> rollout = Rollout(task=task, completion=Completion(text="4"), score=Score(reward=1.0))
    >>> row_of(rollout)["completion"], rollout_of(row_of(rollout)) == rollout
    ('4', True)
    """
    task, completion, score = rollout.task, rollout.completion, rollout.score
    return {
        "id": task.id,
        "prompt": [{"role": turn.role, "content": turn.content} for turn in task.prompt],
        "reference": task.answer,
        "metadata": dict(task.metadata),
        "completion": completion.text,
        "token_ids": list(completion.token_ids),
        "logprobs": [round(value, 6) for value in completion.logprobs],
        "finish_reason": completion.finish_reason,
        "reward": score.reward,
        "answer": score.answer,
        "reason": score.reason,
        "parts": dict(score.parts),
        "error": score.error,
        "ms": round(rollout.ms, 3),
    }


def rollout_of(row: Mapping[str, Any]) -> Rollout:
    """Return the rollout that `row_of` wrote."""
    task = Task(
        id=row["id"],
        prompt=tuple(Message(role=turn["role"], content=turn["content"]) for turn in row["prompt"]),
        answer=row["reference"],
        metadata=row["metadata"],
    )
    completion = Completion(
        text=row["completion"],
        token_ids=tuple(row["token_ids"]),
        logprobs=tuple(row["logprobs"]),
        finish_reason=row["finish_reason"],
    )
    score = Score(
        reward=row["reward"],
        answer=row["answer"],
        reason=row["reason"],
        parts=row["parts"],
        error=row["error"],
    )
    return Rollout(task=task, completion=completion, score=score, ms=row["ms"])
