"""Everything on offer here passes the conformance kit, warnings included."""

import json

import pytest

from rlvr.check import Settings, check

QUICK = {"tasks": 8, "texts": 30, "huge": 1_000_000}
CAPITALS = {"France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Peru": "Lima", "Japan": "Tokyo"}
ROWS = {
    "exact": [{"question": f"Capital of {land}?", "answer": city} for land, city in CAPITALS.items()],
    "number": [{"question": f"{n} + {n}?", "answer": 2 * n} for n in range(20, 26)],
    "choice": [
        {"question": f"Which is {word}?", "choices": ["red", "green", "blue", "black"], "answer": place}
        for place, word in enumerate(("rouge", "vert", "bleu", "noir"))
    ],
}


def failed(report):
    return {row["name"]: row["detail"] for row in report["checks"] if row["status"] == "fail"}


@pytest.mark.parametrize("name", ["sort", "arithmetic", "countdown"])
def test_procedural_environments_pass_every_check(name):
    report = check(name, Settings(**QUICK))

    assert failed(report) == {}
    assert report["grade"] == "A"


@pytest.mark.parametrize(
    ("name", "rows", "options"),
    [("qa", "exact", {}), ("qa", "number", {"verifier": "number"}), ("choice-qa", "choice", {})],
    ids=["qa", "qa number", "choice-qa"],
)
def test_environments_over_rows_pass_every_check(tmp_path, name, rows, options):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS[rows]))

    assert failed(check(name, Settings(options={"source": str(path), **options}, **QUICK))) == {}


@pytest.mark.parametrize(("name", "answer"), [("exact", "Paris"), ("choice", "B"), ("number", "42")])
def test_verifiers_pass_every_check(name, answer):
    assert failed(check(name, Settings(answer=answer, **QUICK))) == {}
