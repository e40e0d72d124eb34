"""A look at a run before it starts: each thing that can be wrong is found by its own sabotage, and only it."""

import json
import math
import re
from types import SimpleNamespace

import pytest
import torch

from rlvr.scoring import judged
from rlvr.train import memory, preflight, soundness, trial
from rlvr.train.finding import as_data
from rlvr.train.forward import Example, read
from rlvr.train.learner import learner_for
from rlvr.train.models import load_model
from rlvr.train.settings import EnvironmentTable, EvaluationTable, ModelTable, TrainConfig
from rlvr.train.signal import Group
from rlvr.train.stages import stages
from rlvr.train.world import World
from rlvr.types import Completion, Environment, Message, Rollout, Score, Task

from .conftest import OPTIONS, TINY, rollouts_of, steps_of

pytestmark = pytest.mark.train

SCRATCH = ModelTable(
    name="scratch", vocabulary="0 1 2 >", prompt="text", hidden_size=16, layers=1, heads=2, max_length=16
)
GIB = 1 << 30


def task(name="t0", text="0 >", answer="1"):
    return Task(id=name, prompt=(Message(role="user", content=text),), answer=answer)


def honest(task, completion):
    right = completion.text.strip() == task.answer
    return Score(reward=float(right), reason="correct" if right else "wrong_answer")


def raises(task, completion):
    raise ValueError("no idea")


def half(task, completion):
    return Score(reward=0.5 * honest(task, completion).reward, reason="partial")


def mute(task, completion):
    return honest(task, completion) if not completion.text.strip() else Score.unscored("unreadable_reference")


def generous(task, completion):
    return Score(reward=1.0, reason="correct")


def generous_to_spaces(task, completion):
    return generous(task, completion) if completion.text.isspace() else honest(task, completion)


def fails_on_nothing(task, completion):
    return honest(task, completion) if completion.text.strip() else raises(task, completion)


def unhappy(verifier=honest, *, needed=False, tasks=(), **environment):
    """What a look at one task finds that is not ok."""
    made = Environment(name="e", tasks=tasks or [task()], verifier=verifier, **environment)
    looked = soundness.look_at(made, 8, seed=0)

    def judge(pairs):
        return [judged(verifier, each, completion) for each, completion in pairs]

    found = soundness.verdicts(looked, judge, needed=needed)
    return [(one.level, one.what, one.words) for one in found if one.level != "ok"], found


def test_an_honest_environment_has_nothing_against_it():
    wrong, found = unhappy(tasks=[task(f"t{i}") for i in range(5)])

    assert wrong == []
    assert [one.words for one in found] == ["5 of 5 score full", "none of 10 is paid"]
    assert as_data(found)["verdict"] == "go"


@pytest.mark.parametrize(
    ("sabotage", "level", "what", "words"),
    [
        (
            {"verifier": half},
            "no-go",
            "references",
            "1 of 1 score less than 1, as that of 't0' (0.5: partial)",
        ),
        (
            {"verifier": mute},
            "no-go",
            "references",
            "1 of 1 are unscored, as that of 't0' (unscored: unreadable_reference)",
        ),
        (
            {"reference": lambda _: str(1 / 0)},
            "no-go",
            "references",
            "that of 't0' cannot be had: ZeroDivisionError: division by zero",
        ),
        (
            {"reference": lambda _: None, "needed": True},
            "no-go",
            "references",
            "1 of 1 tasks have none, as 't0', and sft learns from it",
        ),
        (
            {"verifier": generous},
            "no-go",
            "empty completions",
            "2 of 2 are paid, as '' for 't0' (1: correct)",
        ),
        (
            {"verifier": generous_to_spaces},
            "no-go",
            "empty completions",
            "1 of 2 are paid, as ' \\n\\t' for 't0' (1: correct)",
        ),
        (
            {"verifier": fails_on_nothing},
            "warning",
            "empty completions",
            "the verifier fails on 2 of 2, as for 't0' (unscored: ValueError: no idea)",
        ),
    ],
)
def test_a_sabotaged_environment_is_found_out(sabotage, level, what, words):
    wrong, found = unhappy(**sabotage)

    assert wrong == [(level, what, words)]
    assert all(one.way_out for one in found if one.level != "ok")
    assert as_data(found)["verdict"] == ("go" if level == "warning" else "no-go")


def test_a_verifier_that_raises_leaves_the_reference_unscored_and_is_quoted():
    wrong, _ = unhappy(raises)

    assert wrong[0] == (
        "no-go",
        "references",
        "1 of 1 are unscored, as that of 't0' (unscored: ValueError: no idea)",
    )


