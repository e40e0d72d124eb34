"""The parent side: one checker in a process of its own, asked row by row, killed at its deadline."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rivals.catalogue import Rival

__all__ = ["CheckerProcess", "Limits", "NotStarted", "Outcome", "Verdict", "last_core"]

SERVE = Path(__file__).with_name("serve.py")
START_S = 180.0

Outcome = Literal["answered", "raised", "hang", "died"]


def last_core() -> int:
    """Return the last of the cores that this process may use; 0 where the system does not tell."""
    return max(os.sched_getaffinity(0)) if sys.platform == "linux" else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a checker may use: wall-clock seconds a row, megabytes of address space, one core."""

    row_s: float = 8.0
    memory_mb: int = 6144
    core: int = field(default_factory=last_core)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a checker said of one row.

    Attributes:
        equal: None where it said nothing: it declined, raised, was killed or died.
        outcome: `raised` is an exception that reached its caller, `hang` the deadline, `died` the process.
        error: What was raised.
        ms: Its time; after a hang or a death, the start of the next process included.
    """

    equal: bool | None
    outcome: Outcome
    ms: float
    error: str | None = None


class NotStarted(Exception):
    """A checker that could not be imported."""


class CheckerProcess:
    """A checker's process, and the next one after it was killed; its process group stands still between rows.

    Attributes:
        start_s: Seconds from the start of the first interpreter to the first verdict, imports included.
        peak_mb: Peak resident memory; the processes that it still keeps at the end are added by `close`.
    """

    def __init__(self, rival: Rival, python: Path, limits: Limits) -> None:
        self.rival = rival
        self.peak_mb = 0.0
        self._limits = limits
        self._rows = 0
        settings = {
            "adapters": str(rival.adapters),
            "checker": rival.adapter,
            "stubs": rival.stubs,
            "opened": rival.opened,
            "memory_mb": limits.memory_mb,
            "core": limits.core,
        }
        # -P: the folder of serve.py is not on the path of what the checker imports; -I: nor are the user's
        alone = "-I" if rival.distribution else "-P"
        self._command = [str(python), alone, str(SERVE), json.dumps(settings)]
        started = time.perf_counter()
        self._start()
        self.start_s = time.perf_counter() - started

    def ask(self, references: tuple[str, ...], completion: str) -> Verdict:
        """Return the verdict on one row; a process that hangs or dies is replaced before this returns."""
        self._rows += 1
        row = {"id": self._rows, "references": references, "completion": completion}
        started = time.perf_counter()
        reply = self._exchange(row)
        if reply is not None:
            error = reply["error"]
            outcome: Outcome = "raised" if error else "answered"
            return Verdict(equal=reply["verdict"], outcome=outcome, ms=reply["ms"], error=error)
        late = time.perf_counter() - started >= self._limits.row_s
        self._kill()
        self._start()
        ms = 1000 * (time.perf_counter() - started)
        return Verdict(equal=None, outcome="hang" if late else "died", ms=ms)

    def close(self) -> None:
        """Kill the process and all that it started."""
        self.peak_mb += sum(_resident_mb(pid) for pid in _group(self._process.pid))
        self._kill()

    def _start(self) -> None:
        self._unread = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _kill
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        if self._read(-1, START_S) is None:
            why = self._last_error()
            self._kill()
            raise NotStarted(f"{self.rival.name} did not start: {why}")
        self._signal(signal.SIGSTOP)

    def _exchange(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return the reply to a row, or None at the deadline and at the end of the process."""
        assert self._process.stdin is not None
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.write(json.dumps(row).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        reply = self._read(row["id"], self._limits.row_s)
        self._signal(signal.SIGSTOP)
        return reply

    def _read(self, wanted: int, limit_s: float) -> dict[str, Any] | None:
        """Return the reply with an id, skipping every other line."""
        assert self._process.stdout is not None
        descriptor, deadline = self._process.stdout.fileno(), time.monotonic() + limit_s
        while True:
            *lines, self._unread = self._unread.split(b"\n")
            for line in lines:
                if (reply := _reply(line, wanted)) is not None:
                    self.peak_mb = max(self.peak_mb, reply["rss_mb"])
                    return reply
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([descriptor], [], [], left_s)[0]:
                return None
            block = os.read(descriptor, 1 << 16)
            if not block:
                return None
            self._unread += block

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        with self._process:  # closes the pipes and waits
            self._process.kill()
        self._errors.close()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _last_error(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _reply(line: bytes, wanted: int) -> dict[str, Any] | None:
    """Return what a line holds if it is the reply with that id."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("id") == wanted and "rss_mb" in value else None


def _group(leader: int) -> list[int]:
    """Return the other living processes of a process group; on Linux only."""
    members = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == leader and int(folder.name) != leader:
                members.append(int(folder.name))
        except (ProcessLookupError, PermissionError):
            continue
    return members


def _resident_mb(pid: int) -> float:
    """Return the peak resident memory of a process on Linux."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
