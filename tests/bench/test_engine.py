"""The engine: turns, times, samples, what is kept, and every way of being a bad verifier."""

import os
import sys
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import pytest

from rlvr.bench import Bench, Contender, Entrant, Settings, result
from rlvr.errors import InputError, PoolError
from rlvr.types import Completion, Labelled, Task


def row(number, text="right", *, label=True, **fields):
    task = Task(id=str(number), prompt=(), answer="right")
    return Labelled(id=str(number), task=task, completion=Completion(text=text), label=label, **fields)


def rows(n):
    """Right and wrong in turn, labelled as they are."""
    return (row(i, "right" if i % 2 else "wrong", label=bool(i % 2)) for i in range(n))


@contextmanager
def bench_of(*names, **settings):
    settings = Settings(**{"workers": 1, "timeout_s": 5.0, **settings})
    with ExitStack() as stack:
        entrants = [Entrant(label=f"{i} {name}", name=name, kind="verifier") for i, name in enumerate(names)]
        yield Bench([stack.enter_context(Contender(one, settings)) for one in entrants], settings)


def measured(names, given, **settings):
    with bench_of(*names, **settings) as bench:
        bench.run(given)
    return result(bench, {"source": "here"})


@pytest.fixture
def finding(garbage):
    """Judge a hundred rows with a verifier and return its one finding."""

    def judge(name, n=100, **settings):
        (figures,) = measured([name], rows(n), **{"workers": 2, **settings})["verifiers"].values()
        assert len(figures["findings"]) == 1, figures["findings"]
        return figures["findings"][0]

    return judge


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nan", "gave as reward what is not a finite number"),
        ("string", "returned str where a Score is expected"),
        ("a-list", "returned list where a Score is expected"),
        ("a-bool", "returned bool where a Score is expected"),
        ("text-answer", "gave as answer what is not text"),
        ("five", "gave a reward outside 0 to 1"),
        ("raises", "raised KeyError"),
        ("leaves", "tried to exit (SystemExit)"),
        ("exits", "ended its worker process"),
        ("kills", "ended its worker process"),
    ],
)
def test_what_goes_wrong_at_every_row_is_one_finding_with_its_count_and_examples(finding, name, what):
    found = finding(name)

    assert (found["what"], found["count"], found["rows"]) == (what, 100, ["0", "1", "2", "3", "4"])
    assert "Traceback" not in found["detail"]


@pytest.mark.parametrize(
    ("name", "what", "least"),
    [
        ("prints", "printed while judging", 100),
        ("warns", "printed while judging", 100),
        ("loud-at-load", "printed while it was made", 1),
        ("forks", "left processes running", 16),
        ("forks-and-returns", "forked, and the child came back", 1),
        ("crowds", "left processes running", 64),
        ("threads", "left threads running", 8),
        ("moves", "changed the working directory", 1),
    ],
)
def test_what_is_done_to_the_process_is_one_finding_and_costs_no_verdict(garbage, name, what, least):
    (figures,) = measured([name], rows(100), workers=2)["verifiers"].values()

    (found,) = figures["findings"]
    assert found["what"] == what
    assert found["count"] >= least
    assert (figures["accuracy"], figures["n"]) == (1.0, 100)


def test_a_good_verifier_has_no_finding(garbage):
    (figures,) = measured(["good"], rows(100))["verifiers"].values()

    assert figures["findings"] == []
    assert (figures["tp"], figures["tn"]) == (50, 50)


def test_one_that_breaks_its_pool_is_left_out_and_the_others_go_on(garbage):
    found = measured(["good", "babbles", "nan"], rows(400), block_rows=64)

    good, babbles, nan = found["verifiers"].values()
    assert (good["n"], babbles["n"], nan["n"]) == (400, 0, 400)
    assert babbles["findings"][0]["what"] == "broke its worker pool"
    assert "left out from there on, after 0 rows" in babbles["findings"][0]["detail"]
    assert found["agreement"]["share"][0] == [1.0, None, 0.0]


def test_a_hang_costs_one_deadline(garbage):
    given = [row(i, "hang" if i == 40 else "right") for i in range(300)]

    (figures,) = measured(["hangs"], given, workers=2, timeout_s=2)["verifiers"].values()

    assert (figures["hangs"], figures["fn"], figures["tp"]) == (1, 1, 299)
    assert figures["max_ms"] == 2000.0
    assert 2 <= figures["timed_rows"] / figures["rate_all_per_s"] < 4
    (found,) = figures["findings"]
    assert (found["what"], found["rows"]) == ("did not end within 2 s", ["40"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("import-error", "0 import-error: .*ModuleNotFoundError: No module named 'no_such_module'"),
        ("bad-factory", "0 bad-factory: .*OSError: disk on fire"),
        ("dies-at-load", "0 dies-at-load: .*exit code 7.*The last that it printed: no licence found"),
    ],
)
def test_one_that_cannot_be_made_is_one_line_that_names_it(garbage, name, words):
    with pytest.raises(PoolError, match=words) as raised, bench_of(name):
        pass

    assert "\n" not in str(raised.value)


def test_the_warm_up_counts_for_correctness_and_not_for_times():
    found = measured(["identical"], rows(100), warm_up_rows=30)

    (figures,) = found["verifiers"].values()
    assert (figures["n"], figures["timed_rows"]) == (100, 70)
    assert sum(count for _, count in figures["latency"]) == 70
    assert found["settings"]["warm_up_rows"] == 30


def test_turns_are_drawn_anew_for_each_block_and_the_same_for_the_same_seed():
    def order(seed):
        heard = []
        with bench_of("identical", "identical", "identical", seed=seed, block_rows=8) as bench:
            for contender in bench.contenders:
                judge = contender.judge
                contender.judge = lambda *args, judge=judge, c=contender: (
                    heard.append(c.entrant.label) or judge(*args)
                )
            bench.run(rows(200))
        return heard

    first = order(1)

    assert first == order(1) != order(2)
    turns = {tuple(first[i : i + 3]) for i in range(0, len(first), 3)}
    assert all(len(set(turn)) == 3 for turn in turns)
    assert len(turns) > 1


def test_a_ratio_is_to_the_first_verifier_with_its_spread():
    found = measured(["identical", "identical"], rows(2_000), block_rows=64)

    first, second = found["verifiers"].values()
    assert first["ratio"] is None
    assert second["ratio"]["to"] == "0 identical"
    assert second["ratio"]["p10"] <= second["ratio"]["p50"] <= second["ratio"]["p90"]
    assert 0.2 < second["ratio"]["p50"] < 5


def test_kinds_and_reasons_without_end_do_not_fill_the_memory(garbage):
    given = (row(i, kind=f"k{i}") for i in range(1_500))

    (figures,) = measured(["endless-reasons"], given)["verifiers"].values()

    assert len(figures["by_kind"]) == 1_001
    assert figures["by_kind"]["(other)"]["n"] == 500
    assert len(figures["reasons"]) == 257
    assert sum(figures["unscored_reasons"].values()) == 1_500


def test_galleries_and_differences_hold_rows_with_both_verdicts(garbage):
    given = [row(0, "right", label=False, why="by hand", kind="odd"), row(1, "wrong"), row(2)]

    found = measured(["good", "nan"], given)

    good, nan = found["verifiers"].values()
    (false_positive,) = good["gallery"]["false_positives"]
    assert {key: false_positive[key] for key in ("id", "kind", "label", "completion", "why", "reward")} == {
        "id": "0",
        "kind": "odd",
        "label": False,
        "completion": "right",
        "why": "by hand",
        "reward": 1.0,
    }
    assert [seen["id"] for seen in good["gallery"]["false_negatives"]] == ["1"]
    assert [seen["id"] for seen in nan["gallery"]["unscored"]] == ["0", "1", "2"]
    assert [different["id"] for different in found["differences"]] == ["0", "1", "2"]
    assert found["differences"][0]["verdicts"]["1 nan"]["reward"] is None


def test_a_text_of_megabytes_is_cut_where_it_is_shown():
    given = [row(i, "x" * 3_000_000) for i in range(3)]

    (figures,) = measured(["identical"], given)["verifiers"].values()

    shown = [seen["completion"] for seen in figures["gallery"]["false_negatives"]]
    assert [len(text) for text in shown] == [1 << 16] * 3
    assert all(text.endswith("xxx... (3000000 characters in all)") for text in shown)


def test_a_fault_of_the_input_leaves_the_figures_of_what_was_before():
    def broken():
        yield from rows(50)
        raise InputError("line 51 is torn")

    with bench_of("identical", block_rows=16) as bench:
        bench.run(broken())

    assert (bench.rows, str(bench.fault)) == (50, "line 51 is torn")


def test_an_interrupt_leaves_every_verifier_at_the_same_row():
    def interrupted():
        yield from rows(50)
        raise KeyboardInterrupt

    with bench_of("identical", "identical", block_rows=16) as bench:
        bench.run(interrupted())

    assert bench.interrupted
    assert [contender.counts.n for contender in bench.contenders] == [48, 48]
    assert bench.rows == 48


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_a_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(garbage):
    stream = (
        row(i, f"{i} " + "x" * 3_000, label=bool(i % 2), kind=f"k{i % 50}", group=f"g{i // 8}")
        for i in range(100_000)
    )
    with bench_of("good", "five", workers=2) as bench:
        bench.run(islice(stream, 10_000))
        early = resident_mb()
        bench.run(stream)
        late = resident_mb()

    assert bench.rows == 100_000
    assert late - early < 40  # 90,000 rows as they stand are 300 MB
