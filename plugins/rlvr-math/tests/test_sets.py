"""The labelled sets on offer: sound, pinned to their versions, and what our own verifier makes of them."""

from collections import Counter

import pytest

from rlvr.registry import entries, find, make_bench, make_verifier
from rlvr.scoring import score
from rlvr.testing import check_labelled, digest_labelled

NAMES = ("math", "math-traps")
PINNED = {"math": ("1", "9855f2cf2c3e8f35"), "math-traps": ("1", "b6ee41518bb839e3")}
RAISE_IT = (
    "a row of {name!r} changed: raise its version in rlvr_math/sets/__init__.py and in the Spec of "
    "rlvr_math/__init__.py, and write that version and this digest, {digest!r}, to PINNED"
)


@pytest.fixture(scope="module")
def judged():
    """The rows of a set with our verdict on each; every set is judged once."""
    done = {}

    def judge(name):
        if name not in done:
            chosen = make_bench(name)
            verifier = make_verifier(chosen.verifier, **chosen.options)
            done[name] = [(row, score(verifier, row.task, row.completion)) for row in chosen.rows()]
        return done[name]

    return judge


def test_these_sets_are_on_offer():
    ours = [entry.spec.name for entry in entries("bench") if entry.plugin.distribution == "rlvr-math"]

    assert ours == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_has_no_fault(name):
    assert check_labelled(make_bench(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_listing_tells_what_the_set_is(name):
    chosen = make_bench(name)

    rows = sum(1 for _ in chosen.rows())

    assert find("bench", name).spec.facts == {
        "rows": rows,
        "version": chosen.version,
        "verifier": chosen.verifier,
    }


@pytest.mark.parametrize("name", NAMES)
def test_no_row_changes_without_the_version(name):
    chosen = make_bench(name)
    digest = digest_labelled(chosen)

    assert (chosen.version, digest) == PINNED[name], RAISE_IT.format(name=name, digest=digest)


def test_there_are_enough_traps_of_many_kinds_and_each_says_why():
    rows = list(make_bench("math-traps").rows())

    count = Counter(row.kind for row in rows)
    assert len(rows) >= 200
    assert len(count) >= 25
    assert min(count.values()) >= 8
    assert len({row.why for row in rows}) >= 300


def test_a_trap_is_set_in_both_directions():
    labels = {(row.kind, row.label) for row in make_bench("math-traps").rows()}

    assert {kind for kind, label in labels if label} == {kind for kind, label in labels if not label}


def test_nothing_is_paid_that_was_made_to_be_paid_for_nothing(judged):
    paid = [
        row.id for row, verdict in judged("math") if row.kind == "hacks" and not row.label and verdict.reward
    ]

    assert paid == []


@pytest.mark.parametrize(
    "kind", ["tiny", "huge", "chains", "hedges", "units", "percent", "intervals", "matrices"]
)
def test_no_trap_of_a_kind_that_exact_arithmetic_settles_is_paid(kind, judged):
    paid = [
        row.id
        for row, verdict in judged("math-traps")
        if row.kind == kind and not row.label and verdict.reward
    ]

    assert paid == []


# Labels are the policy's, not the verifier's, so some rows are lost; a trainer bears the loss of a right
# answer better than the gift of a wrong one, and the floors say so.
@pytest.mark.parametrize(("name", "right", "wrong"), [("math", 0.995, 0.999), ("math-traps", 0.99, 1.0)])
def test_our_verifier_is_right_on_most_rows_and_seldom_pays_wrongly(name, right, wrong, judged):
    rows = judged(name)

    paid = [verdict.reward == 1.0 for row, verdict in rows if row.label]
    refused = [verdict.reward == 0.0 for row, verdict in rows if not row.label]

    assert sum(paid) >= right * len(paid)
    assert sum(refused) >= wrong * len(refused)
