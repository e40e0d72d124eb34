"""Run folders made by hand, and a browser that opens pages from disk."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

CONFIG = """
[environment]
name = "sums"
options = {{ digits = 2 }}
[model]
name = "tiny"
[trainer]
learning_rate = {rate}
[run]
seed = {seed}
folder = "{folder}"
"""
WORDS = [
    "so",
    "we",
    "add",
    "the",
    "two",
    "numbers",
    "carry",
    "one",
    "check",
    "again",
    "because",
    "maybe",
    "wrong",
]

# Not wait_for_function: what that evaluates later than at once, the policy of the page refuses.
READY = """() => new Promise((done, failed) => {
  const started = performance.now();
  const look = () => {
    if (performance.getEntriesByName("rlvr-ready").length) done();
    else if (performance.now() - started > 10000) failed(new Error("the page has not drawn itself"));
    else setTimeout(look, 5);
  };
  look();
})"""

# What a completion must never do to the page that shows it.
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<!--<script>&lt;b&gt;{{rollouts}}\u2028\u0000\u202etxet\u200b\ud800 \\u003c ]]>"
)


def row(step: int, name: str, reward: float | None = 1.0, **fields: Any) -> dict[str, Any]:
    """Return a line of rollouts.jsonl."""
    made = {
        "step": step,
        "id": name,
        "prompt": [{"role": "user", "content": f"What is {name}?"}],
        "reference": "4",
        "metadata": {},
        "completion": "4",
        "token_ids": [1, 2],
        "logprobs": [-0.5, -0.5],
        "finish_reason": "stop",
        "reward": reward,
        "answer": "4",
        "reason": "unscored" if reward is None else "correct" if reward == 1.0 else "wrong_answer",
        "parts": {} if reward is None else {"exact": reward},
        "error": None,
        "ms": 0.25,
    }
    return {**made, **fields}


def write_run(
    path: Path,
    rollouts: list[dict[str, Any]] = (),
    *,
    metrics: list[dict[str, Any]] = (),
    evaluations: list[dict[str, Any]] = (),
    alarms: list[dict[str, Any]] = (),
    rate: float = 0.001,
    seed: int = 0,
) -> Path:
    """Write a run folder."""
    path.mkdir(parents=True)
    (path / "config.toml").write_text(CONFIG.format(rate=rate, seed=seed, folder=path))
    surroundings = {
        "environment": "rlvr-sums/sums@1.0#01234567",
        "plugins": {"rlvr-sums/sums": {"version": "1.0", "hash": "01234567", "status": "ok"}},
        "versions": {"python": "3.12.1"},
        "machine": {"cores": 2},
        "seed": seed,
        "command": ["rlvr", "train", "sums.toml"],
        "started": "2026-01-02T03:04:05+0000",
    }
    (path / "environment.json").write_text(json.dumps(surroundings))
    logs = {"rollouts": rollouts, "metrics": metrics, "evaluations": evaluations, "alarms": alarms}
    for name, rows in logs.items():
        (path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def metric(step: int, reward: float, **fields: Any) -> dict[str, Any]:
    """Return a line of metrics.jsonl."""
    numbers = {
        "reward": reward,
        "exact": reward / 2,
        "parts/format": 0.5,
        "completions": 8,
        "unscored": 0,
        "zero_variance": 0.25,
        "entropy": 2.0 / step,
        "mean_length": 100.0 + step,
        "kl": None,
        "generate_s": 1.0,
        "score_s": 0.1,
        "update_s": 0.5,
        "wall_s": 1.6,
    }
    return {"step": step, **numbers, **fields}


def evaluation(step: int, p: float, low: float, high: float) -> dict[str, Any]:
    """Return a line of evaluations.jsonl."""
    return {
        "step": step,
        "tasks": 50,
        "samples": 1,
        "avg": p,
        "pass": {"1": p},
        "interval95": {"1": [low, high]},
        "parts": {"exact": p},
        "reasons": {"correct": 1},
        "unscored": 0,
        "errors": 0,
    }


def busy_run(path: Path, *, steps: int = 50, tasks: int = 25, samples: int = 8, seed: int = 0) -> Path:
    """Write a run with texts of some length: groups of every kind, alarms, evaluations, one hostile group."""
    random = Random(seed)
    rollouts = []
    for step in range(1, steps + 1):
        for task in range(tasks):
            for sample in range(samples):
                reward = float(random.random() < step / steps)
                text = " ".join(random.choices(WORDS, k=random.randint(60, 160)))
                fields: dict[str, Any] = {"completion": f"{text}\n\n{sample}", "advantage": reward - 0.5}
                fields |= {"token_ids": list(range(len(text) // 4)), "metadata": {"level": task % 5}}
                if (step, task) == (2, 0):
                    fields |= {"completion": HOSTILE, "answer": HOSTILE, "reason": HOSTILE, "error": HOSTILE}
                if (step + task + sample) % 37 == 0:
                    reward, fields["error"] = None, "ValueError: the verifier raised"
                rollouts.append(row(step, f"sums-{task}", reward, **fields))
    return write_run(
        path,
        rollouts,
        metrics=[
            metric(step, step / steps, kl=0.01 * step, mismatch_kl=0.001) for step in range(1, steps + 1)
        ],
        evaluations=[evaluation(0, 0.1, 0.04, 0.2), evaluation(steps, 0.9, 0.79, 0.96)],
        alarms=[
            {
                "step": 20,
                "kind": "reward_hacking",
                "words": "the reward is gamed",
                "examples": ["sums-3", "gone"],
            },
            {"step": 21, "kind": "reward_alone", "words": "it climbs alone", "examples": ["sums-4"]},
        ],
        seed=seed,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system's, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra dev has playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium here: apt-get install chromium")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    switches += ["--disable-background-networking", "--disable-component-update"]
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=switches)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page from disk, wait until it has drawn itself; whatever it logs or asks for fails the test."""
    heard: list[str] = []
    contexts = []

    def open_page(path: Path, *, scheme: str = "light", width: int = 1280) -> Any:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=False
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on(
            "request",
            lambda request: heard.append(request.url) if not request.url.startswith("file:") else None,
        )
        page.goto(path.as_uri())
        page.evaluate(READY)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []
