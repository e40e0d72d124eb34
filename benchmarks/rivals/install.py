"""Installs each checker into a virtual environment of its own, so that their pins do not meet."""

import json
import subprocess
import sys
import venv
from pathlib import Path

from rivals.catalogue import Rival

__all__ = ["CACHE", "NotInstalled", "interpreter"]

CACHE = Path("~/.cache/rlvr/rivals")
INSTALL_S = 1800


class NotInstalled(Exception):
    """A checker that pip could not install."""


def interpreter(rival: Rival, cache: Path) -> Path:
    """Return the interpreter that imports the checker; it is installed at the first call.

    Raises:
        NotInstalled: pip failed; the message is the last line that it printed.
    """
    if not rival.distribution:
        return Path(sys.executable)
    place = cache.expanduser() / f"{rival.distribution}-{rival.version}"
    python, stamp = place / "bin" / "python", place / "installed.json"
    wanted = json.dumps([rival.requirement, rival.alone, rival.needs])
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"installing {rival.requirement} into {place}", file=sys.stderr, flush=True)
    venv.EnvBuilder(symlinks=True, clear=True, with_pip=False).create(place)
    if rival.alone:
        _pip(python, "--no-deps", rival.requirement)
        _pip(python, *rival.needs)
    else:
        _pip(python, rival.requirement, *rival.needs)
    stamp.write_text(wanted)
    return python


def _pip(python: Path, *words: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstalled(f"pip could not install {' '.join(words)}: {(errors or ['it said nothing'])[0]}")
