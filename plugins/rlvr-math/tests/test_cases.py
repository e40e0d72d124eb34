"""The rows of cases/math.jsonl: completion, answer, reward, why."""

from pathlib import Path

import pytest
from rlvr_math.understand import understand
from rlvr_math.verify import math

from rlvr.testing import Case, judge_text, load_cases

CASES = load_cases(Path(__file__).parent / "cases" / "math.jsonl")


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_each_case_gets_its_reward(case: Case):
    assert judge_text(math(**case.options), case) == case.reward


def test_half_of_the_cases_must_not_be_paid():
    unpaid = [case for case in CASES if not case.reward]

    assert len(CASES) >= 80
    assert len(unpaid) >= len(CASES) / 2


def test_every_paid_case_is_understood_and_not_only_spelled_alike():
    paid = [case for case in CASES if case.reward and isinstance(case.answer, str)]

    texts = [case.answer for case in paid if "####" not in case.answer]

    assert [text for text in texts if understand(text).tree is None] == []
