"""The rivals themselves, in their environments, which are installed when a test first asks for one."""

import os

import pytest

from rlvr.errors import InputError
from rlvr.isolated import interpreter_of
from rlvr.registry import find


@pytest.fixture
def interpreter():
    """Return the interpreter of a rival.

    By default only Math-Verify is tried, and skipped where pip finds no index; RLVR_TEST_RIVALS=1 tries all of
    them, and then what cannot be installed fails.
    """

    def of(name):
        every = os.environ.get("RLVR_TEST_RIVALS", "") not in ("", "0")
        if not every and name != "math-verify":
            pytest.skip(f"RLVR_TEST_RIVALS=1 installs {name} and tries it")
        try:
            return interpreter_of(find("verifier", name))
        except InputError as error:
            if every:
                raise
            pytest.skip(f"no index that has it can be reached: {error}")

    return of
