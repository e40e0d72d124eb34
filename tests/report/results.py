"""Results of bench, check and diff as their JSON has them: a realistic one, and a hostile one, of each."""

from random import Random

from tests.report.conftest import HOSTILE

KINDS = {
    "fraction as decimal": (r"The answer is $\boxed{0.375}$.", r"\frac{3}{8}"),
    "interval notation": (r"So the set is \boxed{[-2, 5)}.", r"[-2,5)"),
    "percent": ("That makes 12.5%.\n\nFinal answer: \\boxed{12.5\\%}", "12.5"),
    "unordered set": (r"Roots: \boxed{\{3, -1\}}", r"\{-1, 3\}"),
    "hedged answers": (r"It is \boxed{4}, or maybe \boxed{5}.", "4"),
    "units": (r"The speed is \boxed{36\text{ km/h}}", r"10\,\text{m/s}"),
    "matrix": (
        r"$$A^{-1} = \boxed{\begin{pmatrix} 1 & -2 \\ 0 & 1 \end{pmatrix}}$$",
        r"\begin{pmatrix}1&-2\\0&1\end{pmatrix}",
    ),
    "text in the box": (r"\boxed{\text{no solution}}", "no solution"),
    "prompt echo": ("Put your answer in \\boxed{}. What is 3+4?", "7"),
    "nested radicals": (r"\boxed{\sqrt{3 + 2\sqrt{2}}}", r"1+\sqrt{2}"),
}
STEPS = (
    "First we write the equation in one variable.",
    "Both sides are multiplied by the denominator, which is not zero.",
    "Substituting back, the two cases agree.",
    "We check the boundary: it is excluded.",
    "Hence only one candidate remains.",
    "Since $x > 0$ the negative root is dropped.",
)
ERRORS = ("false_positives", "false_negatives", "unscored")
REASONS = {
    "false_positives": "equal_numeric",
    "false_negatives": "wrong_answer",
    "unscored": "unreadable_reference",
}


def explanation_of(completion, reference, random):
    """Return an explanation that reads what stands in the last box."""
    start = completion.rfind("\\boxed{")
    span = [start + 7, completion.rfind("}")] if start >= 0 else [0, min(20, len(completion))]
    read = completion[span[0] : span[1]]
    return {
        "read": read,
        "rule": "the last \\boxed{}",
        "spans": [span],
        "forms": {"answer": read.replace(" ", ""), "reference": reference.replace(" ", "")},
        "stage": random.choice(["string", "numeric", "symbolic"]),
        "ms": {
            "read": 0.04,
            "parse": round(random.uniform(0.1, 2), 3),
            "compare": round(random.uniform(0.2, 30), 3),
        },
        "notes": [],
    }


def gallery_row(number, error, random, *, explained=True):
    """Return a row that was judged amiss."""
    kind = random.choice(list(KINDS))
    answer, reference = KINDS[kind]
    completion = "\n".join([*random.sample(STEPS, k=random.randint(1, 5)), answer])
    reward = {"false_positives": 1.0, "false_negatives": 0.0, "unscored": None}[error]
    return {
        "id": f"math-{number:05}",
        "kind": kind,
        "label": error != "false_positives",
        "reference": reference,
        "completion": completion,
        "why": "the same value, written in another way"
        if error != "false_positives"
        else "a value near it, not it",
        "reward": reward,
        "answer": None if error == "unscored" else answer[-12:],
        "reason": REASONS[error],
        "error": "TimeoutError: killed after 5 s" if error == "unscored" and number % 3 == 0 else None,
        "ms": round(random.lognormvariate(1, 1.5), 3),
        "explanation": explanation_of(completion, reference, random) if explained else None,
    }


def confusion_of(random, *, quality, n):
    """Return {kind: counts} that add up to about n rows."""
    found = {}
    for place, kind in enumerate(KINDS):
        size = n // len(KINDS)
        wrong = size // 2
        rate = min(0.9, (1 - quality) * (0.2 + place**1.5 / 8))
        fp, fn, unscored = (int(wrong * rate * random.uniform(0, share)) for share in (0.6, 1.2, 0.3))
        found[kind] = {
            "n": size,
            "tp": size - wrong - fn,
            "fp": fp,
            "fn": fn,
            "tn": wrong - fp - unscored,
            "unscored": unscored,
        }
    return found