def test_a_task_without_a_reference_is_said_and_not_failed():
    wrong, found = unhappy(reference=lambda _: None)

    assert wrong == []
    assert found[0].words == "0 of 0 score full, 1 of 1 tasks have none"


def test_a_task_whose_answer_is_nothing_may_pay_for_nothing():
    wrong, found = unhappy(tasks=[task(answer=""), task("t1")])

    assert wrong == []
    assert [one.words for one in found] == ["2 of 2 score full", "none of 2 is paid"]


@pytest.mark.parametrize(
    ("measured", "level", "words"),
    [
        ([task("a", "2 >"), task("b", "1 >")], "warning", "1 of 2 held-out tasks are trained on, as 'b'"),
        (
            [task("t0", "2 >")],
            "warning",
            "1 of 1 held-out tasks share their id with another that is trained on, as 't0'",
        ),
        ([task("a", "2 >")], "ok", "none of 1 is among 2 training tasks"),
    ],
)
def test_held_out_tasks_that_are_trained_on_are_found(measured, level, words):
    found = soundness.held_out([task("t0", "0 >"), task("t1", "1 >")], measured)

    assert (found.level, found.words) == (level, words)


# "0 >" has two tokens, "0 1 2" three and its end one more; the model has 16 positions.
@pytest.mark.parametrize(
    ("limit", "level", "words"),
    [
        (4, "ok", "prompts have 2 tokens, completions at most 4, references up to 4"),
        (
            3,
            "warning",
            "1 of 1 references are longer than trainer.max_completion_length = 3 tokens, that of 't0' has 4: a "
            "reward may be out of reach",
        ),
        (15, "warning", "2 tokens of prompt and 15 of completion are more than the model's 16"),
    ],
)
def test_what_does_not_fit_is_found_in_tokens(limit, level, words):
    looked = soundness.Looked(tasks=[task()], references=["0 1 2"])

    found, longest = soundness.lengths(
        looked, load_model(SCRATCH, seed=0), stage(max_completion_length=limit).table
    )

    assert (found.level, found.words, longest) == (level, words, 2)


def config(**tables):
    return TrainConfig(environment=EnvironmentTable(name="none"), model=SCRATCH, **tables)


def stage(algorithm="grpo", **trainer):
    (made,) = stages(config(algorithm=algorithm, trainer={"max_steps": 10, "num_generations": 2, **trainer}))
    return made


def groups(*rewards, finish="stop", error=None):
    def rollout(reward):
        score = Score(reward=reward, reason="r", error=error if reward is None else None)
        completion = Completion(text="x", token_ids=(1,), logprobs=(-1.0,), finish_reason=finish)
        return Rollout(task=task(), completion=completion, score=score, ms=10.0)

    return [Group(rollouts=tuple(rollout(r) for r in group), prompt_ids=(0, 3)) for group in rewards]


def tried(*rewards, generate_s=1.0, score_s=0.5, **options):
    return trial.Trial(groups=groups(*rewards, **options), generate_s=generate_s, score_s=score_s)


def signal_of(made, of):
    environment = Environment(name="e", tasks=[task()], verifier=honest)
    return trial.signal(made, environment, of, max_unscored=0.01)


def test_a_model_that_is_sometimes_right_has_something_to_learn():
    # Two of four groups teach, one is solved, one is not: 4 of 8 right, at least one right in 3 of 4 groups.
    (found,) = signal_of(tried((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)), stage())

    assert found.level == "ok"
    assert found.numbers["pass"] == {"1": 0.5, "2": 0.75}
    assert found.numbers["interval95"]["1"] == pytest.approx([0.1500, 0.8500], abs=1e-4)  # Wilson, 2 of 4
    assert (
        "of 4 groups 50% teach, 25% all full, 25% all zero, 0% alike, 0% unscored; 0% cut off; r 8"
        in found.words
    )


