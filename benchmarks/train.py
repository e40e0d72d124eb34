"""Steps of training, ours beside plain TRL, in one run.

    python benchmarks/train.py [sort] [smollm2] [hidden]

`plain TRL` is GRPOTrainer as its documentation has it: its own generation, a reward function that judges in
the trainer's process. `ours` is `rlvr train` on the same model, tasks, batch, lengths, optimiser and seeds;
`trl engine` is `engine = "trl"`, TRL's trainer on our rollouts. Each measurement is a process of its own;
they take turns, and the first steps are left out. `hidden` gives a verifier a cost of 20 ms and asks how much
of it the trainer waits for.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WARM_UP = 3
CONFIGS = {"sort": "sort-scratch", "smollm2": "smollm2-add"}
STEPS = {"sort": 60, "smollm2": 8}
# What our words are in TRL's.
TRL = {"advantage": ("scale_rewards", {"batch_std": "batch", "unbiased_std": "group", "centred": "none"})}

SLOW = """
import time
from dataclasses import replace
from rlvr import Spec, hookimpl, make

@hookimpl
def rlvr_environments():
    return [Spec(name="slow", entry_point="rlvr_slow:load", summary="another environment, 20 ms dearer")]

def load(of: str, options: dict):
    made = make(of, **options)
    def verify(task, completion):
        time.sleep(0.02)
        return made.verifier(task, completion)
    return replace(made, verifier=verify)
"""


def plain_trl(config: Path, changes: Sequence[str]) -> None:
    """Train with TRL alone; print the seconds and the mean reward of each step as a JSON line."""
    from rlvr.cli.common import quieten

    quieten()
    import torch
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOTrainer

    from rlvr import Completion, make
    from rlvr.train import run, settings
    from rlvr.train.models import load_model
    from rlvr.train.tasks import TaskOrder
    from rlvr.train.trl_engine import tasks_until, trainer_settings

    run.quiet()
    parsed = settings.load(config, changes)
    args = trainer_settings(parsed)
    args.output_dir, args.save_strategy = tempfile.mkdtemp(), "no"
    if parsed.run.threads:
        torch.set_num_threads(parsed.run.threads)
    loaded = load_model(parsed.model, seed=parsed.run.seed)
    environment = make(parsed.environment.name, **parsed.environment.options)
    order = TaskOrder(phases=[(0, environment)], seed=parsed.run.seed)
    places = list(range(tasks_until(args, args.max_steps)))
    prompts = ["\n".join(turn.content for turn in order.at(place).prompt) for place in places]

    def reward(completions: list[str], place: list[int], **_: Any) -> list[float | None]:
        pairs = zip(place, completions, strict=True)
        return [environment.verifier(order.at(p), Completion(text=text)).reward for p, text in pairs]

    rows: list[dict[str, float]] = []

    def _peak_mb() -> float:
        return torch.cuda.max_memory_allocated() / 2**20 if torch.cuda.is_available() else 0.0

    class Clock(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.began = time.perf_counter()

        def on_log(self, _: Any, __: Any, ___: Any, logs: dict[str, Any], **____: Any) -> None:
            if "reward" in logs:
                seconds = time.perf_counter() - self.began
                rows.append({"wall_s": seconds, "reward": logs["reward"], "peak_memory_mb": _peak_mb()})

    trainer = GRPOTrainer(
        model=loaded.model,
        args=args,
        train_dataset=Dataset.from_dict({"prompt": prompts, "place": places}),
        processing_class=loaded.tokenizer,
        reward_funcs=reward,
        callbacks=[Clock()],
    )
    trainer.train()
    print(json.dumps(rows))


def in_trl_words(config: Path, target: Path) -> None:
    """Write a config of ours in TRL's words."""
    import tomllib

    import tomli_w

    table = tomllib.loads(config.read_text())
    for ours, (theirs, values) in TRL.items():
        if ours in table["trainer"]:
            table["trainer"][theirs] = values[table["trainer"].pop(ours)]
    mean = table["trainer"].pop("loss_agg_mode", "seq-mean-token-mean")
    # TRL's own "dapo" is the mean over tokens and no more: the clip stays as it is.
    table["trainer"]["loss_type"] = {"token-mean": "dapo", "seq-mean-token-mean": "grpo"}[mean]
    table["engine"] = "trl"
    target.write_text(tomli_w.dumps(table))


