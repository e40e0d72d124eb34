"""`rlvr diff`: which rows flip between two verifiers, and exit 1 where one is a regression."""

import json
import re

import pytest
from click.testing import CliRunner

from rlvr.cli import cli

ROWS = [
    {"id": "same", "completion": "4", "answer": "4", "label": True, "kind": "plain"},
    {"id": "words", "completion": "it is 4", "answer": "4", "label": True, "kind": "words"},
    {"id": "hedge", "completion": "5, so 4", "answer": "4", "label": False, "kind": "words"},
    {"id": "open", "completion": "4 apples", "answer": "4", "kind": "words"},
]


@pytest.fixture
def write_rows(tmp_path):
    def write(rows):
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


@pytest.fixture
def run():
    def go(*arguments, code):
        done = CliRunner().invoke(cli, ["diff", *arguments, "--workers", "2"], catch_exceptions=False)
        assert done.exit_code == code, done.stderr
        return done.stdout

    return go


def test_flips_are_counted_by_kind_and_a_regression_exits_with_one(run, write_rows):
    told = json.loads(run("identical", "number", write_rows(ROWS), "--json", code=1))

    counts = {"rows": 4, "same": 1, "improved": 1, "regressed": 1, "unlabelled_flips": 1}
    assert {name: told[name] for name in counts} == counts
    assert told["by_kind"] == {
        "plain": {"rows": 1, "improved": 0, "regressed": 0, "unlabelled_flips": 0},
        "words": {"rows": 3, "improved": 1, "regressed": 1, "unlabelled_flips": 1},
    }
    assert [(flip["id"], flip["change"]) for flip in told["flips"]] == [
        ("hedge", "regressed"),
        ("words", "improved"),
        ("open", "unknown"),
    ]
    assert [told[side]["label"] for side in "ab"] == ["identical", "number"]
    assert told["a"]["plugin"].startswith("rlvr/identical@")


def test_each_side_says_what_it_read(run, write_rows):
    told = json.loads(run("identical", "number", write_rows(ROWS[1:2]), "--json", code=0))

    (flip,) = told["flips"]
    assert flip["a"]["explanation"]["read"] == "it is 4"
    assert (flip["b"]["explanation"]["read"], flip["b"]["explanation"]["spans"]) == ("4", [[6, 7]])
    assert (flip["a"]["reward"], flip["b"]["reward"]) == (0.0, 1.0)


def test_the_other_way_round_what_regressed_has_improved(run, write_rows):
    told = json.loads(run("number", "identical", write_rows(ROWS), "--json", code=1))

    assert (told["improved"], told["regressed"]) == (1, 1)
    assert {flip["id"]: flip["change"] for flip in told["flips"]}["hedge"] == "improved"


def test_one_verifier_with_other_options_is_another(run, write_rows):
    path = write_rows([{"completion": "4.01", "answer": "4", "label": False}])

    told = json.loads(run("number", "number:abs_tol=0.1", path, "--json", code=1))

    assert [told[side]["label"] for side in "ab"] == ["number", "number:abs_tol=0.1"]
    assert told["regressed"] == 1


def test_a_verifier_and_itself_differ_in_nothing(run, write_rows):
    out = run("number", "number", write_rows(ROWS), code=0)

    assert "4 rows: 4 the same, 0 improved, 0 regressed, 0 flips without a label" in out


def test_what_a_person_sees_has_the_flips_with_both_sides_and_no_escapes(run, write_rows):
    hostile = {**ROWS[1], "completion": "\x1b[2Jit is 4", "kind": "a\x1b[31mb", "id": "\u202ex"}

    out = run("identical", "number", write_rows([*ROWS, hostile]), code=1)

    assert all(character.isprintable() or character == "\n" for character in out)
    assert "hedge, words (wrong): regressed" in out
    assert r"a\x1b[31mb" in out
    assert re.search(r"A  read\s+it is 4\n.*\n\s+B  read\s+4\n", out)


def test_every_flip_is_written_to_a_file_and_some_are_kept(run, write_rows, tmp_path):
    path = write_rows([{**ROWS[1], "id": str(i)} for i in range(50)])

    told = json.loads(
        run("identical", "number", path, "--keep", "3", "--flips", f"{tmp_path}/f.jsonl", "--json", code=0)
    )

    written = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text().splitlines()]
    assert [flip["id"] for flip in written] == [str(i) for i in range(50)]
    assert len(told["flips"]) == 3
    assert told["flips"][0] in written


def test_a_limit_takes_the_first_rows(run, write_rows):
    assert (
        json.loads(run("identical", "number", write_rows(ROWS), "--limit", "1", "--json", code=0))["rows"]
        == 1
    )


def test_a_page_is_written(run, write_rows, tmp_path):
    run("identical", "number", write_rows(ROWS), "--html", f"{tmp_path}/page.html", code=1)

    assert "hedge" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["identical", "nmber", "ROWS"], "nmber"),
        (["identical", "number", "nowhere"], "nowhere"),
        (["identical", "number", "EMPTY"], "no row"),
        (["identical", "number", "ROWS", "--flips", "/nowhere/f"], "cannot be written"),
        (["identical", "number", "ROWS", "--answer-field", "gold"], "gold"),
    ],
)
def test_bad_input_is_one_line(rlvr, write_rows, tmp_path, arguments, said):
    (tmp_path / "empty.jsonl").write_text("")
    places = {"ROWS": write_rows(ROWS), "EMPTY": f"{tmp_path}/empty.jsonl"}

    done = rlvr("diff", *(places.get(word, word) for word in arguments))

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_hang_is_a_flip_and_costs_its_deadline_alone(rlvr, write_plugin, write_rows):
    write_plugin(
        "rlvr-stuck",
        "from rlvr.hookspecs import Spec, hookimpl\n"
        "from rlvr.types import Score\n"
        "@hookimpl\n"
        "def rlvr_verifiers():\n"
        "    return [Spec(name='stuck', entry_point='rlvr_stuck:make', summary='s')]\n"
        "def make():\n"
        "    def judge(task, completion):\n"
        "        while completion.text == 'hang': pass\n"
        "        return Score(reward=1.0)\n"
        "    return judge\n",
    )
    path = write_rows([{"completion": text, "answer": text, "label": True} for text in ("4", "hang", "5")])

    done = rlvr("diff", "identical", "stuck", path, "--timeout", "0.5", "--json")

    assert done.returncode == 1
    (flip,) = json.loads(done.stdout)["flips"]
    assert (flip["completion"], flip["b"]["reason"], flip["change"]) == ("hang", "timeout", "regressed")
