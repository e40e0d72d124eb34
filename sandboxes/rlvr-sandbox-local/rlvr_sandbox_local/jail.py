"""Where the fork servers live: the command that puts one in a jail, and what makes that impossible."""

import functools
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rlvr import untrusted
from rlvr.errors import SandboxUnavailable
from rlvr_sandbox_local import wire

__all__ = ["NOBODY", "command", "interpreter", "require", "start"]

NOBODY = 65_534
_INSIDE = Path(__file__).parent / "inside"
_FILES = ("server.py", "confine.py", "roles.py")
_SHARED = {"untrusted": untrusted, "wire": wire}
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
_MENDED = {
    "bubblewrap": "Install it (apt install bubblewrap), or use another sandbox.",
    "namespaces": "Allow them (sysctl kernel.unprivileged_userns_clone=1, or on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0), or use another sandbox.",
}


def require() -> str:
    """Return the path of bubblewrap, tried once.

    Raises:
        SandboxUnavailable: It is not there, or the kernel refuses namespaces; the way out is in the message.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(
            f"the sandbox 'local' needs Linux: this is {sys.platform}. Use another sandbox."
        )
    path = shutil.which("bwrap")
    if path is None:
        raise SandboxUnavailable(f"no bubblewrap (bwrap) on this machine. {_MENDED['bubblewrap']}")
    tried = subprocess.run(
        [path, "--unshare-all", "--ro-bind", "/usr", "/usr", *_links(), "--", "/usr/bin/true"],
        capture_output=True,
        text=True,
        check=False,
        user=NOBODY if _is_root() else None,
        group=NOBODY if _is_root() else None,
        extra_groups=[] if _is_root() else None,
    )
    if tried.returncode:
        words = " ".join(tried.stderr.split())[:200]
        raise SandboxUnavailable(f"bubblewrap cannot make namespaces here: {words}. {_MENDED['namespaces']}")
    return path


def command(bwrap: str, control: int, filters: int) -> list[str]:
    """Return the command that starts a fork server: read-only system, empty everything else, no network."""
    python, prefix = interpreter()
    binds = [] if prefix.startswith("/usr") else ["--ro-bind", prefix, prefix]
    shared = [(Path(str(module.__file__)), f"{name}.py") for name, module in _SHARED.items()]
    files = [*((_INSIDE / name, name) for name in _FILES), *shared]
    return [
        bwrap,
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8"),
        *("--ro-bind", "/usr", "/usr", *_links(), *binds),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm", "--dir", "/inside"),
        *(part for path, name in files for part in ("--ro-bind", str(path), f"/inside/{name}")),
        *("--remount-ro", "/", "--chdir", "/tmp", "--"),
        *(python, "-I", "-S", "-u", "/inside/server.py", str(control), str(filters)),
    ]


def start(bwrap: str, control: int, filters: int, complaints: int) -> "subprocess.Popen[bytes]":
    """Start a fork server that holds these three descriptors and nothing else of ours.

    The kernel ends the jail with the *thread* that started it, so a thread that lives as long as this process
    starts them all.
    """
    return _starter(os.getpid()).submit(_start, bwrap, control, filters, complaints).result()


@functools.cache
def _starter(_owner: int) -> ThreadPoolExecutor:
    """Return the one thread that starts jails in the process with this id: a fork needs its own."""
    return ThreadPoolExecutor(1, thread_name_prefix="rlvr-jails")


def _start(bwrap: str, control: int, filters: int, complaints: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(bwrap, control, filters),
        pass_fds=[control, filters],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        start_new_session=True,
        user=NOBODY if _is_root() else None,
        group=NOBODY if _is_root() else None,
        extra_groups=[] if _is_root() else None,
    )


def interpreter() -> tuple[str, str]:
    """Return a Python that the jail's user can reach, and its prefix: ours, else the system's."""
    prefix = Path(sys.base_prefix)
    python = prefix / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    reachable = not _is_root() or all(folder.stat().st_mode & 0o001 for folder in (prefix, *prefix.parents))
    if reachable and os.access(python, os.X_OK):
        return str(python), str(prefix)
    return "/usr/bin/python3", "/usr"


def _is_root() -> bool:
    """Say whether we are root, which gives up its identity first: limits on processes are void for it."""
    return os.getuid() == 0


def _links() -> list[str]:
    """Return the options that give the jail /bin and /lib as this system has them."""
    options: list[str] = []
    for folder in _SYSTEM[1:]:
        path = Path(folder)
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            options += ["--ro-bind", folder, folder]
    return options
