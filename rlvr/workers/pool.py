"""WorkerPool: a scorer over killable processes that are told a name, not a closure."""

import contextlib
import os
import selectors
import socket
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from rlvr.boundary import Failure, attempt
from rlvr.errors import PoolError, UnknownName
from rlvr.isolated import interpreter_of
from rlvr.registry import find, judge
from rlvr.types import Completion, Rollout, Score, Task
from rlvr.workers.process import Worker, Zygote, ZygoteDied
from rlvr.workers.wire import encode_item

__all__ = ["Ticket", "WorkerPool", "usable_cores"]

_ATTEMPTS = 3
_LONGEST_S = 1_000_000


def usable_cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1))


class Ticket:
    """A completion handed in; `result()` waits for its rollout."""

    __slots__ = ("_pool", "attempts", "completion", "line", "rollout", "sequence", "task")

    def __init__(self, pool: "WorkerPool", sequence: int, task: Task, completion: Completion) -> None:
        self._pool = pool
        self.sequence = sequence
        self.task = task
        self.completion = completion
        self.line = encode_item(sequence, task, completion)
        self.attempts = 0
        self.rollout: Rollout | None = None

    def result(self) -> Rollout:
        """Return the rollout; waits at most the deadlines of what is before it.

        Raises:
            PoolError: The pool broke down or was closed.
        """
        return self._pool._wait_for(self)

    def done(self, score: Score, ms: float) -> None:
        """Fill in the verdict."""
        self.rollout = Rollout(task=self.task, completion=self.completion, score=score, ms=ms)


