"""What a verifier's processes print: counted, a sample kept, the rest thrown away."""

import os
from typing import IO

from rlvr.bench.findings import Findings

__all__ = ["Heard"]

_READ_BYTES = 1 << 20
_SHOWN = 160


class Heard:
    """Reads and empties a file that was opened to append, so that whoever writes goes on at its start."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def listen(self, findings: Findings, *, when: str) -> None:
        """Note what was printed since the last call."""
        size = os.fstat(self._file.fileno()).st_size
        if not size:
            return
        text = self._take()
        lines = text.count("\n") + (not text.endswith("\n"))
        first = text.strip()[:_SHOWN].replace("\n", " ")
        detail = f"A verifier that runs for every row stays silent. First seen: {first!r}."
        findings.add(f"printed {when}", detail, count=lines)

    def last_line(self) -> str:
        """Return the last line that was printed, with nothing in it that moves a cursor."""
        lines = self._take().strip().splitlines()
        return "".join(c if c.isprintable() else " " for c in lines[-1])[:_SHOWN] if lines else ""

    def _take(self) -> str:
        self._file.seek(0)
        data = self._file.read(_READ_BYTES)
        self._file.truncate(0)
        return data.decode(errors="replace")
