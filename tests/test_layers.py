"""What the core needs of the machine: nothing of the frameworks, and the names it promises."""

import os
import subprocess
import sys

import pytest

import rlvr

HEAVY = ("torch", "transformers", "trl", "docker", "sympy", "datasets", "numpy")


def without_frameworks(code):
    """Run code in a process in which every heavy module is absent."""
    block = f"import sys\nsys.modules.update(dict.fromkeys({HEAVY!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", block + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "RLVR_PLUGINS": ""},
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("import rlvr; print(rlvr.make('echo').tasks[0].prompt[0].content[:3])", "Say"),
        ("import sys; sys.argv[1:] = ['--help']; import rlvr.__main__; rlvr.__main__.main()", "Usage: rlvr"),
        ("import sys; sys.argv[1:] = ['list']; import rlvr.__main__; rlvr.__main__.main()", "echo"),
        ("import sys; sys.argv[1:] = ['train', '-h']; import rlvr.__main__; rlvr.__main__.main()", "CONFIG"),
    ],
    ids=["import", "help", "list", "train help"],
)
def test_the_core_works_without_any_framework(code, shown):
    done = without_frameworks(code)

    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


def test_importing_rlvr_and_listing_import_no_framework():
    code = (
        "import rlvr, rlvr.testing, sys\n"
        "from rlvr.hookspecs import KINDS\n"
        "from rlvr.registry import entries\n"
        "[entries(kind) for kind in KINDS]\n"
    )
    code += f"print([name for name in {HEAVY!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_the_public_names_are_these():
    assert sorted(rlvr.__all__) == [
        "Completion",
        "Environment",
        "Explanation",
        "Labelled",
        "LabelledSet",
        "LazyTasks",
        "Message",
        "RLVRError",
        "Report",
        "Rollout",
        "Score",
        "Spec",
        "Task",
        "TaskStream",
        "Verifier",
        "WorkerPool",
        "evaluate",
        "group_advantages",
        "hookimpl",
        "make",
        "make_bench",
        "make_verifier",
        "score",
    ]
    assert all(getattr(rlvr, name) is not None for name in rlvr.__all__)
