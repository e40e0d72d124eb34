"""How surely the demo learns: `python benchmarks/seeds.py [CONFIG] [SEED ...]`, one run a seed."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    """Print held-out exact before and after, and the seconds spent in steps, for each seed."""
    config, *seeds = sys.argv[1:] or ["configs/train/sort-scratch.toml", *map(str, range(5))]
    print(f"{config}\n\n| seed | held out before | after | reward, last 20 steps | seconds in steps |")
    print("|---|---|---|---|---|")
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "run"
            words = [config, f"run.seed={seed}", f"run.folder={folder}"]
            subprocess.run([sys.executable, "-m", "rlvr", "train", *words], check=True, capture_output=True)
            held_out = [row["pass"]["1"] for row in rows(folder / "evaluations.jsonl")]
            steps = rows(folder / "metrics.jsonl")
        reward = sum(row["reward"] for row in steps[-20:]) / 20
        seconds = sum(row["wall_s"] for row in steps)
        print(
            f"| {seed} | {held_out[0]:.3f} | {held_out[-1]:.3f} | {reward:.3f} | {seconds:.0f} |", flush=True
        )


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


if __name__ == "__main__":
    main()
