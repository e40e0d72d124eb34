"""Inside the jail: how a clone of the server gives up everything that it does not need.

In this order: namespaces of its own (user, pid, mount, ipc), empty tmpfs over every writable place and over
/proc, all descriptors but its own closed, rlimits, no new privileges, no capabilities, a seccomp filter. As
the first process of its pid namespace it takes all that it started along when it ends.
"""

import ctypes
import os
import resource
import struct
from typing import NamedTuple

__all__ = ["Limits", "clone", "enter", "prepare"]

_LIBC = ctypes.CDLL(None, use_errno=True)
_API = ctypes.pythonapi
_SYS_CLONE, _SYS_SECCOMP, _SYS_CAPSET = {"x86_64": (56, 317, 126), "aarch64": (220, 277, 91)}[
    os.uname().machine
]
_NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x00020000 | 0x08000000  # user, pid, mount, ipc
_SIGCHLD = 17
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_CAPABILITIES = 41
_STACK = 64 << 20
_IDS = os.getuid(), os.getgid()  # the server's: a clone sees itself as nobody until its maps are written


class Limits(NamedTuple):
    wall_s: float
    memory_mb: int
    processes: int
    file_mb: int


def prepare() -> None:
    """Make the server's memory unreadable to its children's user."""
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def clone() -> int:
    """Return the pid of a clone in namespaces of its own; 0 in the clone."""
    _API.PyOS_BeforeFork()
    pid = _LIBC.syscall(_SYS_CLONE, _NEW_NAMESPACES | _SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        _API.PyOS_AfterFork_Child()
    else:
        _API.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(ctypes.get_errno(), "clone")
    return int(pid)


def enter(kept: list[int], limits: Limits, seccomp: bytes) -> None:
    os.setsid()
    _map_ids()
    _cover_mounts(limits)
    _limit(limits)
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(_CAPABILITIES):
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    if _LIBC.syscall(_SYS_CAPSET, header, ctypes.create_string_buffer(24)):
        raise OSError(ctypes.get_errno(), "capset")
    _close_others(kept)
    program = ctypes.create_string_buffer(seccomp, len(seccomp))
    pointer = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(seccomp) // 8, ctypes.addressof(program))
    )
    if _LIBC.syscall(_SYS_SECCOMP, 1, 0, pointer):
        raise OSError(ctypes.get_errno(), "seccomp")


def _map_ids() -> None:
    uid, gid = _IDS
    _LIBC.prctl(
        _PR_SET_DUMPABLE, 1, 0, 0, 0
    )  # else /proc/self belongs to root, and the maps cannot be written
    for path, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        descriptor = os.open(f"/proc/self/{path}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def _cover_mounts(limits: Limits) -> None:
    if _LIBC.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None):
        raise OSError(ctypes.get_errno(), "mount private")
    plain = _MS_NOSUID | _MS_NODEV
    for path, options, flags in (
        ("/tmp", f"size={limits.file_mb}m,nr_inodes=512,mode=700", plain),
        ("/dev/shm", "size=1m,nr_inodes=16", plain | _MS_NOEXEC),
        ("/proc", "size=4k,nr_inodes=2,mode=500", plain | _MS_NOEXEC | _MS_RDONLY),
    ):
        if _LIBC.mount(b"tmpfs", path.encode(), b"tmpfs", flags, options.encode()):
            raise OSError(ctypes.get_errno(), f"mount {path}")
    os.chdir("/tmp")


def _close_others(kept: list[int]) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        if standard not in kept:
            os.dup2(null, standard)
    low = 3
    for descriptor in sorted(one for one in kept if one > 2):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 1024)


def _limit(limits: Limits) -> None:
    memory, files = limits.memory_mb << 20, limits.file_mb << 20
    cpu = int(limits.wall_s) + 2
    for name, value in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_DATA, memory), (resource.RLIMIT_FSIZE, files),
        (resource.RLIMIT_NOFILE, 64), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 16 + limits.processes), (resource.RLIMIT_STACK, _STACK),
        (resource.RLIMIT_MSGQUEUE, 0), (resource.RLIMIT_MEMLOCK, 0),
    ):  # fmt: skip
        resource.setrlimit(name, (value, value))
