"""The logs of other programs, in the shapes that their sources write: what is read out of each."""

import json

import pytest

from rlvr.errors import InputError
from rlvr.formats import FORMATS, Fields, open_rows
from rlvr.runlog import RunLog, row_of
from rlvr.types import Completion, Message, Rollout, Score, Task

ASKED = Message(role="user", content="2+2?")
CHAT = [{"role": "user", "content": "2+2?"}]

# verifiers 0.3.1, legacy/utils/save_utils.py: state_to_output
RESULT = {
    "example_id": 3,
    "prompt": CHAT,
    "completion": [{"role": "assistant", "content": "It is 4"}],
    "answer": "4",
    "info": {"level": 1},
    "reward": 1.0,
    "error": None,
    "timing": {"generation_ms": 1.0},
    "is_completed": True,
    "is_truncated": False,
    "stop_condition": None,
    "metrics": {"exact": 1.0},
    "tool_defs": None,
    "exact": 1.0,
}
# verifiers 0.4.0: v1/utils/trace_store.py writes an Episode a line, without what is None
EPISODE = {
    "id": "e1",
    "env": {"id": "sums"},
    "task": {
        "type": "Sum",
        "data": {
            "idx": 0,
            "prompt": "2+2?",
            "system_prompt": "Be brief.",
            "skills": [],
            "timeout": {},
            "answer": "4",
        },
        "key": "k0",
        "hash": "h0",
    },
    "ok": True,
    "errors": [],
    "traces": [
        {
            "version": 1,
            "id": "t1",
            "agent": {"config": {}, "name": "solver", "trainable": True},
            "nodes": [
                {"message": {"role": "user", "content": "2+2?"}, "sampled": False},
                {"parent": 0, "message": {"role": "assistant", "content": "Let me see."}, "sampled": True},
                {"parent": 1, "message": {"role": "assistant", "content": "4"}, "sampled": True},
                {"parent": 2, "message": {"role": "assistant", "content": "shown"}, "sampled": False},
            ],
            "rewards": {"exact": {"score": 1.0, "weight": 0.5}, "brief": {"score": 0.5}, "failed": None},
            "ok": True,
        },
        {"id": "t2", "agent": {"name": "judge", "trainable": False}, "nodes": [], "rewards": {}},
        {"id": "t3", "agent": {"name": "solver"}, "nodes": [], "errors": [{"type": "X", "message": "died"}]},
    ],
}
# nemo-gym 0.7.0: a row of resources_servers/*/data/example_rollouts.jsonl
ROLLOUT = {
    "responses_create_params": {"input": [{"type": "message", **CHAT[0]}], "instructions": "Be brief."},
    "response": {
        "id": "r",
        "object": "response",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "It "}]},
            {"type": "function_call", "name": "f", "arguments": "{}"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "is 4"}]},
        ],
    },
    "reward": 1.0,
    "expected_answer": "4",
    "agent_ref": {"name": "a"},
    "_ng_task_index": 184,
    "_ng_rollout_index": 2,
}
# inspect_ai 0.3.285: a sample of a log, as its recorder wrote it
SAMPLE = {
    "id": "a",
    "epoch": 2,
    "input": "2+2?",
    "target": ["4", "four"],
    "messages": [],
    "output": {
        "model": "m",
        "choices": [{"message": {"role": "assistant", "content": "It is 4"}, "stop_reason": "max_tokens"}],
        "completion": "It is 4",
    },
    "scores": {"match": {"value": "C", "answer": "4"}, "judge": {"value": float("nan")}},
    "metadata": {"level": 1},
    "attachments": {"0f": "a long text"},
}
# lm_eval 0.4.13: result_schema.py, SampleResult, as loggers/evaluation_tracker.py writes it
LM = {
    "doc_id": 0,
    "doc": {"question": "2+2?", "answer": "so #### 4"},
    "target": "4",
    "arguments": {"gen_args_0": {"arg_0": "2+2?", "arg_1": {"until": ["\n"]}}},
    "resps": [["It is 4", "It is 5"]],
    "filtered_resps": ["4"],
    "filter": "strict-match",
    "metrics": ["exact_match"],
    "doc_hash": "d",
    "exact_match": 1.0,
}
# trl 1.16.0: trainer/grpo_trainer.py, the table of log()
TRL = {"step": 10, "prompt": CHAT, "completion": [{"role": "assistant", "content": "It is 4"}]}
TRL |= {"accuracy_reward": 1.0, "length_reward": 0.5, "solution": "4", "advantage": 0.7}
# verl 0.9.1: trainer/ppo/ray_trainer.py, _write_generations
VERL = {"input": "2+2?", "output": "It is 4", "gts": "4", "score": 1.0, "step": 10, "acc": True}

