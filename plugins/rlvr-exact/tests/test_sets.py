"""The labelled sets on offer: sound, pinned, what their rules make; and what our verifiers make of them."""

from pathlib import Path

import pytest
from rlvr_exact.sets.rules import SETS
from rlvr_exact.sets.rules.made import lines

from rlvr.registry import entries, find, judge, make, make_bench, make_verifier
from rlvr.scoring import score
from rlvr.testing import check_labelled, digest_labelled
from rlvr.types import RIGHT

FOLDER = Path(__file__).parents[1] / "rlvr_exact" / "sets"
PINNED = {
    "choice": ("1", "52f3c57c35371020"),
    "number": ("1", "62667e0f5cf5a9a7"),
    "exact": ("1", "9b9979772a8c5f22"),
    "countdown": ("1", "41e1a08d4b3ca0ae"),
    "sort": ("1", "6c4a5a8836d6ec5b"),
}
RAISE_IT = (
    "a row of {name!r} changed: raise its version in rlvr_exact/sets/__init__.py and in the Spec of "
    "rlvr_exact/__init__.py, and write that version and this digest, {digest!r}, to PINNED"
)


def verdicts(name):
    chosen = make_bench(name)
    kind = judge(chosen.verifier).kind
    verifier = make_verifier(chosen.verifier) if kind == "verifier" else make(chosen.verifier).verifier
    return [(row, score(verifier, row.task, row.completion).reward) for row in chosen.rows()]


def test_these_sets_are_on_offer():
    ours = [entry.spec.name for entry in entries("bench") if entry.plugin.distribution == "rlvr-exact"]

    assert ours == sorted(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_a_set_has_no_fault(name):
    assert check_labelled(make_bench(name)) == []


@pytest.mark.parametrize("name", PINNED)
def test_the_listing_tells_what_the_set_is(name):
    chosen = make_bench(name)

    rows = sum(1 for _ in chosen.rows())

    facts = {"rows": rows, "version": chosen.version, "verifier": chosen.verifier}
    assert find("bench", name).spec.facts == facts


@pytest.mark.parametrize("name", PINNED)
def test_no_row_changes_without_the_version(name):
    chosen = make_bench(name)
    digest = digest_labelled(chosen)

    assert (chosen.version, digest) == PINNED[name], RAISE_IT.format(name=name, digest=digest)


@pytest.mark.parametrize("name", SETS)
def test_the_file_is_what_the_rules_make(name):
    file = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")

    assert file == "".join(lines(SETS[name])), (
        f"write it again: python -m rlvr_exact.sets {name} > {name}.jsonl"
    )


def test_there_are_enough_rows_and_each_rule_says_what_it_draws():
    assert sum(1 for name in PINNED for _ in make_bench(name).rows()) >= 500
    assert all(rule.__doc__ and rule.__doc__.startswith("Draw ") for rules in SETS.values() for rule in rules)


@pytest.mark.parametrize("name", PINNED)
def test_every_kind_made_by_rule_has_rows_of_both_labels(name):
    rows = [row for row in make_bench(name).rows() if not row.kind.startswith("by-hand")]

    kinds = {row.kind for row in rows}
    assert {(row.kind, row.label) for row in rows} == {
        (kind, label) for kind in kinds for label in (True, False)
    }


@pytest.mark.parametrize("name", PINNED)
def test_our_verifier_pays_for_nothing_that_is_wrong(name):
    paid = [row.id for row, reward in verdicts(name) if not row.label and (reward or 0.0) >= RIGHT]

    assert paid == []


@pytest.mark.parametrize("name", PINNED)
def test_our_verifier_pays_for_all_that_is_right(name):
    refused = [row.id for row, reward in verdicts(name) if row.label and (reward or 0.0) < RIGHT]

    assert refused == []
