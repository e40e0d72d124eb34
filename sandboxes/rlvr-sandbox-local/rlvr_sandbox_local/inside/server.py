"""Inside the jail: a fork server that clones a confined child for each request.

The server is pristine: a request's bytes never enter its memory. It is handed the ends of pipes, which the
child reads itself; so no child inherits a test, an answer or another's code. It answers with how the child
ended.

Run with the standard library alone, as `python -I -S server.py FD FILTER_FD`; FD is a SOCK_SEQPACKET socket
to the trusted side, FILTER_FD holds two seccomp programs, each after its length.
"""

import array
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback  # noqa: F401 - loaded before the clones, as are those below
import bisect, collections, copy, json, datetime, decimal, fractions, functools, hashlib, heapq, io, itertools  # noqa: E401, F401
import math, operator, random, re, statistics, string, types, typing  # noqa: E401, F401

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import confine
import roles
import wire


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    filters = _filters(int(sys.argv[2]))
    confine.prepare()
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    while True:
        message, ancillary, _, _ = control.recvmsg(64, socket.CMSG_SPACE(8 * 4))
        if not message:
            return
        if message[:1] == b"K":  # a kill that crossed with the end of its child
            continue
        descriptors = array.array("i")
        for _, _, data in ancillary:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
        control.send(_run(control, message, list(descriptors), filters))


def _filters(descriptor: int) -> list[bytes]:
    data = b""
    while chunk := os.read(descriptor, 1 << 16):
        data += chunk
    os.close(descriptor)
    found = []
    while data:
        start = wire.HEADER.size
        end = start + wire.HEADER.unpack(data[:start])[0]
        found.append(data[start:end])
        data = data[end:]
    return found


def _run(control: socket.socket, message: bytes, descriptors: list[int], filters: list[bytes]) -> bytes:
    role, wall_s, memory_mb, processes, file_mb = wire.REQUEST.unpack(message)
    started = time.monotonic()
    entered, enters = os.pipe()
    child = confine.clone()
    if child == 0:
        status = 70
        try:
            control.close()
            limits = confine.Limits(wall_s, memory_mb, processes, file_mb)
            try:
                confine.enter([*descriptors, enters], limits, filters[1 if processes else 0])
            except BaseException as error:
                os.write(2, f"\n{type(error).__name__}: {error}\n".encode())
                raise
            os.write(enters, b"1")
            os.close(enters)
            status = roles.ROLES[role](*descriptors)
        except BaseException as error:  # noqa: BLE001 - nothing of the server may run on in a child
            status = roles.last_words(error)
        os._exit(status)
    for descriptor in (*descriptors, enters):
        os.close(descriptor)
    ended = _wait(control, child, started + wall_s)
    _, status, used = os.wait4(child, 0)
    if not os.read(entered, 1):
        ended = b"open"  # it was not confined, and ran nothing
    os.close(entered)
    cpu_s = used.ru_utime + used.ru_stime
    return wire.ANSWER.pack(ended, status, time.monotonic() - started, cpu_s, used.ru_maxrss)


def _wait(control: socket.socket, child: int, until: float) -> bytes:
    """Wait for the child, the deadline, or the trusted side's word; kill it in the last two cases."""
    watched = os.pidfd_open(child)
    poll = select.poll()
    poll.register(watched, select.POLLIN)
    poll.register(control.fileno(), select.POLLIN)
    ended = b"exit"
    while True:
        ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1e3))
        if watched in ready:
            break
        if not ready or control.recv(64)[:1] in (b"K", b""):
            ended = b"killed" if ready else b"timeout"
            break
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.close(watched)
    return ended


if __name__ == "__main__":
    main()