ROWS = {
    "verifiers-results": RESULT,
    "verifiers-traces": EPISODE,
    "nemo-gym": ROLLOUT,
    "inspect": SAMPLE,
    "lm-eval": LM,
    "trl": TRL,
    "verl": VERL,
    "plain": {"completion": "4", "answer": "4"},
}


@pytest.fixture
def run_log(tmp_path):
    def run_log(*texts, step=1):
        path = tmp_path / "rollouts.jsonl"
        with RunLog(path) as log:
            for text in texts:
                task = Task(id="sum-1", prompt=(ASKED,), answer="4", metadata={"level": 1})
                said = Completion(text=text, token_ids=(1, 2), finish_reason="length")
                log.write(
                    {"step": step, **row_of(Rollout(task=task, completion=said, score=Score(reward=1.0)))}
                )
        return path

    return run_log


@pytest.mark.parametrize("name", list(ROWS))
def test_each_format_is_seen_by_its_first_row_and_by_no_other(write, read, name):
    assert [each.name for each in FORMATS.values() if each.sniff(ROWS[name])] == [name][: name != "plain"]
    assert read(write(ROWS[name]))[0] == name


@pytest.mark.parametrize("name", [name for name in ROWS if name != "plain"])
def test_what_a_log_recorded_is_no_label(write, read, name):
    _, rows = read(write(ROWS[name]))

    assert {row.label for row in rows} == {None}
    assert all("recorded_reward" in row.task.metadata for row in rows)


def test_our_run_logs(run_log, read):
    name, rows = read(run_log("4", "5", "\ud800"))

    assert name == "run-log"
    assert [(row.id, row.group, row.completion.text) for row in rows] == [
        ("sum-1#1", "sum-1 of step 1", "4"),
        ("sum-1#2", "sum-1 of step 1", "5"),
        ("sum-1#3", "sum-1 of step 1", "\ud800"),
    ]
    assert rows[0].task == Task(
        id="sum-1", prompt=(ASKED,), answer="4", metadata={"level": 1, "recorded_reward": 1.0}
    )
    assert rows[0].completion.finish_reason == "length"


def test_results_of_verifiers(write, read):
    failed = {**RESULT, "completion": None, "reward": 0.0, "error": {"error": "Timeout"}}
    del failed["answer"]

    _, (row, empty) = read(write(RESULT, failed))

    assert (row.id, row.group, row.task.id, row.completion.text) == ("3#1", "3", "3", "It is 4")
    assert (row.task.prompt, row.task.answer) == ((ASKED,), "4")
    assert row.task.metadata == {"level": 1, "recorded_reward": 1.0}
    assert (empty.completion.text, empty.task.answer) == ("", None)
    assert empty.task.metadata["recorded_error"] == "Timeout"


def test_traces_of_verifiers(write, read):
    _, (first, failed) = read(write(EPISODE))

    assert (first.id, first.group, first.task.id, first.completion.text) == ("t1", "k0", "0", "4")
    assert first.task.prompt == (Message(role="system", content="Be brief."), ASKED)
    assert first.task.answer == "4"
    assert first.task.metadata == {"answer": "4", "recorded_reward": 1.0}  # 0.5 x 1 + 1 x 0.5
    assert (failed.id, failed.completion.text) == ("t3", "")
    assert failed.task.metadata["recorded_error"] == "died"