@pytest.mark.parametrize(
    ("made", "level", "words", "way_out"),
    [
        (tried((0.0, 0.0), (0.0, 0.0)), "no-go", "nothing can be learned: all zero; ", "an sft stage first"),
        (tried((1.0, 1.0), (1.0, None)), "no-go", "nothing can be learned: all full; ", "take harder tasks"),
        (tried((0.5, 0.5), (0.5, 0.5)), "no-go", "nothing can be learned: alike; ", "tell better from worse"),
        (tried((0.0, 0.0), (1.0, 1.0)), "no-go", "nothing can be learned: no group has two rewards", ""),
        (tried((1.0, 0.0), *[(0.0, 0.0)] * 19), "warning", "few groups teach; ", "trainer.dynamic_sampling"),
        (
            tried((None, None), (None, None)),
            "no-go",
            "no completion could be scored (r)",
            "mend the verifier",
        ),
        (
            tried((1.0, 0.0), (1.0, None), error="KeyError: 3"),
            "no-go",
            "the verifier fails on 1 of 4 completions: KeyError: 3 (task 't0'); the run would stop",
            "mend the verifier",
        ),
    ],
)
def test_where_nothing_can_be_learned_it_is_said_why_and_what_to_do(made, level, words, way_out):
    (found,) = signal_of(made, stage())

    assert found.level == level
    assert found.words.startswith(words)
    assert way_out in found.way_out


def test_what_nothing_could_be_learned_from_may_be_learned_from_after_a_first_stage():
    parts = [{"algorithm": "sft"}, {"algorithm": "grpo"}]
    made = stages(config(stage=preflighted(parts), trainer={"max_steps": 10, "num_generations": 2}))

    (found,) = signal_of(tried((0.0, 0.0)), made[1])

    assert found.level == "warning"
    assert found.words.startswith("nothing could be learned before the first stages: all zero; ")


def preflighted(parts):
    from rlvr.train.settings import StageTable

    return tuple(StageTable(**part) for part in parts)


def test_an_algorithm_without_a_baseline_learns_from_groups_that_are_all_full():
    (full,) = signal_of(tried((1.0, 1.0)), stage("reinforce"))
    (zero,) = signal_of(tried((0.0, 0.0)), stage("reinforce"))

    assert (full.level, zero.level) == ("ok", "no-go")


def test_completions_that_are_cut_off_are_told_of():
    _, found = signal_of(tried((1.0, 0.0), finish="length"), stage(max_completion_length=7))

    assert (found.level, found.what) == ("warning", "truncation")
    assert found.words == "100% of the completions were cut off at 7 tokens"


def test_scoring_that_is_slower_than_sampling_is_told_of():
    slow, quick = (trial.scoring(tried((1.0, 0.0), generate_s=1.0, score_s=s), 3) for s in (1.5, 0.5))

    assert (slow.level, quick.level) == ("warning", "ok")
    assert "a verdict takes 10 ms (p99 10 ms); 0.02 s of verifying by 3 workers beside 1.00 s" in quick.words


@pytest.mark.parametrize(("off", "level"), [(0.0, "ok"), (0.1, "warning"), (0.5, "no-go")])
def test_a_sampler_that_says_other_probabilities_than_the_trainer_is_found(off, level):
    loaded = load_model(SCRATCH, seed=0)
    learner = learner_for(loaded.model, stage(temperature=0.7), world=World())
    example = Example(prompt_ids=(0, 3), completion_ids=(1, 2))
    own = read(loaded.model, [example], temperature=0.7).logp_BT[0].tolist()
    completion = Completion(text="1 2", token_ids=(1, 2), logprobs=tuple(value + off for value in own))
    rollout = Rollout(task=task(), completion=completion, score=Score(reward=1.0))

    found = trial.mismatch(learner, [Group(rollouts=(rollout,), prompt_ids=(0, 3))])

    assert found.level == level
    assert found.numbers["mismatch_kl"] == pytest.approx(math.exp(-off) + off - 1, abs=1e-6)


def test_a_divergence_that_is_not_a_number_is_a_no_go():
    assert trial.apart(math.nan).level == "no-go"


def test_the_time_of_a_run_is_its_steps_at_the_measured_pace():
    # Two completions took 1 s to sample and 0.5 s to wait for; a step of four takes 3 s to learn from.
    made = stage(per_device_train_batch_size=4)
    table = EvaluationTable(every=5, tasks=6, samples=1)

    found = trial.duration(tried((1.0, 0.0)), 3.0, [made], made, config(evaluation=table))

    assert found.numbers == {
        "total_s": pytest.approx(20 + 10 + 30 + 13.5),
        "sampling_s": pytest.approx(20),  # 10 steps of 4, half a second each
        "waiting_for_verdicts_s": pytest.approx(10),
        "updates_s": pytest.approx(30),
        "evaluation_s": pytest.approx(13.5),  # before, after steps 5 and 10: 18 completions of 0.75 s
    }
    assert found.words.startswith("about 74 s for 10 steps (sampling 20 s, ")


SIZES = memory.Sizes(rows=2, sampled=4, prompt=3, completion=5)


