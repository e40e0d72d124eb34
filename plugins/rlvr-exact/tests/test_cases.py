from pathlib import Path

import pytest

from rlvr.registry import make, make_verifier
from rlvr.testing import Case, judge_text, load_cases

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[Case]:
    return load_cases(CASES / f"{name}.jsonl")


@pytest.mark.parametrize("name", ["exact", "choice", "number"])
def test_every_case_of_a_verifier_scores_what_it_says(name):
    for case in rows(name):
        verifier = make_verifier(name, **case.options)
        assert judge_text(verifier, case) == case.reward, case


@pytest.mark.parametrize("name", ["sort", "countdown"])
def test_every_case_of_an_environment_scores_what_it_says(name):
    for case in rows(name):
        verifier = make(name, **case.options).verifier
        assert judge_text(verifier, case) == case.reward, case


@pytest.mark.parametrize("name", ["exact", "choice", "number"])
def test_no_case_stands_twice_and_each_says_why(name):
    cases = rows(name)
    asked = [(c.completion, str(c.answer), str(c.options), str(c.metadata)) for c in cases]
    assert len(set(asked)) == len(asked) >= 30
    assert all(case.why for case in cases)
