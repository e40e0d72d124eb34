"""`pytest --rlvr NAME`: each check is a test of its name."""

import importlib.metadata
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]
INSTALLED = any(
    entry.value == "rlvr.pytest_plugin" for entry in importlib.metadata.entry_points(group="pytest11")
)
FEW = "oracle_max or unique_ids or split_overlap"


@pytest.fixture
def run(pytester, sabotaged, monkeypatch):
    """Run pytest in a process of its own; the plugin is named where no installed distribution offers it."""
    monkeypatch.chdir(pytester.path)

    def go(*arguments):
        named = [] if INSTALLED else ["-p", "rlvr.pytest_plugin"]
        return pytester.runpytest_subprocess(
            *named, "-p", "no:randomly", "-p", "no:cacheprovider", *arguments
        )

    return go


def test_each_check_is_a_test_named_by_it(run):
    done = run("--rlvr", "sound", "-k", FEW, "-v", "-rs")

    done.assert_outcomes(passed=2, skipped=1)
    assert done.ret == 0
    done.stdout.fnmatch_lines(
        ["rlvr::sound::tasks.unique_ids PASSED*", "*its factory has no option `split` with train and test*"]
    )


def test_a_failed_check_is_told_in_words_and_without_a_traceback(run):
    done = run("--rlvr", "tasks_same_id", "-k", FEW, "--rlvr-tasks", "6")

    done.assert_outcomes(passed=1, skipped=1, failed=1)
    assert done.ret == 1
    done.stdout.fnmatch_lines(["tasks.unique_ids: Ids are unique.", "  t0: the id is used twice"])
    done.stdout.no_fnmatch_line("*Traceback*")
    done.stdout.no_fnmatch_line("*raise CheckFailed*")


def test_several_names_and_options_may_be_given(run, pytester):
    pytester.makepyfile("def test_of_its_own(): pass")

    done = run(
        "--rlvr", "tasks_split", "--rlvr", "sort", "--rlvr-option", "split=test", "-k", "own or overlap"
    )

    done.assert_outcomes(passed=2, failed=1)


def test_a_warning_is_a_warning_of_pytest(run):
    done = run("--rlvr", "tasks_twice", "-k", "duplicates or unique_ids")

    done.assert_outcomes(passed=2, warnings=1)
    done.stdout.fnmatch_lines(["*CheckWarning: tasks.duplicates: No task stands there twice.*"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--rlvr", "sortt"], "*no verifier or environment named 'sortt'. Did you mean 'sort'?*"),
        (["--rlvr", "sort", "--rlvr-option", "length"], "*'length' is not an option: expected key=value*"),
    ],
)
def test_what_cannot_be_is_a_usage_error(run, arguments, told):
    done = run(*arguments)

    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([told])


def test_an_option_that_the_factory_does_not_take_fails_in_one_line(run):
    done = run("--rlvr", "sort", "--rlvr-option", "lenght=3", "-k", "runtime.startup")

    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["no option of environment 'sort' named 'lenght'. Did you mean 'length'?"])


def test_without_its_option_it_adds_nothing(run, pytester):
    pytester.makepyfile("def test_of_its_own(): pass")

    run().assert_outcomes(passed=1)


def test_importing_it_imports_no_check():
    code = "import rlvr.pytest_plugin, sys; print([m for m in sys.modules if m.startswith(('rlvr.check', 'hypothesis'))])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