def steps_of(command: list[str], folder: Path | None) -> list[dict[str, Any]]:
    """Run a command and return the numbers of its steps."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    if folder is None:
        return list(json.loads(done.stdout.splitlines()[-1]))
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def ours(config: Path, changes: Sequence[str], scratch: Path) -> list[dict[str, Any]]:
    """Return the steps of `rlvr train`."""
    folder = Path(tempfile.mkdtemp(dir=scratch)) / "run"
    command = [sys.executable, "-m", "rlvr", "train", str(config), f"run.folder={str(folder)!r}", *changes]
    return steps_of(command, folder)


def compared(name: str, rounds: int, scratch: Path) -> dict[str, Any]:
    """Return the medians of a config's steps, of each way, and our share of plain TRL's time."""
    config, words = ROOT / "configs/train" / f"{CONFIGS[name]}.toml", scratch / f"{name}.toml"
    in_trl_words(config, words)
    steps = STEPS[name]
    changes = [f"trainer.max_steps={steps}", "evaluation.tasks=0"]
    alone = [sys.executable, str(Path(__file__)), "--plain-trl", str(words), *changes]
    found: dict[str, list[list[dict[str, Any]]]] = {"plain TRL": [], "trl engine": [], "ours": []}
    for _ in range(rounds):
        found["plain TRL"].append(steps_of(alone, None))
        found["trl engine"].append(ours(words, changes, scratch))
        found["ours"].append(ours(config, changes, scratch))
    ways = {}
    for way, runs in found.items():
        medians = [statistics.median(row["wall_s"] for row in rows[WARM_UP:]) for rows in runs]
        last = [statistics.mean(row["reward"] for row in rows[-5:]) for rows in runs]
        ways[way] = {
            **_parts(runs),
            "step_ms": round(statistics.median(medians) * 1e3, 1),
            "step_ms_of_rounds": [round(median * 1e3, 1) for median in medians],
            "reward_last_5": round(statistics.mean(last), 3),
        }
    rounds_of = [ways[way]["step_ms_of_rounds"] for way in ("ours", "plain TRL")]
    ratios = [mine / theirs for mine, theirs in zip(*rounds_of, strict=True)]
    return {"steps": steps, "rounds": rounds, "ways": ways, "ours_over_plain": [round(r, 3) for r in ratios]}


def _parts(runs: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """Return where the time of a way went, as far as its steps say, and the accelerator's memory."""
    rows = [row for run in runs for row in run[WARM_UP:]]
    found: dict[str, Any] = {
        name: round(statistics.median(row[name] for row in rows), 4)
        for name in ("generate_s", "score_s", "update_s")
        if all(name in row for row in rows)
    }
    spent = sum(row.get("generate_s", 0.0) for row in rows)
    if spent:
        found["generated_tokens_per_s"] = round(sum(row["tokens"] for row in rows) / spent, 1)
    peak = max(row.get("peak_memory_mb", 0.0) for row in rows)
    return {**found, **({"peak_memory_mb": round(peak)} if peak else {})}


def hidden(scratch: Path) -> dict[str, Any]:
    """Return the share of a 20 ms verifier's time that the trainer did not wait for."""
    site = scratch / "site"
    info = site / "rlvr_slow-0.1.dist-info"
    info.mkdir(parents=True)
    (site / "rlvr_slow.py").write_text(SLOW)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rlvr-slow\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[rlvr]\nslow = rlvr_slow\n")
    os.environ["PYTHONPATH"] = str(site)
    config = ROOT / "configs/train/smollm2-add.toml"
    import tomllib

    options = json.dumps(tomllib.loads(config.read_text())["environment"]["options"])
    slow = options.replace('": ', '" = ')
    found = {}
    for ahead in (0, 1):
        changes = [
            "environment.name=slow",
            f'environment.options={{of = "arithmetic", options = {slow}}}',
            "trainer.max_steps=8",
            "evaluation.tasks=0",
            "rollout.workers=2",
            f"rollout.ahead={ahead}",
        ]
        rows = ours(_without_options(config, scratch), changes, scratch)[WARM_UP:-1]
        found[f"ahead={ahead}"] = {
            "generate_s": round(statistics.median(row["generate_s"] for row in rows), 3),
            "scoring_alone_s": round(statistics.median(row["verifier_s"] / 2 for row in rows), 3),
            "waited_s": round(statistics.median(row["score_s"] for row in rows), 3),
            "hidden": round(statistics.median(row["hidden"] for row in rows), 3),
        }
    return found


def _without_options(config: Path, scratch: Path) -> Path:
    import tomllib

    import tomli_w

    table = tomllib.loads(config.read_text())
    table["environment"].pop("options")
    table.pop("evaluation")
    target = scratch / "slow.toml"
    target.write_text(tomli_w.dumps(table))
    return target


def main() -> None:
    """Measure what was asked for and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plain-trl", type=Path, help=argparse.SUPPRESS)
    asked, changes = parser.parse_known_args()
    if asked.plain_trl:
        plain_trl(asked.plain_trl, [*asked.what, *changes])
        return
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        what = asked.what or [*CONFIGS, "hidden"]
        found: dict[str, Any] = {
            name: compared(name, asked.rounds, scratch) for name in what if name in CONFIGS
        }
        if "hidden" in what:
            found["hidden"] = hidden(scratch)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
