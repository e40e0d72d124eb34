"""What workers do to their processes, read from /proc between blocks; silent where there is none."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Watch"]

_PROC = Path("/proc")
_EVERY_S = 0.5
_COPIES_READ = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    pid: int
    parent: int
    session: int
    zombie: bool
    started: int


class Watch:
    """Peaks over the looks that were taken: memory, threads, processes that were left behind.

    Of the processes and threads that a verifier starts, a few that stay are its own business (a prover, a
    sandbox); copies of the worker itself, dead processes that nobody waited for and crowds are not.
    """

    def __init__(self) -> None:
        self.memory_mb: float | None = None
        self.threads = 1
        self.copies = 0
        self.dead = 0
        self.left = 0
        self.moved_to = ""
        self._home = str(Path.cwd())
        self._looked = 0.0
        self._seen: set[tuple[int, int]] = set()

    def look(self, pids: Sequence[int], *, now: bool = False) -> None:
        """Look at the workers; at most twice a second unless it must be now."""
        if sys.platform != "linux" or not (now or time.monotonic() - self._looked > _EVERY_S):
            return
        for pid in pids:
            with contextlib.suppress(OSError, ValueError):  # it has just been replaced
                self._look_at(pid)
        self._look_around(set(pids))
        self._looked = time.monotonic()

    def clear_up(self) -> None:
        """Kill what was seen at the last look and outlived the pool."""
        for process in _processes() if self._seen else ():
            if (process.pid, process.started) in self._seen:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process.pid, signal.SIGKILL)

    def _look_at(self, pid: int) -> None:
        fields = dict(
            line.partition(":")[::2] for line in (_PROC / str(pid) / "status").read_text().splitlines()
        )
        self.memory_mb = max(self.memory_mb or 0.0, int(fields["VmHWM"].split()[0]) / 1024)
        self.threads = max(self.threads, int(fields["Threads"]))
        place = str((_PROC / str(pid) / "cwd").readlink())
        if place != self._home:
            self.moved_to = place

    def _look_around(self, workers: set[int]) -> None:
        left = _started_by(workers, list(_processes()))
        self._seen = {(process.pid, process.started) for process in left}
        running = [process for process in left if not process.zombie]
        words = {_words_of(pid) for pid in workers} - {b""}
        copies = sum(_words_of(process.pid) in words for process in running[:_COPIES_READ])
        self.copies = max(self.copies, copies)
        self.dead = max(self.dead, len(left) - len(running))
        self.left = max(self.left, len(running))


def _started_by(workers: set[int], processes: Sequence[_Process]) -> list[_Process]:
    """Return the workers' descendants, and orphans of their sessions."""
    family = set(workers)
    grown = True
    while grown:
        more = {p.pid for p in processes if p.parent in family or p.session in workers} - family
        family |= more
        grown = bool(more)
    return [process for process in processes if process.pid in family - workers]


def _processes() -> Iterable[_Process]:
    for entry in os.listdir(_PROC):  # noqa: PTH208 - names are enough, and there are many
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (_PROC / entry / "stat").read_text(errors="replace")
                state, parent, _, session, *rest = stat.rpartition(")")[2].split()
                yield _Process(
                    pid=int(entry),
                    parent=int(parent),
                    session=int(session),
                    zombie=state == "Z",
                    started=int(rest[15]),
                )


def _words_of(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes()
    return b""