def latency_of(random, middle, tail, n):
    """Return [upper ms, count], each bucket an eighth of a power of ten."""
    buckets = {}
    for _ in range(n):
        ms = (
            middle
            * random.lognormvariate(0, 0.5)
            * (random.uniform(5, tail) if random.random() < 0.03 else 1)
        )
        place = 0
        while 0.01 * 10 ** (place / 8) < ms:
            place += 1
        buckets[round(0.01 * 10 ** (place / 8), 5)] = buckets.get(round(0.01 * 10 ** (place / 8), 5), 0) + 1
    return sorted([upper, count] for upper, count in buckets.items())


def verifier_of(seed, *, plugin, quality, middle, n=5000, gallery=60, explained=True, hangs=0):
    """Return the figures of a verifier."""
    random = Random(seed)
    by_kind = confusion_of(random, quality=quality, n=n)
    total = {
        name: sum(row[name] for row in by_kind.values()) for name in ("n", "tp", "fp", "fn", "tn", "unscored")
    }
    accuracy = (total["tp"] + total["tn"]) / total["n"]
    right = total["tp"] + total["fn"]
    wide = 1.96 * (accuracy * (1 - accuracy) / total["n"]) ** 0.5
    latency = latency_of(random, middle, 5000 / middle if hangs else 60, 2000)
    if hangs:
        latency.append([5011.0, hangs])
    recall, precision = total["tp"] / right, total["tp"] / (total["tp"] + total["fp"])
    paid = total["fp"] / (total["fp"] + total["tn"])
    return {
        "plugin": plugin,
        **total,
        "unlabelled": 0,
        "accuracy": accuracy,
        "accuracy_ci95": [accuracy - wide, min(1.0, accuracy + wide)],
        "precision": precision,
        "precision_ci95": [precision - wide, min(1.0, precision + wide)],
        "recall": recall,
        "recall_ci95": [recall - wide, min(1.0, recall + wide)],
        "f1": 2 * precision * recall / (precision + recall),
        "rate_per_s": 700 / middle,
        "rate_all_per_s": 1350 / middle,
        "p50_ms": middle,
        "p95_ms": 2.6 * middle,
        "p99_ms": 14 * middle,
        "max_ms": latency[-1][0],
        "hangs": hangs,
        "crashes": hangs // 3,
        "errors": hangs // 2,
        "memory_mb": 61.5 + 40 * middle,
        "reasons": {
            "correct": total["tp"],
            "wrong_answer": total["tn"] + total["fn"],
            "unscored": total["unscored"],
        },
        "unscored_right": 0,
        "unscored_wrong": total["unscored"],
        "unscored_reasons": {"unreadable_reference": total["unscored"]},
        "by_kind": by_kind,
        "noise": {
            "group_size": 8,
            "groups": n // 8,
            "false_positive_rate": paid,
            "false_negative_rate": 1 - recall,
            "groups_with_false_positive": 1 - (1 - paid) ** 4,
            "groups_with_false_negative": 1 - recall**4,
            "measured": seed % 2 == 0,
        },
        "latency": latency,
        "ratio": None
        if seed == 0
        else {"to": "math", "p50": middle / 0.42, "p10": middle / 0.6, "p90": middle / 0.2},
        "findings": [
            {
                "what": "a hang costs its deadline",
                "count": hangs,
                "detail": "The row was killed from outside.",
                "rows": ["math-00003", "math-00006"],
            }
        ]
        if hangs
        else [],
        "gallery": {
            error: [
                gallery_row(number, error, random, explained=explained)
                for number in range(gallery * (place + 1) // 3 + 1)
            ]
            for place, error in enumerate(ERRORS)
        },
    }


def bench_result(*, gallery=60):
    """Return a bench of four verifiers; of each about twice `gallery` rows judged amiss."""
    verifiers = {
        "math": verifier_of(
            0, plugin="rlvr-math/math@0.1.0#a1b2c3d4", quality=0.985, middle=0.42, gallery=gallery
        ),
        "math-verify": verifier_of(
            1,
            plugin="rlvr-rivals/math-verify@0.9.0#ffee0011",
            quality=0.92,
            middle=3.4,
            explained=False,
            hangs=9,
            gallery=gallery,
        ),
        "trl-accuracy": verifier_of(
            2,
            plugin="rlvr-rivals/trl-accuracy@1.16.0#ffee0011",
            quality=0.9,
            middle=3.9,
            explained=False,
            hangs=4,
            gallery=gallery,
        ),
        "rlvr-math==0.1.0/math": verifier_of(
            3, plugin="rlvr-math/math@0.1.0#00aa11bb", quality=0.96, middle=0.51, gallery=gallery
        ),
    }
    labels = list(verifiers)
    random = Random(9)
    share = [[1.0 if a == b else round(0.9 + 0.01 * (a + b), 3) for b in range(4)] for a in range(4)]
    return {
        "data": {
            "source": "math-answers@3",
            "format": "rlvr set",
            "rows": 5000,
            "labelled": 5000,
            "kinds": len(KINDS),
            "fields": {"completion": "completion", "answer": "answer", "label": "label"},
        },
        "settings": {
            "workers": 2,
            "timeout_s": 5.0,
            "seed": 0,
            "warm_up_rows": 20,
            "block_rows": 64,
            "right_from": 0.5,
        },
        "machine": {
            "cores": 2,
            "cpu": "AMD EPYC 7B13",
            "memory_gb": 16,
            "python": "3.11.7",
            "system": "Linux 6.8",
        },
        "command": "rlvr bench math math-verify trl-accuracy rlvr-math==0.1.0/math --data math-answers --html bench.html",
        "verifiers": verifiers,
        "agreement": {
            "names": labels,
            "share": share,
            "kappa": [[round(2 * one - 1, 3) for one in row] for row in share],
        },
        "differences": [difference(number, labels, random) for number in range(gallery)],
    }


def difference(number, labels, random):
    """Return a row on which the verifiers differ."""
    row = gallery_row(number, random.choice(ERRORS[:2]), random)
    rewards = [1.0, *(random.choice([1.0, 0.0, None]) for _ in labels[1:])]
    verdicts = {
        label: {
            "reward": reward,
            "answer": "3/8" if reward else None,
            "reason": "equal_symbolic" if reward else "no_answer",
        }
        for label, reward in zip(labels, rewards, strict=True)
    }
    return {
        **{name: row[name] for name in ("id", "kind", "label", "reference", "completion")},
        "verdicts": verdicts,
    }


def hostile_result():
    """Return a bench whose every text would act if it could, and whose completions are far too long."""
    random = Random(4)
    name = f"x{HOSTILE}"
    one = verifier_of(5, plugin=HOSTILE, quality=0.9, middle=1.0, gallery=2)
    long = f"\x1b[31m{'a' * 50_000}\\boxed{{4}}{'b' * 50_000}\u202e"
    row = {
        **gallery_row(1, "false_positives", random),
        "kind": HOSTILE,
        "why": HOSTILE,
        "answer": HOSTILE,
        "reason": HOSTILE,
    }
    row |= {"error": HOSTILE, "reference": HOSTILE, "completion": HOSTILE, "id": HOSTILE}
    row["explanation"] = {
        **dict.fromkeys(("read", "rule", "stage"), HOSTILE),
        "forms": {HOSTILE: HOSTILE},
        "ms": {HOSTILE: 1.0},
        "notes": [HOSTILE],
        "spans": [[0, 9], [20, 10**9], [-4, 2], ["x", None], [5, 5]],
    }
    cut = {**row, "completion": long, "id": "long", "explanation": {"spans": [[50_012, 50_013]]}}
    one["gallery"] = {
        "false_positives": [row, cut],
        "false_negatives": [row],
        "unscored": [{**row, "reward": float("nan")}],
    }
    one["by_kind"] = {HOSTILE: {"n": 4, "tp": 1, "fp": 1, "fn": 1, "tn": 1, "unscored": 0}, "": {"n": 0}}
    one["findings"] = [{"what": HOSTILE, "count": 1, "detail": HOSTILE, "rows": [HOSTILE]}]
    one["reasons"] = one["unscored_reasons"] = {HOSTILE: 1}
    verdict = {"reward": 1.0, "answer": HOSTILE, "reason": HOSTILE}
    asked = {key: row[key] for key in ("id", "kind", "label", "reference", "completion")}
    return {
        "data": {
            "source": HOSTILE,
            "format": HOSTILE,
            "rows": 4,
            "labelled": 4,
            "fields": {HOSTILE: HOSTILE},
        },
        "settings": {"right_from": 1.0, HOSTILE: HOSTILE},
        "machine": {HOSTILE: HOSTILE},
        "command": HOSTILE,
        "verifiers": {
            name: one,
            f"{name}2": {**one, "ratio": {"to": HOSTILE, "p50": 2.0, "p10": 1.0, "p90": 3.0}},
        },
        "agreement": {
            "names": [name, f"{name}2"],
            "share": [[1, 0.5], [0.5, 1]],
            "kappa": [[1, float("nan")], [0, 1]],
        },
        "differences": [{**asked, "verdicts": {name: verdict, f"{name}2": {**verdict, "reward": None}}}],
    }


def check_result():
    """Return a check that finds errors, warnings and what it had to skip."""
    names = [
        ("reference-scores-full", "The reference answer is paid in full"),
        ("empty-scores-zero", "An empty completion is paid nothing"),
        ("prompt-echo", "The prompt said back is paid nothing"),
        ("every-choice", "A completion that lists every choice is paid nothing"),
        ("hedged-gold", "The right answer among others is not paid"),
        ("grader-override", "A text that commands the verifier changes nothing"),
        ("long-texts", "100 kB and 10 MB are judged within the deadline"),
        ("null-bytes", "Null bytes and unpaired surrogates are judged"),
        (
            "deterministic",
            "The same row is judged the same twice, in other processes, under other hash seeds",
        ),
        ("ids-unique", "Task ids are unique"),
        ("train-test-overlap", "No task is in both splits"),
    ]
    made = [
        {
            "name": name,
            "title": title,
            "severity": "error",
            "status": "pass",
            "detail": "",
            "examples": [],
            "ms": 12.5 + place,
        }
        for place, (name, title) in enumerate(names)
    ]
    made[4] |= {
        "status": "fail",
        "detail": "2 of 40 tasks pay a completion that hedges.",
        "examples": [
            {
                "task": "gsm8k-17",
                "text": "It is \\boxed{4}, or \\boxed{5}.",
                "detail": "expected less than 0.5, it was paid 1.0",
            },
            {"task": "gsm8k-21", "text": HOSTILE, "detail": HOSTILE},
        ],
    }
    made[7] |= {
        "status": "fail",
        "detail": "1 of 12 texts made the verifier raise.",
        "examples": [{"task": "gsm8k-3", "text": "4\x00" * 3, "detail": "ValueError: embedded null byte"}],
    }
    made[9] |= {
        "status": "fail",
        "severity": "warning",
        "detail": "7 ids stand twice.",
        "examples": [{"task": f"gsm8k-{n}", "text": "", "detail": "stands twice"} for n in range(7)],
    }
    made[10] |= {"status": "skip", "detail": "The environment has no test split.", "ms": None}
    return {
        "environment": "rlvr-math/gsm8k",
        "plugin": "rlvr-math/gsm8k@0.1.0#a1b2c3d4",
        "tasks": 1319,
        "grade": "C",
        "passed": 7,
        "failed": 3,
        "skipped": 1,
        "checks": made,
    }


def diff_result(*, flips=80):
    """Return two versions of a verifier over the same rows."""
    random = Random(11)
    changes = ["improved", "regressed", "unknown"]
    made = []
    for number in range(flips):
        change = random.choices(changes, [6, 2, 1])[0]
        row = gallery_row(number, "false_negatives", random)
        label = {"improved": row["label"], "regressed": row["label"], "unknown": None}[change]
        old, new = (0.0, 1.0) if change != "regressed" else (1.0, 0.0)
        side = {"answer": row["answer"], "error": None, "explanation": row["explanation"]}
        other = dict(row["explanation"], rule="the last number", spans=[[0, 8]], read=row["completion"][:8])
        asked = {name: row[name] for name in ("id", "kind", "reference", "completion")}
        asked |= {"label": label, "change": change}
        a = {**side, "reward": old, "reason": "equal_symbolic" if old else "wrong_answer"}
        b = {**side, "reward": new, "reason": "equal_symbolic" if new else "wrong_answer"}
        made.append({**asked, "a": {**a, "explanation": other} if number % 2 else a, "b": b})
    tally = {change: sum(row["change"] == change for row in made) for change in changes}
    by_kind = {
        kind: {
            "rows": 500,
            **{
                name: sum(row["kind"] == kind and row["change"] == change for row in made)
                for name, change in zip(("improved", "regressed", "unlabelled_flips"), changes, strict=True)
            },
        }
        for kind in KINDS
    }
    return {
        "a": {"label": "rlvr-math==0.1.0", "plugin": "rlvr-math/math@0.1.0#00aa11bb"},
        "b": {"label": "math", "plugin": "rlvr-math/math@0.2.0#a1b2c3d4"},
        "data": {"source": "math-answers@3", "format": "rlvr set", "rows": 5000, "labelled": 4800},
        "rows": 5000,
        "same": 5000 - flips,
        "improved": tally["improved"],
        "regressed": tally["regressed"],
        "unlabelled_flips": tally["unknown"],
        "by_kind": by_kind,
        "flips": made,
    }