def test_the_root_agents_reply_comes_before_the_last_message_of_a_trace(write, read):
    trace = {**EPISODE["traces"][0], "root_reply": "5"}
    task = {"type": "Sum", "data": {"gold": "4"}}

    _, (row,) = read(write({**EPISODE, "task": task, "traces": [trace]}))

    assert (row.completion.text, row.task.answer) == ("5", "4")
    assert row.task.prompt == (ASKED,)  # the messages before the first that was sampled


def test_rollouts_of_nemo_gym(write, read):
    _, (row,) = read(write(ROLLOUT))

    assert (row.id, row.group, row.task.id) == ("184-2", "184", "184")
    assert (row.completion.text, row.completion.finish_reason) == ("It is 4", "length")
    assert row.task.prompt == (Message(role="system", content="Be brief."), ASKED)
    assert (row.task.answer, row.task.metadata["recorded_reward"]) == ("4", 1.0)


def test_samples_of_inspect(write, read):
    attached = {
        **SAMPLE,
        "output": {"completion": "attachment://0f"},
        "error": {"message": "died", "traceback": "x"},
    }

    _, (row, second) = read(write(SAMPLE, attached))

    assert (row.id, row.group, row.task.id) == ("a#2", "a", "a")
    assert (row.completion.text, row.completion.finish_reason) == ("It is 4", "length")
    assert (row.task.prompt, row.task.answer) == ((ASKED,), ["4", "four"])
    assert row.task.metadata == {"level": 1, "recorded_reward": {"match": "C", "judge": None}}
    assert second.completion.text == "a long text"
    assert second.task.metadata["recorded_error"] == "died"


def test_a_recorded_score_is_a_label_where_the_user_says_so(write, read):
    _, (row,) = read(write(SAMPLE), label="scores.match.value")

    assert row.label is True


def test_samples_of_lm_eval_with_several_completions_and_filters(write, read):
    again = {**LM, "filter": "flexible-extract", "filtered_resps": ["5"]}

    _, rows = read(write(LM, again), answer="doc.answer", label="exact_match")

    assert [(row.id, row.group, row.completion.text) for row in rows] == [
        ("0#1", "0", "It is 4"),
        ("0#2", "0", "It is 5"),
    ]
    assert (rows[0].task.prompt, rows[0].task.answer, rows[0].label) == ((ASKED,), "so #### 4", True)
    assert rows[0].task.metadata["recorded_reward"] == {"exact_match": 1.0}


def test_samples_of_lm_eval_that_chose_among_continuations_are_refused(write):
    row = {**LM, "resps": [[["-3.2", "False"]], [["-1.0", "True"]]]}

    with pytest.raises(InputError, match="line 1: 'resps' holds log-likelihoods, expected texts"):
        list(open_rows(write(row), fields=Fields()).rows)


def test_logs_of_trl(tmp_path, read):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "completions_00010.parquet"
    table = [TRL, {**TRL, "completion": [{"role": "assistant", "content": "5"}], "accuracy_reward": None}]
    pandas.DataFrame([*table, {**TRL, "step": 11}]).to_parquet(path)

    name, rows = read(path)

    assert name == "trl"
    assert [(row.id, row.completion.text, row.task.answer) for row in rows] == [
        ("1", "It is 4", "4"),
        ("2", "5", "4"),
        ("3", "It is 4", "4"),
    ]
    assert rows[0].group == rows[1].group != rows[2].group  # one prompt, two steps
    assert rows[0].task.prompt == (ASKED,)
    assert rows[0].task.metadata["recorded_reward"] == {"accuracy_reward": 1.0, "length_reward": 0.5}
    assert rows[1].task.metadata["recorded_reward"] == {"length_reward": 0.5}


def test_a_log_of_trl_without_a_reference_says_how_to_name_one(write):
    row = {name: value for name, value in TRL.items() if name != "solution"}

    with pytest.raises(InputError, match=r"line 1: none of the fields reference, .* with --answer-field"):
        open_rows(write(row), fields=Fields())


