import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rlvr_code.extraction import extract
from rlvr_code.syntax import parsed

from rlvr.rows import read_jsonl

CASES = [row for _, row in read_jsonl(Path(__file__).parent / "cases" / "extraction.jsonl")]
PREFIX = 'import math\n\n\ndef half(x):\n    return x / 2\n\n\ndef f(a, b):\n    """Add."""\n'
PIECES = [
    *("```", "```python", "~~~", "\n", "    ", "\t", "def f(a, b):", "return a", "<think>", "</think>"),
    *("class f:", "\x00", "\ud800", "\\", "'''", '"', "(", "x = 1", "\r\n", "#", "import f"),
]


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_every_case_is_read_as_it_says(case):
    found = extract(case["completion"], entry_point=case["entry_point"], prefix=case.get("prefix", ""))
    assert (found.source if not found.problem else "", found.how, found.problem) == (
        case["source"],
        case["how"],
        case["problem"],
    )


@settings(max_examples=400, deadline=None)
@given(
    text=st.one_of(st.text(st.characters(codec=None)), st.lists(st.sampled_from(PIECES)).map("".join)),
    entry_point=st.sampled_from([None, "f", "f.solve"]),
    prefix=st.sampled_from(["", PREFIX, "def f(", "no code"]),
)
def test_no_text_raises_and_what_is_found_is_a_program(text, entry_point, prefix):
    found = extract(text, entry_point=entry_point, prefix=prefix)
    if not found.problem and prefix != "def f(":
        assert parsed(found.source) is not None


@pytest.mark.parametrize(
    "unit", [*PIECES, "```\nf\n```\n", "```python\nf=1\n```\n", "-", "f(", "[", "{1:", "not "]
)
def test_the_time_is_linear_in_the_length(unit):
    text = unit * (200_000 // len(unit))
    started = time.thread_time()
    extract(text, entry_point="f", prefix=PREFIX)
    assert time.thread_time() - started < 4.0


def test_a_program_of_its_own_may_use_what_the_prefix_defines():
    found = extract("```python\ndef f(a, b):\n    return half(a + b)\n```", entry_point="f", prefix=PREFIX)
    assert found.source.startswith("import math\n\n\ndef half(x):")
    assert found.source.count("def f(") == 1
