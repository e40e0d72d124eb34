"""The pages of verifiers without a browser: what they embed, what they leave out, and that data stays data."""

import json
import math
import re
from random import Random

import pytest

from rlvr.errors import InputError
from rlvr.report.cases import bench_cases, flips
from rlvr.report.passages import fitting, passage, spans_of
from rlvr.report.survey import Budget
from rlvr.report.verdicts import write_bench, write_check, write_diff
from tests.report.conftest import HOSTILE
from tests.report.results import bench_result, check_result, diff_result, gallery_row, hostile_result

PAGES = {
    "bench": (write_bench, bench_result),
    "check": (write_check, check_result),
    "diff": (write_diff, diff_result),
    "hostile": (write_bench, hostile_result),
}


def markup_of(tmp_path, write, result):
    write(result, tmp_path / "page.html")
    return (tmp_path / "page.html").read_text(encoding="ascii")


def embedded(markup):
    """Return what a page holds, by the name of the element."""
    found = re.findall(r'<script type="application/json" id="(\w+)">(.*?)</script>', markup)
    return {name: json.loads(text) for name, text in found}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_file_that_asks_for_nothing(tmp_path, name):
    write, make = PAGES[name]

    markup = markup_of(tmp_path, write, make())

    assert markup.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in markup
    assert not re.search(r"<(?:link|script|img)[^>]+(?:src|href)=\"(?!data:)", markup)
    assert markup.count("<script") == markup.count("</script>") == len(embedded(markup)) + 1


def test_no_text_of_a_result_can_become_markup(tmp_path):
    markup = markup_of(tmp_path, write_bench, hostile_result())

    held = embedded(markup)["held"]
    assert "onerror" in markup
    assert "<img" not in markup
    assert "document.title='owned'</script>" not in markup
    assert {case["id"] for case in held["cases"]} == {HOSTILE, "long"}
    assert held["passages"][0][:2] == [[HOSTILE[:9]], HOSTILE[9:20]]


def test_no_text_of_a_check_or_a_diff_can_become_markup(tmp_path):
    hostile = dict.fromkeys(("environment", "plugin", "grade"), HOSTILE)
    checks = [
        {
            **dict.fromkeys(("name", "title", "severity", "status", "detail"), HOSTILE),
            "examples": [{"text": HOSTILE}],
        }
    ]
    side = {"label": HOSTILE, "plugin": HOSTILE}
    flip = {
        **dict.fromkeys(("id", "kind", "reference", "completion", "change"), HOSTILE),
        "a": {"answer": HOSTILE},
        "b": {},
    }
    diff = {"a": side, "b": side, "by_kind": {HOSTILE: {"rows": 1}}, "flips": [flip]}

    checked = markup_of(tmp_path, write_check, {**hostile, "checks": checks})
    differing = markup_of(tmp_path, write_diff, diff)

    assert "<img" not in checked + differing
    assert embedded(checked)["shown"]["checks"][0]["examples"][0]["text"] == HOSTILE
    assert embedded(differing)["held"]["flips"][0]["id"] == HOSTILE


def test_a_title_is_one_line_of_what_can_be_seen(tmp_path):
    result = {"environment": "a\x00b\u202ec\n</title><b>" + "d" * 500}

    markup = markup_of(tmp_path, write_check, result)

    (title,) = re.findall("<title>(.*)</title>", markup)
    assert title.startswith("a b c &lt;/title&gt;&lt;b&gt;ddd")
    assert len(title) < 200


@pytest.mark.parametrize("write", [write_bench, write_check, write_diff])
@pytest.mark.parametrize(
    "result",
    [
        {},
        {"verifiers": {"a": {}}, "checks": [{}], "flips": [{}], "differences": [{}]},
        {
            "verifiers": {"a": None},
            "checks": [3],
            "flips": "no",
            "by_kind": [],
            "data": 4,
            "agreement": {"names": ["a"]},
        },
    ],
    ids=["nothing", "empty", "of other shapes"],
)
def test_a_page_is_made_of_whatever_is_there(tmp_path, write, result):
    assert "<title>" in markup_of(tmp_path, write, result)


def test_figures_that_are_not_known_are_embedded_as_nothing(tmp_path):
    unlabelled = {
        "n": 3,
        "unscored": 1,
        "accuracy": None,
        "precision": math.nan,
        "accuracy_ci95": [None, None],
        "ratio": None,
    }

    held = embedded(markup_of(tmp_path, write_bench, {"verifiers": {"one": unlabelled}}))

    (one,) = held["shown"]["verifiers"]
    assert (one["n"], one["accuracy"], one["precision"], one["accuracy_ci95"], one["ratio"]) == (
        3,
        None,
        None,
        None,
        None,
    )
    assert held["shown"]["agreement"] is None


def test_a_long_completion_keeps_its_ends_and_what_was_read_of_it():
    text = "a" * 50_000 + "4" + "b" * 50_000

    pieces = passage(text, [(50_000, 50_001)])

    # 16,000 characters: two thirds at the beginning, a third at the end; 300 on each side of what was read.
    assert pieces == ["a" * 10_667, 39_033, "a" * 300, ["4"], "b" * 300, 44_367, "b" * 5_333]
    assert (
        sum(len(p[0]) if isinstance(p, list) else p if isinstance(p, int) else len(p) for p in pieces)
        == 100_001
    )


def test_spans_that_lie_outside_or_overlap_are_mended():
    spans = spans_of([[8, 99], [0, 4], [2, 5], [7, 7], [6, 5], "ab", [1, 2, 3], [math.nan, 2]], length=10)

    assert spans == ((0, 5), (8, 10))


def test_a_span_counts_characters_and_not_units_of_sixteen_bits():
    assert passage("\U0001f600\U0001f600 4", [(3, 4)]) == ["\U0001f600\U0001f600 ", ["4"]]


def test_texts_are_cut_shorter_the_more_there_are_of_them():
    assert fitting([10_000] * 100, 2_000_000) == 16_000
    assert fitting([10_000] * 100, 600_000) == 6_000
    assert fitting([10_000] * 100, 0) == 200


def test_hundred_thousand_characters_on_each_of_many_rows_make_a_page_of_some_megabytes(tmp_path):
    result = bench_result(gallery=3)
    row = result["verifiers"]["math"]["gallery"]["false_positives"][0]
    rows = [
        {**row, "id": str(n), "completion": f"{n} {'x' * 100_000}", "explanation": None} for n in range(2_000)
    ]
    result["verifiers"]["math"]["gallery"]["false_positives"] = rows

    markup = markup_of(tmp_path, write_bench, result)

    # 2,000 texts within 24,000,000 characters: 6,000 of each are kept.
    assert 12_000_000 < len(markup) < 25_000_000
    # The first is 100,002 characters long.
    assert embedded(markup)["held"]["passages"][0] == ["0 " + "x" * 3_998, 94_002, "x" * 2_000]


def test_of_too_many_rows_an_even_sample_is_kept_and_said():
    gallery = {"false_positives": [{"id": str(n)} for n in range(10)], "false_negatives": [{"id": "x"}] * 10}

    held = bench_cases({"verifiers": {"one": {"gallery": gallery}}}, Budget(rollouts=5))

    assert [case["id"] for case in held["cases"]] == ["0", "4", "8", "x", "x"]
    assert held["notes"] == ["This page holds 5 of 20 rows that were judged amiss: an even sample."]


def test_the_same_text_is_embedded_once():
    rows = [{"id": str(n), "completion": "same"} for n in range(3)]

    held = flips({"flips": [{**row, "change": "improved", "a": {}, "b": {}} for row in rows]})

    assert held["passages"] == [["same"]]
    assert [[side["text"] for side in flip["sides"]] for flip in held["flips"]] == [[0, 0]] * 3


def test_a_difference_names_each_verdict_in_the_order_of_the_verifiers():
    verdicts = {
        "b": {"reward": 0.0, "answer": None, "reason": "no_answer"},
        "a": {"reward": 1.0, "answer": "4", "reason": "same"},
    }
    result = {
        "verifiers": {"a": {}, "b": {}, "c": {}},
        "differences": [{"id": "1", "completion": "4", "verdicts": verdicts}],
    }

    (row,) = bench_cases(result)["differences"]

    assert row["verdicts"] == [
        {"reward": 1.0, "answer": "4", "reason": "same"},
        {"reward": 0.0, "answer": None, "reason": "no_answer"},
        None,
    ]


def test_the_time_without_an_upper_end_ends_at_the_slowest(tmp_path):
    one = {"latency": [[10.0, 3], [1.0, 2], [None, 1], [100.0, 0], ["x"]], "max_ms": 5000.0}

    held = embedded(markup_of(tmp_path, write_bench, {"verifiers": {"one": one}}))

    assert held["shown"]["verifiers"][0]["latency"] == [[1.0, 2], [10.0, 3], [5000.0, 1]]


def test_five_thousand_rows_are_a_page_of_a_few_megabytes(tmp_path):
    result = bench_result(gallery=600)

    markup = markup_of(tmp_path, write_bench, result)

    assert len(embedded(markup)["held"]["cases"]) == 4 * (201 + 401 + 601)
    assert len(markup) < 5_000_000


def test_a_page_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(
        InputError, match=r"^the page cannot be written to '.*': No such file or directory\.$"
    ):
        write_check(check_result(), tmp_path / "nowhere" / "page.html")


def test_each_page_carries_only_the_scripts_that_it_needs(tmp_path):
    assert "function makeChart" not in markup_of(tmp_path, write_diff, diff_result())
    assert "function makeGallery" not in markup_of(tmp_path, write_check, check_result())
    assert "function makeViewer" not in markup_of(tmp_path, write_bench, bench_result(gallery=2))


def test_an_explanation_that_is_not_given_is_left_out():
    row = gallery_row(1, "false_positives", Random(0), explained=False)

    (case,) = bench_cases({"verifiers": {"one": {"gallery": {"false_positives": [row]}}}})["cases"]

    assert "explanation" not in case
    assert "error" not in case
