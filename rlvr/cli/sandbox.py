"""`rlvr sandbox`: where untrusted code runs, and which layers hold on this machine."""

from typing import NamedTuple

import click

from rlvr.cli.common import as_json, echo_json, table
from rlvr.errors import SandboxUnavailable
from rlvr.protocols import Sandbox
from rlvr.registry import entries, make_sandbox
from rlvr.untrusted import Limits, Program

__all__ = ["ATTACKS", "sandbox"]

LIMITS = Limits(wall_s=2.0, memory_mb=512, output_kb=64, file_mb=4)


class Attack(NamedTuple):
    """A program that prints `through` if a layer does not hold."""

    layer: str
    source: str


ATTACKS = (
    Attack("files", "print('through' if open('/etc/passwd').read() else '')"),
    Attack("writes", "open('/usr/rlvr-doctor', 'w').write('1'); print('through')"),
    Attack("environment", "import os; print('through' if 'HOME' in os.environ else '')"),
    Attack("processes", "import os; print('through' if os.path.exists('/proc/1/cmdline') else '')"),
    Attack("fork", "import os\nif os.fork(): print('through')"),
    Attack("network", "import socket; socket.socket(); print('through')"),
    Attack("privileges", "import os; os.setuid(0); print('through')"),
    Attack(
        "namespaces", "import ctypes; print('through' if ctypes.CDLL(None).unshare(0x10000000) == 0 else '')"
    ),
    Attack("tracing", "import ctypes; print('through' if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else '')"),
    Attack("memory", "x = bytearray(1 << 30); print('through')"),
    Attack("disk", "open('f', 'wb').write(bytes(64 << 20)); print('through')"),
    Attack("time", "while True: pass"),
    Attack("output", "print('x' * (1 << 20)); print('through')"),
)


class Finding(NamedTuple):
    """Whether a layer of a sandbox held, and what was seen."""

    sandbox: str
    layer: str
    holds: bool
    seen: str


@click.group()
def sandbox() -> None:
    """Where untrusted code runs."""


@sandbox.command()
@click.argument("names", nargs=-1)
@as_json
def doctor(names: tuple[str, ...], as_json: bool) -> None:
    """Attack every layer of the sandboxes (or of those NAMED) and say which hold; exit 1 if one does not."""
    known = [entry.name for entry in entries("sandbox")]
    found = [finding for name in names or known for finding in _examined(name)]
    if as_json:
        echo_json([finding._asdict() for finding in found])
    else:
        rows = [(one.sandbox, one.layer, "holds" if one.holds else "OPEN", one.seen) for one in found]
        table(["SANDBOX", "LAYER", "", "SEEN"], rows)
    if not found:
        click.echo("No sandbox is installed: pip install rlvr-sandbox-local.", err=True)
    if not found or not all(finding.holds for finding in found):
        click.get_current_context().exit(1)


def _examined(name: str) -> list[Finding]:
    made = make_sandbox(name)
    try:
        layers = ", ".join(layer for layer, active in made.layers.items() if active)
        alive = made.run(Program(source="print(6 * 7)"), LIMITS).stdout == "42\n"
        return [Finding(name, "runs", alive, layers), *(_attacked(name, made, attack) for attack in ATTACKS)]
    except SandboxUnavailable as error:
        return [Finding(name, "runs", False, str(error))]
    finally:
        made.close()


def _attacked(name: str, made: Sandbox, attack: Attack) -> Finding:
    outcome = made.run(Program(source=attack.source), LIMITS)
    last = outcome.stderr.strip().rpartition("\n")[2][:60]
    return Finding(name, attack.layer, "through" not in outcome.stdout, last or outcome.ended)
