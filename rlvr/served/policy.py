"""The policy: what is asked for a task, and what of the answers are completions."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rlvr.errors import InputError, ServerError
from rlvr.served.caller import Caller, caller_of
from rlvr.types import Completion, Task

__all__ = ["ServedPolicy"]

OnCompletion = Callable[[int, Completion], None]

_REFUSED = (400, 422)
_CUT = ("length", "max_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPolicy:
    """Samples from a model that a server holds.

    Attributes:
        base_url: As in http://localhost:8000/v1; where it has no path, /v1 is meant.
        style: `chat` asks for a chat completion, `text` for the completion of the bare text.
        seed: The draws of `generate` are a function of it, as far as the server keeps that.
        api_key_env: The environment variable that holds the key; none is sent for "".
        concurrency: At most so many requests are under way.
        timeout_s: For one answer, from the first byte sent to the last received.
        attempts: How often a request is tried that meets no server, a busy one (429) or a broken one (5xx).
        backoff_s: The wait after the first try; each is twice the one before, but the server's Retry-After
            goes first. None is longer than a minute.
    """

    base_url: str
    model: str
    max_new_tokens: int = 256
    temperature: float = 1.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    style: Literal["chat", "text"] = "chat"
    seed: int = 0
    api_key_env: str = ""
    concurrency: int = 16
    timeout_s: float = 600.0
    attempts: int = 5
    backoff_s: float = 0.5

    def __post_init__(self) -> None:
        """Refuse limits under which nothing would ever be asked."""
        if min(self.concurrency, self.attempts) < 1:
            given = f"concurrency = {self.concurrency}, attempts = {self.attempts}"
            raise InputError(f"{given}: expected 1 or more of each.")

    def generate(self, tasks: Sequence[Task], *, samples: int) -> list[list[Completion]]:
        """Return `samples` completions of each task.

        Raises:
            InputError: The address or the key cannot be used.
            ServerError: The server cannot be reached, or does not answer as it should.
        """
        found: dict[int, Completion] = {}
        self.sample(tasks, samples=samples, seed=self.seed, done=found.__setitem__)
        return [[found[t * samples + s] for s in range(samples)] for t in range(len(tasks))]

    def sample(self, tasks: Sequence[Task], *, samples: int, seed: int, done: OnCompletion) -> None:
        """Call `done(task * samples + sample, completion)` as each arrives; raises as `generate` does."""
        asyncio.run(self._sample(tasks, samples, seed, done))

    async def _sample(self, tasks: Sequence[Task], samples: int, seed: int, done: OnCompletion) -> None:
        caller = caller_of(
            self.base_url, self.api_key_env, timeout_s=self.timeout_s, connections=self.concurrency
        )
        jobs = [_Job(task=task, first=t * samples, n=samples) for t, task in enumerate(tasks)]
        try:
            async with caller.client, asyncio.TaskGroup() as crew:
                visit = _Visit(policy=self, seed=seed, caller=caller, crew=crew, done=done)
                for job in jobs:
                    crew.create_task(visit.serve(job))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None  # the first fault ended the others


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Completions that are still to be had: `n` of a task, the first of them at the place `first`."""

    task: Task
    first: int
    n: int


class _Visit:
    """One call of `sample`: what is under way, and what has been learned of the server."""

    def __init__(
        self,
        *,
        policy: ServedPolicy,
        seed: int,
        caller: Caller,
        crew: asyncio.TaskGroup,
        done: OnCompletion,
    ) -> None:
        self._policy = policy
        self._seed = seed
        self._caller = caller
        self._crew = crew
        self._done = done
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._one_by_one = False

    async def serve(self, job: _Job) -> None:
        """Ask for a job's completions, hand on those that come, and have the others asked for singly."""
        async with self._slots:
            found = await self._ask(job)
        for place, completion in enumerate(found, job.first):
            self._done(place, completion)
        for place in range(job.first + len(found), job.first + job.n):
            self._crew.create_task(self.serve(_Job(task=job.task, first=place, n=1)))

    async def _ask(self, job: _Job) -> list[Completion]:
        policy, n = self._policy, 1 if self._one_by_one else job.n
        path, body = _request(policy, job.task, n=n, seed=self._seed + job.first)
        reply = await self._caller.ask(
            "POST", path, body, attempts=policy.attempts, backoff_s=policy.backoff_s
        )
        if n > 1 and reply.status_code in _REFUSED:
            self._one_by_one = True
            return []
        data = self._caller.read(reply)
        found = _completions(data, policy.style)[:n]
        if not found:
            wanted = "choices[].text" if policy.style == "text" else "choices[].message.content"
            said = self._caller.shown(json.dumps(data))
            raise ServerError(f"{reply.url} answered {said}: expected {wanted}.")
        self._one_by_one |= len(found) < n
        return found


def _request(policy: ServedPolicy, task: Task, *, n: int, seed: int) -> tuple[str, dict[str, Any]]:
    turns = [{"role": turn.role, "content": turn.content} for turn in task.prompt]
    body: dict[str, Any] = {
        "model": policy.model,
        "max_tokens": policy.max_new_tokens,
        "temperature": policy.temperature,
        "top_p": policy.top_p,
        "seed": seed,
        "n": n,
    }
    if policy.stop:
        body["stop"] = list(policy.stop)
    if policy.style == "text":
        return "completions", {**body, "prompt": "\n".join(turn["content"] for turn in turns)}
    return "chat/completions", {**body, "messages": turns}


def _completions(data: Any, style: str) -> list[Completion]:
    """Return the completions of an answer; none where it has not the fields that it should."""
    try:
        return [
            Completion(
                text=_text(choice, style),
                finish_reason="length" if choice.get("finish_reason") in _CUT else "stop",
            )
            for choice in data["choices"]
        ]
    except (KeyError, TypeError, AttributeError):
        return []


def _text(choice: Mapping[str, Any], style: str) -> str:
    text = choice["text"] if style == "text" else choice["message"]["content"]
    if not isinstance(text, str | None):
        raise TypeError
    return text or ""  # null where all was thinking, or the server declined