class WorkerPool:
    """Judges completions in processes that are killed when a verifier outlives its deadline.

    A *zygote* process loads the verifier once; workers are forked from it in milliseconds, so a stuck one
    costs its own completion one deadline and its siblings nothing. One thread here hands out work and
    enforces deadlines. Verdicts: over the deadline, 0.0 with reason `timeout` (the model's fault: neutral
    treatment of stalls teaches stalling); a worker that dies while judging, unscored with `error` set.

    Covered: verifiers that hang in any way (loops, C code, ignored signals), crash, exit, print, leak or
    start processes. Not covered: a verifier that means harm; it runs with your rights. Untrusted *code*
    goes through a sandbox. A verifier's factory runs in the zygote and must start no thread and open no
    connection; a verifier does that at its first use.

    Args:
        name: A verifier or an environment, by short or full name.
        options: Passed to its factory.
        workers: How many processes; by default one for each usable core.
        timeout_s: Wall-clock seconds for one completion, from the moment that a worker begins it.
        max_pending: How many completions may be waiting before `submit` blocks.
        start_timeout_s: How long loading the verifier may take.
        kind: `verifier` or `environment` where one name is both; by default a verifier wins.
        explain: Each score then carries how it came to be (`rlvr.explain.explanation_of`).
        output: Descriptor of a file for what its processes print; by default that is our stderr.
        interpreter: Runs the processes, with its own packages: it must have rlvr and the plugin. By default
            this one, or that of the environment which the plugin asks for (rlvr.isolated).

    Attributes:
        plugin: What judges, as `distribution/name@version#hash8`.

    Raises:
        PoolError: The verifier cannot be made, or no worker can be started.
        InputError: Its environment cannot be installed.
    """

    def __init__(
        self,
        name: str,
        *,
        options: Mapping[str, Any] | None = None,
        workers: int | None = None,
        timeout_s: float = 10.0,
        max_pending: int = 8192,
        start_timeout_s: float = 300.0,
        kind: Literal["verifier", "environment"] | None = None,
        explain: bool = False,
        output: int | None = None,
        interpreter: Path | None = None,
    ) -> None:
        if not 0 < timeout_s <= _LONGEST_S:
            raise PoolError(f"timeout_s = {timeout_s!r}: expected seconds, above 0 and at most {_LONGEST_S}.")
        self.workers = workers or usable_cores()
        self.timeout_s = timeout_s
        self.timeouts = 0
        self.deaths = 0
        self._order = {"name": name, "options": dict(options or {}), "kind": kind, "explain": explain}
        if interpreter is None:  # another may have what there is not here
            self._order["kind"], interpreter = _whereabouts(name, kind)
        self._start = partial(
            Zygote, self._order, start_timeout_s=start_timeout_s, interpreter=interpreter, output=output
        )
        self._max_pending = max_pending
        self._sequence = 0
        self._pending = 0
        self._queue: deque[Ticket] = deque()
        self._changed = threading.Condition()
        self._fault: PoolError | None = None
        self._closing = False
        self._asleep = False
        self._crew: list[Worker] = []
        self._divided = False
        self._zygote = self._start()
        self.plugin = self._zygote.plugin
        self._selector = selectors.DefaultSelector()
        self._bell_out, self._bell_in = socket.socketpair()
        self._bell_in.setblocking(False)
        self._selector.register(self._bell_out, selectors.EVENT_READ, None)
        for _ in range(self.workers):
            self._hire()
        self._thread = threading.Thread(target=self._run, name="rlvr-pool", daemon=True)
        self._thread.start()

    def submit(self, task: Task, completion: Completion) -> Ticket:
        """Hand in one completion and return at once, or wait while `max_pending` are waiting.

        Raises:
            InputError: The task holds what is not plain data.
            PoolError: The pool broke down or was closed.
        """
        with self._changed:
            while self._pending >= self._max_pending and not self._over():
                self._changed.wait()
            self._raise_if_over()
            self._sequence += 1
            self._pending += 1
            sequence = self._sequence
        try:
            ticket = Ticket(self, sequence, task, completion)
        except BaseException:
            with self._changed:
                self._pending -= 1
            raise
        self._queue.append(ticket)
        self._ring()
        return ticket

    def stream(self, pairs: Iterable[tuple[Task, Completion]]) -> Iterator[Rollout]:
        """Yield a rollout for each pair, in order, as soon as it and all before it are judged.

        Reads `pairs` only a bounded number ahead, so that a file of any length streams in constant memory;
        while `pairs` itself keeps us waiting, nothing is yielded.
        """
        ahead = max(self.workers, self._max_pending // 2)
        tickets: deque[Ticket] = deque()
        for task, completion in pairs:
            tickets.append(self.submit(task, completion))
            while tickets and (tickets[0].rollout is not None or len(tickets) >= ahead):
                yield tickets.popleft().result()
        while tickets:
            yield tickets.popleft().result()

    def __call__(self, task: Task, completions: Sequence[Completion]) -> list[Rollout]:
        """Judge the completions of one task, in order."""
        tickets = [self.submit(task, completion) for completion in completions]
        return [ticket.result() for ticket in tickets]

    def pids(self) -> list[int]:
        """Return the process ids of the workers as they are now; a worker that is killed gets a successor."""
        return [worker.pid for worker in list(self._crew)]

    def divided(self) -> bool:
        """Say whether a verifier has forked off a child that came back from judging, while the pool is open.

        Such a child is ended there and then: each completion has one verdict.
        """
        return self._divided or any(worker.divided() for worker in list(self._crew))

    def close(self) -> None:
        """Kill the workers and wait until no process of the pool is left. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._ring()
        self._thread.join()

    def __enter__(self) -> Self:
        """Return the pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        self.close()

    def _over(self) -> bool:
        return self._closing or self._fault is not None

    def _raise_if_over(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._closing:
            raise PoolError("the pool is closed: no further completion can be judged.")

    def _wait_for(self, ticket: Ticket) -> Rollout:
        if ticket.rollout is None:
            with self._changed:
                while ticket.rollout is None:
                    self._raise_if_over()
                    self._changed.wait()
        return ticket.rollout

    def _ring(self) -> None:
        if self._asleep:
            self._asleep = False
            with contextlib.suppress(OSError):  # ringing already, or nobody left to hear it
                self._bell_in.send(b"!")

    # From here on: the pool's own thread.

    def _run(self) -> None:
        ended = attempt(self._serve)
        if isinstance(ended, Failure):
            # Whoever waits is told why: a thread that only died would leave them waiting, or guessing.
            known = isinstance(ended.exception, PoolError)
            words = str(ended.exception) if known else f"the pool broke down: {ended.summary}."
            self._fault = PoolError(words)
        self._dismiss()

    def _serve(self) -> None:
        while True:
            self._asleep = True  # whoever comes from here on rings; who came before is seen below
            if self._closing:
                return
            self._hand_out()
            for key, _ in self._selector.select(self._patience()):
                self._attend(key.data)
            self._enforce_deadlines()

    def _attend(self, worker: Worker | None) -> None:
        if worker is None:
            self._bell_out.recv(1 << 16)
        elif worker in self._crew:
            worker.send()
            self._collect(worker)
            if worker.gone:
                self._replace(worker)

    def _hand_out(self) -> None:
        for worker in self._crew:
            room = min(worker.room(), len(self._queue))
            for _ in range(room):
                worker.give(self._queue.popleft())
            if room:
                worker.send()

    def _collect(self, worker: Worker) -> None:
        judged = worker.receive()
        if judged:
            self._report(judged)

    def _patience(self) -> float | None:
        """Seconds until the next deadline could pass; None while nothing is being judged."""
        limits = [worker.seconds_left(self.timeout_s) for worker in self._crew if worker.tickets]
        # What is begun right after this look cannot be over before a whole deadline from now.
        return max(0.0, min(*limits, self.timeout_s)) if limits else None

    def _enforce_deadlines(self) -> None:
        for worker in list(self._crew):
            if worker.tickets and worker.seconds_left(self.timeout_s) <= 0:
                # What it finished before it hung is still in the socket: take that first.
                self._collect(worker)
                if worker.tickets and worker.seconds_left(self.timeout_s) <= 0:
                    self._replace(worker, hung=True)

    def _replace(self, worker: Worker, *, hung: bool = False) -> None:
        culprit = worker.current()
        self._divided |= worker.divided()
        self._crew.remove(worker)
        self._selector.unregister(worker.channel)
        status = self._bury(worker)
        left = list(worker.tickets.values())
        worker.close()
        if status is None:
            culprit = None  # the zygote died, and took its workers along: nobody is to blame
        if culprit is not None and hung:
            self.timeouts += 1
            left.remove(culprit)
            self._finish(culprit, Score(reward=0.0, reason="timeout"), self.timeout_s * 1e3)
        elif culprit is not None:
            self.deaths += 1
            left.remove(culprit)
            self._finish(culprit, _died(status or 0), 0.0)
        for ticket in reversed(left):
            self._retry(ticket, blameless=culprit is not None)
        self._hire()

    def _bury(self, worker: Worker) -> int | None:
        try:
            return worker.zygote.reap(worker.pid)
        except ZygoteDied:
            return None

    def _retry(self, ticket: Ticket, *, blameless: bool) -> None:
        # With a culprit known the others only stood behind it; without one, any of them may be it.
        ticket.attempts += not blameless
        if ticket.attempts >= _ATTEMPTS:
            self._finish(ticket, _died(0), 0.0)
        else:
            self._queue.appendleft(ticket)

    def _finish(self, ticket: Ticket, score: Score, ms: float) -> None:
        ticket.done(score, ms)
        self._report(1)

    def _report(self, judged: int) -> None:
        with self._changed:
            self._pending -= judged
            self._changed.notify_all()

    def _hire(self) -> None:
        try:
            worker = self._zygote.fork()
        except ZygoteDied:
            self._zygote.close()
            self._zygote = self._start()
            worker = self._zygote.fork()
        self._crew.append(worker)
        self._selector.register(worker.channel, selectors.EVENT_READ, worker)
        worker.selector = self._selector

    def _dismiss(self) -> None:
        self._zygote.close()
        for worker in self._crew:
            worker.close()
        self._selector.close()
        self._bell_out.close()
        self._bell_in.close()
        with self._changed:
            self._closing = True
            self._changed.notify_all()


def _whereabouts(name: str, kind: str | None) -> tuple[str, Path | None]:
    """Return the kind of what judges, and the interpreter of its environment if it asks for one."""
    try:
        entry = find(kind, name) if kind else judge(name)
    except UnknownName:
        if kind is None:
            raise
        return kind, None  # the processes that we start look again, and may be told of more
    return entry.kind, interpreter_of(entry) if entry.spec.extra else None


def _died(status: int) -> Score:
    how = f"by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "of its own"
    return Score.unscored("worker_died", error=f"the worker process ended {how} while judging")
