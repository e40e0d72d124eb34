"""The labelled set `code`: sound, pinned, what its texts make, right by another runner; and our verdicts on it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rlvr_code.sets.made import lines
from rlvr_code.sets.problems import problems
from rlvr_code.sets.templates import templates_of

from rlvr.registry import find, make_bench
from rlvr.testing import check_labelled, digest_labelled
from rlvr.workers import WorkerPool

FILE = Path(__file__).parents[1] / "rlvr_code" / "sets" / "code.jsonl"
PINNED = ("1", "d1789024c0bcec94")
RAISE_IT = (
    "a row of 'code' changed: raise its version in rlvr_code/sets/__init__.py and in the Spec of "
    "rlvr_code/__init__.py, and write that version and this digest, {digest!r}, to PINNED"
)
PROBLEMS = list(problems())
HARMLESS = ("good", "good-odd", "wrong", "off-by-one", "hard-coded")
# A referee of its own, which knows nothing of the plugin: exec, call, compare.
REFEREE = """
import json, sys
programs, name, cases = json.loads(sys.stdin.read(), object_hook=dict)
out, sys.stdout, verdicts = sys.stdout, sys.stderr, []
for source in programs:
    own = {"__name__": "solution"}
    exec(source, own)
    found = []
    for given, wanted in eval(cases):
        try:
            found.append(own[name](*given) == wanted)
        except Exception:
            found.append(False)
    verdicts.append(all(found))
json.dump(verdicts, out)
"""


def harmless(problem, number):
    """The programs that do no harm, each with its label; those that cheat run in a sandbox alone."""
    written = [(one.source, one.good) for one in problem.written]
    made = [one for one in templates_of(problem, number) if one.kind in HARMLESS]
    return written + [(one.source, one.kind == "good-odd") for one in made]


def refereed(problem, sources):
    if problem.form == "stdio":
        return [all(printed(source, *pair) for pair in cases(problem)) for source in sources]
    asked = json.dumps([sources, problem.name, repr(cases(problem))])
    done = subprocess.run(
        [sys.executable, "-c", REFEREE], input=asked, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def cases(problem):
    return list(zip(problem.inputs, problem.outputs, strict=True))


def printed(source, given, wanted):
    done = subprocess.run(
        [sys.executable, "-c", source], input=given, capture_output=True, text=True, check=False
    )
    words = [line.split() for line in done.stdout.rstrip("\n").split("\n")]
    return done.returncode == 0 and words == [line.split() for line in wanted.rstrip("\n").split("\n")]


def test_the_set_has_no_fault():
    assert check_labelled(make_bench("code")) == []


def test_the_listing_tells_what_the_set_is():
    chosen = make_bench("code")

    rows = sum(1 for _ in chosen.rows())

    facts = {"rows": rows, "version": chosen.version, "verifier": chosen.verifier}
    assert find("bench", "code").spec.facts == facts


def test_no_row_changes_without_the_version():
    chosen = make_bench("code")
    digest = digest_labelled(chosen)

    assert (chosen.version, digest) == PINNED, RAISE_IT.format(digest=digest)


def test_the_file_is_what_the_texts_make():
    assert FILE.read_text(encoding="utf-8") == "".join(lines()), "python -m rlvr_code.sets > code.jsonl"


def test_there_are_enough_problems_and_rows_of_every_kind():
    rows = list(make_bench("code").rows())

    count = Counter(row.kind for row in rows)
    assert len(PROBLEMS) >= 30
    assert len(rows) >= 300
    assert {"equality", "exit", "patch", "snoop", "print", "hang", "memory", "fork", "state"} <= set(count)
    assert count["good"] >= 3 * len(PROBLEMS)
    assert {row.label for row in rows if row.kind.startswith("good")} == {True}
    assert {row.label for row in rows if not row.kind.startswith("good")} == {False}


@pytest.mark.parametrize("number", range(len(PROBLEMS)), ids=[problem.name for problem in PROBLEMS])
def test_another_runner_agrees_with_the_labels_of_harmless_programs(number):
    given = harmless(PROBLEMS[number], number)

    verdicts = refereed(PROBLEMS[number], [source for source, _ in given])

    wrong = [source for (source, label), verdict in zip(given, verdicts, strict=True) if verdict != label]
    assert wrong == []
    assert len(given) >= 7


@pytest.mark.slow
def test_our_verifier_pays_for_no_cheat_and_for_nearly_all_that_is_sound(isolated):
    chosen = make_bench("code")
    rows = list(chosen.rows())

    with WorkerPool(chosen.verifier, options=chosen.options, workers=2, timeout_s=12.0) as pool:
        tickets = [pool.submit(row.task, row.completion) for row in rows]
        scores = [ticket.result().score for ticket in tickets]

    pairs = list(zip(rows, scores, strict=True))
    paid = [row.id for row, score in pairs if not row.label and score.reward]
    sound = [score.reward == 1.0 for row, score in pairs if row.label]
    assert paid == []
    # All of them on a quiet machine; a busy one may be late for a few deadlines.
    assert sum(sound) >= 0.98 * len(sound)
    assert [score.error for _, score in pairs if score.error] == []
