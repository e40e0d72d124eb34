"""The command line starts fast.

The figure is the processor time (user and system) that the process used, the best of five runs: on a busy
machine the clock on the wall measures the others.
"""

import os
import sys

import pytest


def seconds_of(*arguments):
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "rlvr", *arguments],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("arguments", "limit_s"),
    [(["--help"], 0.2), (["list"], 0.3), (["list", "benches"], 0.3), (["plugins"], 0.3)],
)
def test_a_verb_that_only_tells_starts_fast(arguments, limit_s):
    assert min(seconds_of(*arguments) for _ in range(5)) < limit_s
