"""What ships inside passes the conformance kit."""

import pytest

from rlvr.check import Settings, check


@pytest.mark.parametrize("name", ["echo", "identical"])
def test_what_ships_inside_passes_every_check(name):
    report = check(name, Settings(texts=30, huge=1_000_000, answer="17"))

    assert {row["name"]: row["detail"] for row in report["checks"] if row["status"] == "fail"} == {}
    assert report["grade"] == "A"
