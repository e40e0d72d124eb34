"""The kit for authors: each defect is found, and nothing else is."""

import json
from itertools import count

import pytest

import rlvr
from rlvr.testing import Case, Finding, ScriptedPolicy, check_environment, judge_text, load_cases
from rlvr.types import Environment, Message, Score, Task, TaskStream

PROMPT = (Message(role="user", content="2+2?"),)
TASKS = [Task(id=f"t{i}", prompt=(Message(role="user", content=f"0+{i}?"),), answer=str(i)) for i in range(3)]


def honest(task, completion):
    return Score(reward=float(completion.text == task.answer))


def environment(verifier=honest, tasks=TASKS, **fields):
    return Environment(name="e", tasks=tasks, verifier=verifier, **fields)


def pays_nobody(task, completion):
    return Score(reward=0.0)


def pays_the_empty(task, completion):
    return Score(reward=float(completion.text in ("", task.answer)))


def pays_a_little(task, completion):
    return Score(reward=1.0 if completion.text == task.answer else 0.1 * ("boxed" in completion.text))


def raises_on_surrogates(task, completion):
    return honest(task, completion) if completion.text.encode() else pays_nobody(task, completion)


def raises_on_depth(task, completion):
    if completion.text.count("{") > 1000:
        raise RecursionError
    return honest(task, completion)


def wavering():
    turn = count()
    return lambda task, completion: Score(
        reward=float(completion.text == task.answer), parts={"turn": float(next(turn))}
    )


def unstable():
    turn = count()
    return TaskStream(at=lambda index: Task(id=f"t{index}-{next(turn)}", prompt=PROMPT, answer="4"))


ODD = {
    "tasks.some": environment(tasks=[]),
    "tasks.unique_ids": environment(tasks=[TASKS[0], TASKS[1], TASKS[0]]),
    "tasks.prompt": environment(
        tasks=[Task(id="t", prompt=(Message(role="user", content=" \n"),), answer="4")]
    ),
    "tasks.plain_data": environment(
        tasks=[Task(id="t", prompt=PROMPT, answer="4", metadata={"when": {1, 2}})]
    ),
    "tasks.repeatable": environment(tasks=unstable()),
    "semantic.oracle_max": environment(pays_nobody),
    "semantic.verifier_determinism": environment(wavering()),
    "semantic.canary_floor.empty": environment(pays_the_empty),
    "runtime.never_raises": environment(raises_on_surrogates),
}


@pytest.mark.parametrize(("check", "odd"), ODD.items(), ids=ODD)
def test_a_defect_is_found_and_nothing_else_is(check, odd):
    findings = check_environment(odd)

    assert {finding.check for finding in findings} == {check}


@pytest.mark.parametrize(
    ("odd", "finding"),
    [
        (
            environment(pays_nobody),
            Finding(check="semantic.oracle_max", task="t0", detail="scores 0.0", text="0"),
        ),
        (
            environment(pays_the_empty),
            Finding(check="semantic.canary_floor.empty", task="t0", detail="scores 1.0", text=""),
        ),
        (
            environment(pays_a_little),
            Finding(check="semantic.canary_floor.empty", task="t0", detail="scores 0.1", text="\\boxed{}"),
        ),
        (
            environment(raises_on_depth),
            Finding(
                check="runtime.never_raises",
                task="t0",
                detail="RecursionError",
                text="{" * 5_000 + "}" * 5_000,
            ),
        ),
        (
            environment(tasks=[TASKS[0], TASKS[0]]),
            Finding(check="tasks.unique_ids", task="t0", detail="the id is used twice"),
        ),
    ],
    ids=["unpaid", "empty", "a little", "depth", "ids"],
)
def test_a_finding_says_the_task_and_the_text(odd, finding):
    assert finding in check_environment(odd, tasks=2)


def test_a_reference_that_raises_is_found_too():
    def reference(task):
        raise KeyError("solution")

    findings = check_environment(environment(reference=reference), tasks=1)

    assert findings == [Finding(check="reference.text", task="t0", detail="KeyError: 'solution'")]


def test_what_is_a_mere_warning_is_left_to_the_command_line():
    twice = environment(tasks=[TASKS[0], Task(id="again", prompt=TASKS[0].prompt, answer="0")])

    assert check_environment(twice) == []


@pytest.mark.parametrize(
    "healthy",
    [
        environment(),
        environment(reference=lambda task: None),
        environment(tasks=TaskStream(at=lambda index: Task(id=str(index), prompt=PROMPT, answer="4"))),
        rlvr.make("echo"),
    ],
)
def test_a_healthy_environment_has_no_finding(healthy):
    assert check_environment(healthy) == []


def test_only_the_first_tasks_are_looked_at():
    late = environment(tasks=[*TASKS, Task(id="late", prompt=(), answer="4")])

    assert check_environment(late, tasks=3) == []
    assert [finding.task for finding in check_environment(late, tasks=4)] == ["late"]


def test_a_scripted_policy_says_its_texts_in_turn_for_each_task():
    groups = ScriptedPolicy(["a", "b"]).generate(TASKS[:2], samples=3)

    assert [[c.text for c in group] for group in groups] == [["a", "b", "a"], ["a", "b", "a"]]


def test_cases_are_read_from_lines_and_judged(tmp_path):
    path = tmp_path / "cases.jsonl"
    rows = [
        {"completion": "4", "answer": "4", "reward": 1.0, "why": "right"},
        {
            "completion": "5",
            "answer": "4",
            "reward": None,
            "why": "?",
            "metadata": {"a": 1},
            "options": {"b": 2},
        },
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    first, second = load_cases(path)

    assert first == Case(completion="4", answer="4", reward=1.0, why="right", metadata={}, options={})
    assert (second.reward, second.metadata, second.options) == (None, {"a": 1}, {"b": 2})
    assert (judge_text(honest, first), judge_text(honest, second)) == (1.0, 0.0)
