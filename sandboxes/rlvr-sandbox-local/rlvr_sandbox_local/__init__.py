"""Untrusted code on this machine, without a daemon: the sandbox `local`. Importing this starts nothing."""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_sandboxes"]


@hookimpl
def rlvr_sandboxes() -> list[Spec]:
    """Return the sandbox `local`."""
    return [
        Spec(
            name="local",
            entry_point="rlvr_sandbox_local.sandbox:local",
            summary="bubblewrap, namespaces, seccomp and a resident fork server, on this machine.",
        )
    ]
