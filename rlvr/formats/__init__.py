"""Anyone's file of completions, whichever program wrote it, as a stream of `Labelled`."""

from rlvr.formats.nouns import Fields, Format
from rlvr.formats.reading import Found, open_rows
from rlvr.formats.table import FORMATS

__all__ = ["FORMATS", "Fields", "Format", "Found", "open_rows"]
