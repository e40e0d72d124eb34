"""`rlvr check`: a graded report, exit codes for CI, one line for what cannot be."""

import json
from pathlib import Path

import pytest

from rlvr.check import CHECKS

FAST = ("--only", "tasks", "--only", "runtime.startup")


def test_the_report_has_these_keys(rlvr):
    done = rlvr("check", "echo", "--json", "--tasks", "3", *FAST)

    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert {"environment", "plugin", "tasks", "grade", "passed", "failed", "skipped", "checks"} <= set(report)
    assert (report["environment"], report["tasks"], report["grade"]) == ("echo", 3, "A")
    assert report["plugin"].startswith("rlvr/echo@")
    assert report["passed"] + report["failed"] + report["skipped"] == len(report["checks"]) == 11
    assert {"name", "title", "severity", "status", "detail", "examples", "ms"} <= set(report["checks"][0])


def test_a_failed_error_is_exit_code_one_and_says_what_to_do(rlvr, sabotaged):
    done = rlvr("check", "tasks_same_id", *FAST)

    assert done.returncode == 1
    assert "FAILED   tasks.unique_ids" in done.stdout
    assert "tasks.unique_ids: the id is used twice\n  t0: the id is used twice\n" in done.stdout
    assert "What to do: Name each task by its split and index." in done.stdout
    assert "grade C; 9 passed, 1 failed (0 of them warnings), 1 skipped; 6 tasks" in done.stdout


def test_a_failed_warning_is_exit_code_nought_and_grade_b(rlvr, sabotaged):
    done = rlvr("check", "tasks_twice", *FAST)

    assert done.returncode == 0
    assert "warning  tasks.duplicates" in done.stdout
    assert "grade B" in done.stdout


def test_it_ends_where_the_plugin_does_not(rlvr, sabotaged):
    done = rlvr("check", "startup_hangs", "--start-timeout", "2")

    assert done.returncode == 1
    assert "runtime.startup: it was not over within 2 s" in done.stdout
    assert "grade F" in done.stdout


def test_a_verifier_is_checked_by_a_reference_of_the_users(rlvr, sabotaged):
    done = rlvr("check", "honest", "--answer", "17", "--json", "--only", "semantic", "--only", "tasks.some")

    report = json.loads(done.stdout)
    status = {row["name"]: (row["status"], row["detail"]) for row in report["checks"]}
    assert done.returncode == 0, done.stdout
    assert status["tasks.some"] == ("skip", "a verifier has no tasks")
    assert status["semantic.oracle_max"] == ("pass", "")
    assert status["semantic.canary_floor.hedge"] == ("pass", "")


def test_a_file_is_found_from_where_the_user_stands(rlvr, tmp_path):
    rows = [{"question": f"{a}+{a}?", "answer": str(2 * a)} for a in (7, 8, 9)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    done = rlvr("check", "qa", "-o", "source=rows.jsonl", "--only", "semantic", "--json", cwd=tmp_path)

    report = json.loads(done.stdout)
    assert (done.returncode, report["tasks"], report["grade"]) == (0, 3, "A"), done.stdout


def test_the_checks_are_listed(rlvr):
    done = rlvr("check", "--list", "--json")

    assert [row["name"] for row in json.loads(done.stdout)] == [check.name for check in CHECKS]
    assert "tasks.unique_ids" in rlvr("check", "--list").stdout


def test_kinds_of_rows_that_others_publish_name_checks_too(rlvr):
    done = rlvr("check", "--list", "--json", "--only", "zero_reward")

    names = [row["name"] for row in json.loads(done.stdout)]
    assert len(names) == 11
    assert all(name.startswith("semantic.canary_floor.") for name in names)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing argument 'NAME'"),
        (("sortt",), "no verifier or environment named 'sortt'. Did you mean 'sort'?"),
        (("sort", "-o", "lenght=3"), "named 'lenght'. Did you mean 'length'?"),
        (("sort", "--only", "task"), "no check named 'task'."),
        (("identical", "--answer", "{1"), "--answer '{1' is no JSON"),
        (("qa", "-o", "source=/nowhere.jsonl"), "/nowhere.jsonl"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_two(rlvr, arguments, told):
    done = rlvr("check", *arguments)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_guide_has_every_check_as_it_is():
    guide = (Path(__file__).parents[2] / "docs" / "checking.md").read_text()

    rows = [f"| `{one.name}` | {one.title} | {one.severity} | {one.grade} |" for one in CHECKS]
    assert [row for row in rows if row not in guide] == []