def test_dumps_of_verl(write, read):
    _, (row, other) = read(write(VERL, {**VERL, "input": "3+3?", "gts": None}))

    assert (row.id, row.completion.text, row.task.answer, row.task.prompt) == ("1", "It is 4", "4", (ASKED,))
    assert row.task.metadata == {"acc": True, "recorded_reward": 1.0}
    assert row.group != other.group
    assert other.task.answer is None


def test_a_row_that_two_formats_claim_is_not_guessed_at(write, read):
    path = write({**VERL, **RESULT})

    with pytest.raises(
        InputError, match=r"looks like verl and like verifiers-results: say which with --format"
    ):
        open_rows(path, fields=Fields())

    assert read(path, format="verl")[1][0].completion.text == "It is 4"
    assert read(path, format="verifiers-results")[1][0].id == "3#1"
    assert read(path, format="plain", completion="output")[1][0].task.answer == "4"


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "plain"])
def test_a_format_that_is_told_and_does_not_fit_says_what_is_missing(write, name):
    path = write({"completion": "4", "answer": "4"})

    with pytest.raises(
        InputError, match=f"line 1: no field '.*', which a row of the format {name} has. It has answer"
    ):
        open_rows(path, fields=Fields(), format=name)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            {
                "id": 1,
                "reward": 1.0,
                "answer": "4",
                "reason": "",
                "parts": {},
                "error": None,
                "ms": 1,
                "plugin": "x",
            },
            "holds verdicts that `rlvr score` wrote, and no completions: give the file that was scored.",
        ),
        ({"task_key": "k", "mode": "gold", "valid": True, "reason": "valid"}, "holds what vf-validate found"),
        (
            {"responses_create_params": {"input": "?"}, "expected_answer": "4"},
            "holds tasks of NeMo Gym without",
        ),
    ],
)
def test_what_looks_like_a_log_and_holds_no_completions_is_refused(write, row, fault):
    with pytest.raises(InputError, match=fault):
        open_rows(write(row), fields=Fields())


HOSTILE = [None, 0, "x", [], {}, [None], [[]], {"a": None}, True, "\ud800"]


def fault_of(path):
    try:
        list(open_rows(path, fields=Fields()).rows)
    except InputError as fault:
        return str(fault)
    return ""


@pytest.mark.parametrize("name", list(ROWS))
def test_no_shape_of_a_field_is_a_traceback(write, name):
    whole = ROWS[name]
    bad = [{**whole, field: value} for field in whole for value in HOSTILE]

    first = [fault_of(write(row)) for row in bad]
    later = [fault_of(write(whole, row)) for row in bad]

    assert all(len(fault.splitlines()) <= 1 for fault in first + later)
    assert all(" line 2" in fault for fault in later if fault)


@pytest.mark.parametrize("name", list(ROWS))
def test_no_shape_of_what_lies_deeper_is_a_traceback(write, name):
    whole = ROWS[name]
    nests = [field for field, value in whole.items() if isinstance(value, dict)]
    bad = [
        {**whole, field: {**whole[field], part: value}}
        for field in nests
        for part in whole[field]
        for value in HOSTILE
    ]
    lists = [field for field, value in whole.items() if isinstance(value, list)]
    bad += [
        {**whole, field: [value]} for field in lists for value in [*HOSTILE, {"role": []}, {"content": {}}]
    ]

    faults = [fault_of(write(row)) for row in bad]

    assert all(len(fault.splitlines()) <= 1 for fault in faults)


@pytest.mark.parametrize(
    ("name", "field"), [("verifiers-results", "example_id"), ("lm-eval", "doc_id"), ("inspect", "id")]
)
def test_a_name_that_is_nested_out_of_all_measure_is_one_line(tmp_path, name, field):
    row = json.dumps({**ROWS[name], field: "HERE"}).replace('"HERE"', "[" * 900 + "]" * 900)
    (tmp_path / "rows.jsonl").write_text(row)

    assert len(fault_of(tmp_path / "rows.jsonl").splitlines()) <= 1
