"""Every verb, with every hostile plugin installed at once: none of them breaks a command."""

import json
import subprocess
import sys

import pytest

ROW = '{"completion": "4", "answer": "4"}\n'


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(ROW)
    return str(path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--json"],
        ["list", "verifiers", "--json"],
        ["plugins"],
        ["plugins", "--json"],
        ["show", "healthy"],
        ["show", "healthy", "--json"],
        ["score", "healthy", "-"],
        ["score", "--help"],
        ["greet"],
    ],
    ids=" ".join,
)
def test_every_verb_works_beside_hostile_plugins(hostile, rlvr, arguments):
    done = rlvr(*arguments, input=ROW)

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "hello" not in done.stdout  # what plugins print is on stderr
    assert "making a verifier" not in done.stdout
    assert "loading tasks" not in done.stdout
    if "--json" in arguments:
        assert json.loads(done.stdout)
    if arguments[0] == "score" and "-" in arguments:
        assert json.loads(done.stdout)["reward"] == 1.0


def test_rlvr_plugins_names_each_failure_by_distribution_and_entry_point(hostile, rlvr):
    rows = {row["name"]: row for row in json.loads(rlvr("plugins", "--json").stdout)}

    for name, error in hostile.items():
        assert rows[name]["status"] == ("ok" if error is None else "failed"), name
        assert (error or "") in rows[name]["error"], name
    assert rows["rlvr-healthy/healthy"]["registers"] == [
        "environment healthy",
        "environment healthy-tasks",
        "verifier healthy",
        "verifier shared",
    ]


def test_rlvr_plugins_in_words_shows_the_status_and_the_error(hostile, rlvr):
    done = rlvr("plugins", env={"COLUMNS": "300"})

    line = next(line for line in done.stdout.splitlines() if line.startswith("rlvr-exits/exits"))
    assert line.split()[:3] == ["rlvr-exits/exits", "0.1", "failed"]
    assert line.rstrip().endswith("SystemExit: no licence")


def test_rlvr_list_says_on_stderr_that_plugins_failed(hostile, rlvr):
    done = rlvr("list", "--json")

    assert "rlvr-exits/exits" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("See `rlvr plugins`.")
    row = next(row for row in json.loads(done.stdout) if row["name"] == "healthy")
    assert row == {
        "name": "healthy",
        "kind": "environment",
        "plugin": "rlvr-healthy/healthy",
        "version": "0.1",
        "summary": "One task.",
        "status": "ok",
        "error": "",
    }


def test_help_lists_the_commands_of_plugins_and_keeps_its_own(hostile, rlvr):
    done = rlvr("--help")

    assert "  greet " in done.stdout
    assert done.stdout.count("  score ") == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "no-factory",
            "Error: verifier 'rlvr-no-factory/no-factory' could not be loaded from 'rlvr_no_factory:make': "
            "AttributeError: module 'rlvr_no_factory' has no attribute 'make'.",
        ),
        (
            "no-function",
            "Error: verifier 'rlvr-no-function/no-function' could not be loaded from "
            "'rlvr_no_function:__name__': it is no function.",
        ),
        (
            "bad-factory",
            "Error: verifier 'rlvr-bad-factory/bad-factory' could not be made: KeyError: 'x'.",
        ),
        (
            "exit-factory",
            "Error: verifier 'rlvr-exit-factory/exit-factory' could not be made: SystemExit: no token.",
        ),
        ("odd-factory", "Error: verifier 'odd-factory' was made as int, expected a function."),
        (
            "shared",
            "Error: verifier 'shared' is registered by rlvr-first/shared and rlvr-healthy/shared: "
            "use the full name.",
        ),
    ],
)
def test_a_name_that_cannot_be_used_is_one_clear_line(hostile, rlvr, rows, name, line):
    done = rlvr("score", name, rows, env={"RLVR_PLUGINS": f"rlvr-{name},rlvr-first,rlvr-healthy"})

    # Of the plugin that cannot be read, nobody knows whether it was meant: nothing is said of it here.
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [line]


@pytest.mark.parametrize("name", ["rlvr-healthy/shared", "healthy"])
def test_a_full_name_works_and_is_stamped_on_the_score(hostile, rlvr, rows, name):
    done = rlvr("score", name, rows)

    row = json.loads(done.stdout)
    assert (done.returncode, row["reward"]) == (0, 1.0)
    assert row["plugin"].startswith(f"rlvr-healthy/{name.rpartition('/')[2]}@0.1#")
    assert len(row["plugin"].rpartition("#")[2]) == 8


def test_an_unknown_name_says_which_plugins_failed(write_plugin, rlvr, rows):
    write_plugin("rlvr-exits", "raise SystemExit('no licence')")

    done = rlvr("score", "helthy", rows, env={"RLVR_PLUGINS": "exits"})

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Error: no verifier or environment named 'helthy'. Known: echo, identical, reward-model. "
        "(rlvr-exits/exits failed to load: see `rlvr plugins`.)"
    ]


def test_trace_prints_hook_calls_on_stderr(healthy, rlvr):
    done = rlvr("list", "--json", env={"RLVR_TRACE": "1", "RLVR_PLUGINS": "healthy"})

    assert json.loads(done.stdout)
    assert any(
        line.startswith("rlvr trace: rlvr-healthy/healthy rlvr_verifiers() -> [Spec(name='healthy'")
        for line in done.stderr.splitlines()
    )


def test_a_closed_stdout_is_no_error(rlvr):
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m rlvr list >&-"], capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_without_trace_nothing_is_said(healthy, rlvr):
    assert rlvr("list", env={"RLVR_TRACE": "0"}).stderr == ""


COMMANDS = """
import sys, click
from rlvr.hookspecs import hookimpl

@hookimpl
def rlvr_commands():
    return [click.Command(call.__name__, callback=call) for call in (broken, leaves, pipes)]

def broken():
    raise ValueError("no idea")

def leaves():
    sys.exit("no GPU here")

def pipes():
    raise BrokenPipeError(32, "the trainer's own")
"""


def test_a_plugins_command_that_raises_is_blamed_on_the_plugin(write_plugin, rlvr):
    write_plugin("rlvr-extra", COMMANDS)

    done = rlvr("broken")

    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("Error: the plugin rlvr-extra/extra failed (ValueError: no idea). This is a bug: ")
    assert line.endswith(" to its authors.")


def test_a_plugins_command_may_leave_with_a_message(write_plugin, rlvr):
    write_plugin("rlvr-extra", COMMANDS)

    done = rlvr("leaves")

    assert (done.returncode, done.stderr) == (1, "Error: no GPU here\n")


def test_a_pipe_that_breaks_elsewhere_is_no_success(write_plugin, rlvr):
    write_plugin("rlvr-extra", COMMANDS)

    assert rlvr("pipes").returncode == 1


STREAM = """
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import *

@hookimpl
def rlvr_environments():
    return [Spec(name="raising", entry_point="rlvr_raising:load", summary="Its stream raises.")]

def load():
    return Environment(name="raising", tasks=TaskStream(at=lambda i: 1 / 0), verifier=lambda t, c: None)
"""


def test_tasks_that_raise_are_blamed_on_the_plugin(write_plugin, rlvr):
    write_plugin("rlvr-raising", STREAM)

    done = rlvr("show", "raising")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: the plugin rlvr-raising/raising failed (ZeroDivisionError: ")
    assert len(done.stderr.splitlines()) == 1