def test_memory_is_estimated_by_the_formula_of_its_docstring():
    found = memory.estimate(load_model(SCRATCH, seed=0).model, SIZES)

    # 6 words x 16, four projections of 16 x 16, two norms of 8, three of 16 x 64, three norms of 16: 4256 numbers.
    assert found.weights_gib * GIB == 17_024
    assert found.optimizer_gib * GIB == 34_048
    assert found.gradients_gib * GIB == 17_024 + 4_096
    # 16 tokens: 4 bytes x (6 x 16 + 2 x 16 + 2 x 16 + 4 x 64), the norms of queries and keys, one layer backwards
    assert found.activations_gib * GIB == 16 * (4 * 416 + 8 * 32 + 16 * 64)
    assert found.logits_gib * GIB == 16 * 10 * 6
    # 4 rows of 8 positions with 2 x 16 numbers each, twice; four times the logits of a step
    assert found.cache_gib * GIB == 2 * 4 * 8 * 32 * 4 + 16 * 4 * 6
    assert found.copies_gib == found.sampler_gib == 0
    assert found.peak_gib * GIB == 17_024 + 34_048 + 21_120 + 47_104 + 960


def test_memory_counts_copies_and_what_checkpointing_saves():
    model = load_model(SCRATCH, seed=0).model
    from dataclasses import replace

    plain = memory.estimate(model, SIZES)
    held = memory.estimate(model, replace(SIZES, copies=1, sampler=torch.bfloat16))
    saved = memory.estimate(
        load_model(replace(SCRATCH, layers=8), seed=0).model, replace(SIZES, checkpointing=True)
    )

    assert held.copies_gib == plain.weights_gib
    assert held.sampler_gib == plain.weights_gib / 2
    # each layer keeps 16 numbers of a token, one layer all
    assert saved.activations_gib * GIB == 16 * (8 * 4 * 16 + 4 * 416 + 8 * 32 + 16 * 64)


def test_a_batch_that_does_not_fit_is_told_of_with_one_that_does():
    model = load_model(SCRATCH, seed=0).model
    from dataclasses import replace

    sizes = replace(SIZES, rows=1 << 24, sampled=1 << 24)

    found = memory.finding(model, sizes)

    assert found.level == "warning"
    rows, sampled = (int(number) for number in re.findall(r"(?:batch_size|rows) = (\d+)", found.way_out))
    fits = memory.estimate(model, replace(sizes, rows=rows, sampled=sampled))
    twice = memory.estimate(model, replace(sizes, rows=2 * rows, sampled=sampled))
    assert fits.peak_gib <= 0.9 * found.numbers["free_gib"] < twice.peak_gib
    assert memory.finding(model, SIZES).level == "ok"
    assert "take a smaller model" in memory.finding(model, replace(SIZES, copies=1 << 40)).way_out


def test_a_grpo_config_is_looked_at_as_a_stage_of_our_own():
    theirs = SimpleNamespace(
        max_steps=7, per_device_train_batch_size=3, gradient_accumulation_steps=2, steps_per_generation=4,
        num_generations=8, num_iterations=1, max_completion_length=9, temperature=0.5, top_p=1.0, top_k=None,
        min_p=None, beta=0.04, bf16=False, gradient_checkpointing=True, scale_rewards="none", world_size=2,
    )  # fmt: skip

    (found,) = preflight.trl_stages(config(engine="trl", trainer={"loss_type": "grpo"}), theirs)

    assert found.last == 4  # generations for 7 steps of 2 of the 4 batches that each serves
    assert (found.table.max_completion_length, found.table.temperature) == (9, 0.5)
    assert (found.table.beta, found.table.gradient_checkpointing, found.table.top_k) == (0.04, True, 0)
    assert found.table.advantage == "centred"


# Pays for what the option says, by the first character of what was said.
SABOTAGED = """
from rlvr import Environment, Message, Score, Spec, Task, TaskStream, hookimpl

@hookimpl
def rlvr_environments():
    return [Spec(name="sabotaged", entry_point="rlvr_sabotaged:load", summary="for tests")]

def load(paid: str = "1", empty: float = 0.0, answer: str = "1", referenced: bool = True):
    def verify(task, completion):
        if not completion.text.strip():
            return Score(reward=empty, reason="no_answer")
        return Score(reward=float(completion.text[:1] in paid), reason="judged")
    def at(index):
        return Task(id=f"s-{index}", prompt=(Message(role="user", content="0 >"),), answer=answer)
    reference = lambda task: task.answer if referenced else None
    return Environment(name="sabotaged", tasks=TaskStream(at=at), verifier=verify, reference=reference)
"""


