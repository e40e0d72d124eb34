"""How the two sides of the jail's wall put their messages; the inside loads this file, too."""

import struct

__all__ = ["ANSWER", "HEADER", "REQUEST"]

REQUEST = struct.Struct("!cdIII")
"""A run asked of a fork server: role, wall seconds, memory in MiB, processes, file bytes in MiB."""

ANSWER = struct.Struct("!8siddI")
"""How it ended: word, wait status, wall seconds, processor seconds, peak memory in KiB."""

HEADER = struct.Struct("!I")
"""The bytes of the frame that follows."""
