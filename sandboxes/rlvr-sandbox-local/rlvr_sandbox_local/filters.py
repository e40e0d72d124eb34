"""The seccomp filters of confined children, compiled by libseccomp: what they may not ask of the kernel.

Default allow, with every door out of the jail refused: sockets, tracing, mounting, namespaces, bpf, io_uring,
keys, System V ipc, memfd, clocks, modules. New processes and programs are refused as well, unless the limits
allow some.
"""

import tempfile

import pyseccomp

from rlvr.errors import SandboxUnavailable
from rlvr_sandbox_local.wire import HEADER

__all__ = ["compiled"]

_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020000
_REFUSED = (
    "socket", "socketpair", "connect", "accept", "accept4", "bind", "listen", "sendto", "recvfrom",
    "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "ptrace", "process_vm_readv", "process_vm_writev",
    "kcmp", "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "process_madvise", "mount", "umount2",
    "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "unshare", "setns", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl", "open_by_handle_at",
    "name_to_handle_at", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module",
    "delete_module", "swapon", "swapoff", "acct", "shmget", "shmat", "shmctl", "shmdt", "semget",
    "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink",
    "memfd_create", "memfd_secret", "clock_settime", "clock_adjtime", "settimeofday", "adjtimex",
    "iopl", "ioperm", "syslog", "sethostname", "setdomainname", "quotactl", "lookup_dcookie", "vhangup",
    "nfsservctl", "personality", "seccomp", "landlock_restrict_self",
)  # fmt: skip
_STARTS = ("fork", "vfork", "execve", "execveat")


def compiled() -> bytes:
    """Return two programs, each after its length: without new processes, and with them.

    Raises:
        SandboxUnavailable: libseccomp is not there.
    """
    programs = [_program(processes=processes) for processes in (False, True)]
    return b"".join(HEADER.pack(len(program)) + program for program in programs)


def _program(*, processes: bool) -> bytes:
    try:
        found = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    except (OSError, RuntimeError, AttributeError) as error:
        raise SandboxUnavailable(
            f"libseccomp cannot be used ({error}): expected libseccomp.so.2. Install it "
            "(apt install libseccomp2)."
        ) from None
    refuse = pyseccomp.ERRNO(_EPERM)
    for name in (*_REFUSED, *(() if processes else _STARTS)):
        _add(found, refuse, name)
    _add(found, pyseccomp.ERRNO(_ENOSYS), "clone3")  # its flags lie in memory, where no filter sees them
    masked = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
    if not processes:
        found.add_rule(refuse, "clone", masked)
    for bit in range(17, 31):
        if _CLONE_NEW >> bit & 1:
            found.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit))
    with tempfile.TemporaryFile() as file:
        found.export_bpf(file)
        file.seek(0)
        return file.read()


def _add(found: pyseccomp.SyscallFilter, action: int, name: str) -> None:
    try:
        found.add_rule(action, name)
    except (OSError, RuntimeError, ValueError):
        return  # this architecture or this libseccomp does not know the call
