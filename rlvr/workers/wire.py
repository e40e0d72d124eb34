"""What crosses between the pool and its workers: one JSON array a line, and a shared progress mark."""

import json
import mmap
import time
from typing import Any

from rlvr.errors import InputError
from rlvr.types import Completion, Message, Score, Task

__all__ = ["Progress", "decode_item", "decode_result", "encode_item", "encode_result"]

_dumps = json.JSONEncoder(separators=(",", ":")).encode


class Progress:
    """Which item a worker is on, and since when: written by the worker, read by the pool.

    Shared memory: no message is needed to know who hangs, so results can travel in
    batches. The clock is CLOCK_MONOTONIC, which all processes of a machine share.

    Each part is eight aligned bytes that are written and read at once: packed byte by byte, a reader could
    see a start that is many seconds old, and blame an item that has just begun.
    """

    SIZE = 24

    def __init__(self, file: int) -> None:
        self._memory = mmap.mmap(file, self.SIZE)
        self._view = memoryview(self._memory)
        self._sequence = self._view[:8].cast("Q")
        self._started = self._view[8:16].cast("d")
        self._divided = self._view[16:].cast("Q")

    def mark(self, sequence: int) -> None:
        """Say that work on an item begins now; 0 for none."""
        # The time first: a reader in between then sees an old item with a late start, never the reverse.
        self._started[0] = time.monotonic()
        self._sequence[0] = sequence

    def read(self) -> tuple[int, float]:
        """Return (item, start on the monotonic clock in seconds); item 0 is none."""
        sequence = self._sequence[0]
        return sequence, self._started[0]

    def mark_division(self) -> None:
        """Say, from a child that the verifier forked off and let return, that there is one."""
        self._divided[0] = 1

    def divided(self) -> bool:
        """Say whether there was such a child."""
        return bool(self._divided[0])

    def close(self) -> None:
        """Let go of the memory."""
        for view in (self._sequence, self._started, self._divided, self._view):
            view.release()
        self._memory.close()


def encode_item(sequence: int, task: Task, completion: Completion) -> bytes:
    """Return a line that carries one completion to a worker.

    Token ids and log-probabilities stay behind: a verifier judges text.

    Raises:
        InputError: The task holds what is not plain data.
    """
    prompt = [(turn.role, turn.content) for turn in task.prompt]
    judged = (completion.text, completion.finish_reason)
    fields = (sequence, task.id, prompt, task.answer, dict(task.metadata), *judged)
    try:
        return _dumps(fields).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"task {task.id!r} cannot cross to a worker: {error}. "
            "Its answer and metadata must be plain data (text, numbers, lists, dicts)."
        ) from None


def decode_item(line: bytes) -> tuple[int, Task, Completion]:
    """Read what `encode_item` wrote."""
    sequence, name, prompt, answer, metadata, text, finish_reason = json.loads(line)
    turns = tuple(Message(role=role, content=content) for role, content in prompt)
    task = Task(id=name, prompt=turns, answer=answer, metadata=metadata)
    return sequence, task, Completion(text=text, finish_reason=finish_reason)


def encode_result(sequence: int, score: Score, ms: float) -> bytes:
    """Return a line that carries a verdict back."""
    fields: Any = (sequence, ms, score.reward, score.answer, score.reason, dict(score.parts), score.error)
    return _dumps(fields).encode() + b"\n"


def decode_result(line: bytes) -> tuple[int, Score, float]:
    """Read what `encode_result` wrote."""
    sequence, ms, reward, answer, reason, parts, error = json.loads(line)
    score = Score(reward=reward, answer=answer, reason=reason, parts=parts, error=error)
    return sequence, score, ms
