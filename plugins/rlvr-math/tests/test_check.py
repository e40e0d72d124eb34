"""Everything on offer here passes the conformance kit, warnings included."""

import json

import pytest

from rlvr.check import Settings, check

QUICK = {"tasks": 6, "texts": 30, "huge": 1_000_000}
ODD = (11, 13, 15, 17, 19)
ROWS = {
    "gsm8k": [
        {"question": f"{n} and {n + 1}?", "answer": f"They are {2 * n + 1}.\n#### {2 * n + 1}"} for n in ODD
    ],
    "math500": [
        {
            "problem": f"Halve {n}.",
            "solution": f"It is $\\boxed{{\\frac{{{n}}}{{2}}}}$.",
            "answer": f"\\frac{{{n}}}{{2}}",
            "subject": "Algebra",
            "level": 2,
            "unique_id": f"test/{n}",
        }
        for n in ODD
    ],
    "aime": [
        {"problem": f"Square {n}.", "solution": f"$\\boxed{{{n * n}}}$", "answer": str(n * n)} for n in ODD
    ],
    "math": [{"problem": f"Double {n}.", "answer": str(2 * n)} for n in ODD],
}


def failed(report):
    return {row["name"]: row["detail"] for row in report["checks"] if row["status"] == "fail"}


@pytest.mark.parametrize("name", ROWS)
def test_environments_over_rows_pass_every_check(tmp_path, name):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS[name]))

    assert failed(check(name, Settings(options={"source": str(path)}, kind="environment", **QUICK))) == {}


def test_problems_made_by_rule_pass_every_check():
    report = check("numbers", Settings(**QUICK))

    assert failed(report) == {}
    assert report["grade"] == "A"


@pytest.mark.parametrize("answer", ["42", "\\frac{1}{2}"])
def test_the_verifier_passes_every_check(answer):
    assert failed(check("math", Settings(answer=answer, kind="verifier", **QUICK))) == {}
