"""The part that waits: a job for `rlvr.check.inside` in a process that is killed when its time is over."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlvr.isolated import environ_for

__all__ = ["Job", "Told", "run"]

_MARK = "RLVR_CHECK"
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a fresh interpreter is to do; see `rlvr.check.inside`."""

    name: str
    kind: str
    options: Mapping[str, Any]
    module: str
    tasks: int = 0
    splits: bool = False
    items: tuple[str, ...] = ()
    again: bool = False
    threads: bool = False
    hash_seed: str = "0"
    interpreter: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What it told, by phase, and how it ended.

    Attributes:
        ended: Empty if it came to its end; else how it did not.
        left: Command lines of the processes that outlived it.
        words: The last line that it printed.
    """

    phases: Mapping[str, Mapping[str, Any]]
    ended: str
    left: list[str] = field(default_factory=list)
    words: str = ""
    wall_s: float = 0.0


def run(job: Job, *, limit_s: float) -> Told:
    """Do a job in a process of its own, and end all that is left of it."""
    started, mark = time.monotonic(), uuid.uuid4().hex
    with tempfile.TemporaryDirectory(prefix="rlvr-check-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "cwd").mkdir()
        order = {**{name: getattr(job, name) for name in _SENT}, "words": str(place / "words")}
        order["scratch"] = str(place / "cwd")
        (place / "order").write_text(json.dumps(order))
        with (place / "words").open("w") as words:
            process = subprocess.Popen(
                [
                    str(job.interpreter or sys.executable),
                    "-P",
                    "-m",
                    "rlvr.check.inside",
                    str(place / "order"),
                    str(place / "answers"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
                env={
                    **environ_for(job.interpreter),
                    "PYTHONHASHSEED": job.hash_seed,
                    "OMP_NUM_THREADS": "1",
                    _MARK: mark,
                },
            )
        ended = _waited(process, limit_s)
        left = _survivors(mark, grace_s=_GRACE_S if not ended else 0.0)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        said = (place / "words").read_text(errors="replace").strip().rpartition("\n")[2][:200]
        return Told(
            phases=_phases(place / "answers"),
            ended=ended,
            left=[] if ended else list(left.values()),
            words=said,
            wall_s=time.monotonic() - started,
        )


_SENT = ("name", "kind", "options", "module", "tasks", "splits", "items", "again", "threads")


def _waited(process: subprocess.Popen[bytes], limit_s: float) -> str:
    try:
        code = process.wait(timeout=limit_s)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        return f"it was not over within {limit_s:.3g} s"
    if code < 0:
        return f"the process was ended by signal {-code}"
    return f"the process ended with exit code {code}" if code else ""


def _phases(file: Path) -> dict[str, dict[str, Any]]:
    found = {}
    with contextlib.suppress(OSError):
        for line in file.read_text().splitlines():
            with contextlib.suppress(ValueError):  # the last line of one that was killed
                told = json.loads(line)
                found[told["phase"]] = told
    return found


def _survivors(mark: str, *, grace_s: float) -> dict[int, str]:
    """Return the processes that bear the mark in their environment, once they had time to end."""
    until = time.monotonic() + grace_s
    while (found := _marked(mark)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _marked(mark: str) -> dict[int, str]:
    found = {}
    wanted = f"{_MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ").strip()[:80]
    return found
