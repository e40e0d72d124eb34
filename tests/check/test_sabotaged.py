"""Each sabotaged environment fails exactly the check that it sabotages."""

import importlib.util
from pathlib import Path

import pytest

from rlvr.check import CHECKS, Settings, check

QUICK = Settings(timeout_s=2.0, start_timeout_s=20.0, texts=15, huge=1_000_000)
SETTINGS = {
    "startup_hangs": Settings(start_timeout_s=3.0),
    "tasks_hang": Settings(start_timeout_s=3.0),
    "raises_rarely": Settings(texts=100, huge=1_000_000),
    "deadline_huge": Settings(timeout_s=2, texts=20, huge=1_000_000),
}


def _expected():
    path = Path(__file__).with_name("rlvr_sabotaged.py")
    spec = importlib.util.spec_from_file_location("sabotaged_for_its_names", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXPECTED


EXPECTED = _expected()


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED)
def test_a_sabotaged_environment_fails_exactly_its_check(sabotaged, name, expected):
    report = check(name, SETTINGS.get(name, QUICK))

    failed = {
        row["name"]: (row["detail"], row["examples"]) for row in report["checks"] if row["status"] == "fail"
    }
    assert set(failed) == expected, failed


def test_every_check_has_an_environment_that_fails_it():
    assert {check.name for check in CHECKS} == set().union(*EXPECTED.values())
