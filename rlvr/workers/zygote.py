"""The process that loads a verifier once and forks the workers that run it.

Run as `python -m rlvr.workers.zygote FD`, FD a Unix socket to the pool. It stays single-threaded, holds no
completion, and dies with the pool: its end of the socket closing is the pool's death, however it came.
"""

import ctypes
import gc
import io
import json
import os
import signal
import socket
import sys
import time

from rlvr.errors import RLVRError
from rlvr.explain import explained
from rlvr.registry import make_judge
from rlvr.scoring import judged
from rlvr.types import Verifier
from rlvr.workers.wire import Progress, decode_item, encode_result

__all__ = ["main", "serve"]

_FLUSH_S = 0.006
_GC_ALLOCATIONS = 10_000
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Load the verifier that the pool asks for, then fork a worker at each request until the pool is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    os.dup2(2, 1)  # what a verifier prints is words, not data
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a worker is killed: what waits in a buffer is lost
    order = json.loads(_line(control))
    try:
        entry, verifier = make_judge(order["name"], order["kind"], order["options"])
        verifier = explained(verifier) if order["explain"] else verifier
    except RLVRError as error:
        control.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        return
    control.sendall(json.dumps({"ready": True, "plugin": entry.provenance}).encode() + b"\n")
    gc.collect()
    gc.freeze()
    _fork_on_request(control, verifier)


def serve(channel: socket.socket, progress: Progress, verifier: Verifier) -> None:
    """Judge what arrives until the pool closes the channel; results leave in small batches."""
    gc.set_threshold(_GC_ALLOCATIONS)  # judging makes much and keeps nothing: a tenth of its time went there
    waiting: list[bytes] = []  # pieces of a line, put together once: it may be very long
    results, flushed = bytearray(), time.monotonic()
    while chunk := channel.recv(1 << 18):
        waiting.append(chunk)
        if b"\n" not in chunk:
            continue
        *lines, rest = b"".join(waiting).split(b"\n")
        waiting = [rest]
        for line in lines:
            results += _judge(line, progress, verifier)
            now = time.monotonic()
            if now - flushed > _FLUSH_S:
                channel.sendall(results)
                results, flushed = bytearray(), now
        if results:
            channel.sendall(results)
            results, flushed = bytearray(), time.monotonic()


def _line(control: socket.socket) -> bytes:
    # Unbuffered: what follows the line comes with file descriptors, which a buffered read would drop.
    line = b""
    while not line.endswith(b"\n"):
        chunk = control.recv(1 << 16)
        if not chunk:
            sys.exit(0)
        line += chunk
    return line


def _judge(line: bytes, progress: Progress, verifier: Verifier) -> bytes:
    sequence, task, completion = decode_item(line)
    progress.mark(sequence)
    worker = os.getpid()
    rollout = judged(verifier, task, completion)
    if os.getpid() != worker:  # a child that the verifier forked off and let return
        progress.mark_division()
        os._exit(0)  # it must not answer a second time
    progress.mark(0)
    return encode_result(sequence, rollout.score, rollout.ms)


def _fork_on_request(control: socket.socket, verifier: Verifier) -> None:
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 2)
        if not message:
            break
        if descriptors:
            children.add(pid := _fork(control, descriptors, verifier))
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(str(pid).encode())
        else:
            pid = int(message)
            children.discard(pid)
            control.sendall(str(_reap(pid)).encode())
    for pid in children:
        _reap(pid)


def _fork(control: socket.socket, descriptors: list[int], verifier: Verifier) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        _die_with_parent()
        control.close()
        serve(socket.socket(fileno=descriptors[0]), Progress(descriptors[1]), verifier)
    finally:
        # Nothing of the zygote's may run in the child: no atexit, no flush of its buffers.
        os._exit(0)


def _reap(pid: int) -> int:
    # The group, so that whatever the verifier started goes too. Not yet waited for, the pid is still its own.
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    return os.waitpid(pid, 0)[1]


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