@pytest.fixture
def sabotaged(write_plugin, tmp_path):
    write_plugin("rlvr-sabotaged", SABOTAGED)
    path = tmp_path / "sabotaged.toml"
    text = TINY.replace('name = "sort"', 'name = "sabotaged"').replace(OPTIONS, "")
    path.write_text(text.split("[evaluation]")[0] + "[evaluation]\ntasks = 0\n")
    return path


def unhappy_of(done):
    return [
        (one["level"], one["what"]) for one in json.loads(done.stdout)["findings"] if one["level"] != "ok"
    ]


@pytest.mark.parametrize("engine", ["rlvr", "trl"])
def test_a_run_that_is_in_order_is_looked_at_in_full_and_leaves_nothing(run_train, tiny, tmp_path, engine):
    done = run_train(tiny, "--check", "--json", f"engine={engine}")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    whats = [one["what"] for one in found["findings"]]
    assert found["verdict"] == "go"
    assert [what for what in whats if what != "truncation"] == [
        "references", "empty completions", "lengths", "held-out tasks", "memory", "signal", "scoring",
        "mismatch", "time",
    ]  # fmt: skip
    assert "  ok       references: 32 of 32 score full.\n" in done.stderr
    assert done.stderr.endswith("Go.\n")
    assert not (tmp_path / "runs").exists()


def test_a_run_without_hope_is_a_no_go_with_exit_code_1(run_train, sabotaged):
    # "9" is no word of the model.
    done = run_train(sabotaged, "--check", "--json", 'environment.options={paid="9", answer="9"}')

    assert done.returncode == 1
    assert [each for each in unhappy_of(done) if each[0] == "no-go"] == [("no-go", "signal")]
    assert "nothing can be learned: all zero" in done.stderr
    assert "put an sft stage first" in done.stderr
    assert done.stderr.endswith("No-go: signal.\n")


def test_a_pipeline_is_looked_at_where_it_learns_from_references_and_where_it_samples(run_train, sabotaged):
    parts = "stage=[{algorithm='sft', options={referenced=false}}, {algorithm='grpo'}]"

    done = run_train(sabotaged, "--check", "--json", parts)

    assert done.returncode == 1
    assert ("no-go", "references") in unhappy_of(done)
    assert "32 of 32 tasks have none, as 's-0', and sft learns from it" in done.stderr
    assert "references: 32 of 32 score full." in done.stderr


def test_a_run_that_pays_for_nothing_does_not_start_unless_it_is_told_to(run_train, sabotaged, tmp_path):
    paid = "environment.options={empty=1.0}"

    stopped = run_train(sabotaged, paid, "run.folder=run")
    started = run_train(sabotaged, paid, "run.folder=run", "--no-check")
    resumed = run_train("run", "--resume", "trainer.max_steps=13")

    assert stopped.returncode == 2
    (line,) = stopped.stderr.splitlines()
    assert line.startswith(
        "Error: empty completions: 16 of 16 are paid, as '' for 's-0' (1: no_answer). What to do: "
    )
    assert line.endswith("Or start it all the same by --no-check.")
    assert started.returncode == 0, started.stderr
    assert resumed.returncode == 0, resumed.stderr
    assert len(steps_of(tmp_path / "run")) == 13


def test_a_warning_is_printed_and_the_run_goes_on_to_the_same_numbers(run_train, tiny, tmp_path):
    same = 'evaluation.options={split="train"}'  # the tasks of the run itself

    looked = run_train(tiny, same, "run.folder=looked")
    unlooked = run_train(tiny, same, "run.folder=unlooked", "--no-check")

    assert looked.returncode == 0, looked.stderr
    (line,) = [line for line in looked.stderr.splitlines() if line.startswith("Warning: ")]
    assert line.startswith("Warning: held-out tasks: 200 of 200 held-out tasks are trained on, as 'sort-")
    assert (unlooked.returncode, "Warning" in unlooked.stderr) == (0, False), unlooked.stderr
    assert steps_of(tmp_path / "looked") == steps_of(tmp_path / "unlooked")
    assert rollouts_of(tmp_path / "looked") == rollouts_of(tmp_path / "unlooked")


def test_options_that_contradict_are_refused(run_train, tiny):
    done = run_train(tiny, "--check", "--resume")

    assert done.returncode == 2
    assert "Error: --check and --resume: expected one of them." in done.stderr
