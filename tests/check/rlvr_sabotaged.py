"""Environments that are each wrong in one way; the name says in which check, and how.

This is installed as a plugin by the tests; nothing imports it in their own process.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from itertools import count
from pathlib import Path
from typing import Literal

from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Environment, Message, Score, Task, TaskStream

GOLDS = ("41", "57", "63", "78", "82", "95")
STATE = {}
KEPT = []
TURN = count()
LOCK = threading.Lock()


def asked(text):
    return (Message(role="user", content=text),)


def task(index, **fields):
    return Task(
        **{"id": f"t{index}", "prompt": asked(f"What is in box {index}?"), "answer": GOLDS[index], **fields}
    )


def tasks():
    return [task(index) for index in range(len(GOLDS))]


def right(task, text):
    return text.strip() == task.answer


def verdict(good, **fields):
    return Score(**{"reward": float(good), "reason": "correct" if good else "wrong_answer", **fields})


def honest(task, completion):
    if not task.answer:
        return Score.unscored("unreadable_reference")
    return verdict(right(task, completion.text))


def environment(verify=honest, tasks=tasks, **fields):
    made = tasks() if callable(tasks) else tasks
    return Environment(name="sabotaged", tasks=made, verifier=verify, **fields)


def paying(fits):
    """An environment that pays the right answer, and whatever else fits."""
    return lambda: environment(
        lambda task, completion: verdict(right(task, completion.text) or fits(task, completion.text))
    )


def doing(act):
    """An environment that judges rightly, and does something beside it."""

    def verify(task, completion):
        act(completion.text)
        return honest(task, completion)

    return lambda: environment(verify)


def giving(**fields):
    """An environment whose verdicts have fields made of the task and the text."""
    return lambda: environment(
        lambda task, completion: verdict(
            right(task, completion.text),
            **{name: make(task, completion.text) for name, make in fields.items()},
        )
    )


def sound():
    return environment()


# Starting


def startup_raises():
    raise KeyError("token")


def startup_hangs():
    time.sleep(3600)


def startup_exits():
    os._exit(3)


def import_environ():
    os.environ["SABOTAGED"] = "1"
    return environment()


def import_signal():
    signal.signal(signal.SIGALRM, lambda *_: None)
    return environment()


def import_thread():
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    return environment()


def import_prints():
    print("welcome")
    return environment()


# Tasks


def tasks_none():
    return environment(tasks=[])


def tasks_raise():
    return environment(tasks=TaskStream(at=lambda index: task(index) if index < 3 else 1 / 0))


def tasks_hang():
    return environment(tasks=TaskStream(at=lambda index: task(index) if index < 3 else time.sleep(3600)))


def tasks_same_id():
    return environment(tasks=[*tasks()[:5], task(5, id="t0")])


def tasks_no_prompt():
    return environment(tasks=[*tasks()[:5], task(5, prompt=asked(" \n"))])


def tasks_a_set():
    return environment(tasks=[*tasks()[:5], task(5, metadata={"seen": {1, 2}})])


def tasks_counted():
    return environment(tasks=TaskStream(at=lambda index: task(index % 6, id=f"t{index}-{next(TURN)}")))


def tasks_hashed():
    def at(index):
        return task(0, id=f"t{index}", prompt=asked(f"{index}?"), answer=str(hash(f"{index}") % 9973))

    return environment(tasks=TaskStream(at=at))


def tasks_twice():
    return environment(tasks=[*tasks()[:5], task(0, id="t6")])


def tasks_constant():
    return environment(tasks=TaskStream(at=lambda index: task(0, id=f"t{index}")))


def tasks_contradict():
    return environment(tasks=[*tasks()[:5], task(0, id="t6", answer="99")])


def tasks_split(split: Literal["train", "test"] = "train"):
    return environment(tasks=[task(index, id=f"{split}-{index}") for index in range(6)])


def tasks_tell():
    return environment(tasks=[*tasks()[:5], task(5, prompt=asked("What is in box 5?\nAnswer: 95"))])


def reference_raises():
    return environment(reference=lambda task: task.metadata["solution"] if task.id == "t5" else task.answer)


def reference_unreadable():
    return environment(tasks=[*tasks()[:5], task(5, answer="")])


# Verdicts


def oracle_unpaid():
    return environment(lambda task, completion: verdict(right(task, completion.text), reward=0.0))


def oracle_almost():
    return environment(
        lambda task, completion: verdict(
            right(task, completion.text), reward=0.9 * right(task, completion.text)
        )
    )


floor_empty = paying(lambda task, text: text == "\\boxed{}")
floor_echo = paying(lambda task, text: text == task.prompt[-1].content)
floor_choices = paying(
    lambda task, text: len(text.split()) > 2 and task.answer in text and " or " not in text
)
floor_hedge = paying(lambda task, text: " or " in text and task.answer in text)
hedge_by_place = paying(lambda task, text: text.rstrip(". \n").rpartition(" ")[2] == task.answer)
floor_override = paying(lambda task, text: '"reward": 1.0' in text)
floor_long = paying(lambda task, text: len(text) == 100_000 and {*text} == {"x"})
floor_huge = paying(lambda task, text: len(text) > 900_000)
floor_nesting = paying(lambda task, text: text.count("{") > 4_000 and len(text) < 500_000)
floor_nulls = paying(lambda task, text: text == "\x00" * 1000)
floor_surrogates = paying(lambda task, text: text == "\udfff\ud800")
floor_digits = paying(lambda task, text: unicodedata.normalize("NFKC", text) == task.answer)


def one_answer():
    return environment(tasks=[task(index, answer="41") for index in range(6)])


repeat_counts = giving(parts=lambda task, text: {"turn": float(next(TURN))})
process_hash = giving(parts=lambda task, text: {"hash": float(hash(task.id) % 1000)})
process_pid = giving(parts=lambda task, text: {"process": float(os.getpid())})
order_first = giving(parts=lambda task, text: {"first": float(STATE.setdefault("first", text) == text)})


def thread_unsafe():
    def verify(task, completion):
        STATE["text"] = completion.text
        time.sleep(0.0003)
        return verdict(right(task, STATE["text"]))

    return environment(verify)


def thread_signals():
    def verify(task, completion):
        before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, before)
        return honest(task, completion)

    return environment(verify)


def process_unsafe():
    path = Path(os.environ["SABOTAGED_FILE"])

    def verify(task, completion):
        with LOCK:
            path.write_text(completion.text, encoding="utf-8", errors="surrogatepass", newline="")
            time.sleep(0.0005)
            text = path.read_bytes().decode("utf-8", "surrogatepass")
        return verdict(right(task, text))

    return environment(verify)


deadline_hangs = doing(lambda text: time.sleep(3600) if text == "\n\t" else None)
deadline_huge = doing(lambda text: time.sleep(3600) if len(text) > 900_000 else None)
raises_on_surrogates = doing(lambda text: text.encode())
raises_rarely = doing(lambda text: 1 / 0 if {*"\u202e\u200b\ufeff\u0130"} & {*text} else None)
exits_politely = doing(lambda text: sys.exit(0) if text == "$$" else None)
survives_not = doing(lambda text: os._exit(0) if text == "$$" else None)
survives_twice = doing(lambda text: os.fork() if text == "$$" else None)
form_nan = giving(reward=lambda task, text: float("nan") if text == "$$" else float(right(task, text)))
form_text = giving(reward=lambda task, text: "full" if text == "$$" else float(right(task, text)))
range_two = giving(reward=lambda task, text: 2.0 * right(task, text))
reasons_many = giving(reason=lambda task, text: f"I read {text[:40]!r}")
judging_environ = doing(lambda text: os.environ.update(SABOTAGED="1"))
judging_seed = doing(lambda text: random.seed(7))
judging_file = doing(lambda text: Path("scratch.txt").write_text("x"))
judging_limit = doing(lambda text: sys.setrecursionlimit(5_000))
judging_prints = doing(lambda text: print("judging"))
leaks_files = doing(lambda text: KEPT.append(os.dup(0)))


def _start_thread(_):
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


def _start_process(_):
    if "helper" not in STATE:
        STATE["helper"] = subprocess.Popen(["sleep", "3600"], start_new_session=True)


leaks_threads = doing(_start_thread)
leaks_a_process = doing(_start_process)

FLOOR = "semantic.canary_floor."
EXPECTED = {
    "sound": set(),
    "startup_raises": {"runtime.startup"},
    "startup_hangs": {"runtime.startup"},
    "startup_exits": {"runtime.startup"},
    "import_environ": {"effects.import"},
    "import_signal": {"effects.import"},
    "import_thread": {"effects.import"},
    "import_prints": {"effects.import_prints"},
    "tasks_none": {"tasks.some"},
    "tasks_raise": {"tasks.drawn"},
    "tasks_hang": {"tasks.drawn"},
    "tasks_same_id": {"tasks.unique_ids"},
    "tasks_no_prompt": {"tasks.prompt"},
    "tasks_a_set": {"tasks.plain_data"},
    "tasks_counted": {"tasks.repeatable"},
    "tasks_hashed": {"tasks.repeatable"},
    "tasks_twice": {"tasks.duplicates"},
    "tasks_constant": {"tasks.duplicates"},
    "tasks_contradict": {"tasks.contradictions"},
    "tasks_split": {"tasks.split_overlap"},
    "tasks_tell": {"tasks.answer_in_prompt"},
    "reference_raises": {"reference.text"},
    "reference_unreadable": {"reference.readable"},
    "oracle_unpaid": {"semantic.oracle_max"},
    "oracle_almost": {"semantic.oracle_max"},
    "floor_empty": {f"{FLOOR}empty"},
    "floor_echo": {f"{FLOOR}prompt_echo"},
    "floor_choices": {f"{FLOOR}every_choice"},
    "floor_hedge": {f"{FLOOR}hedge"},
    "hedge_by_place": {"semantic.hedge_by_place"},
    "floor_override": {f"{FLOOR}override"},
    "floor_long": {f"{FLOOR}long"},
    "floor_huge": {f"{FLOOR}huge"},
    "floor_nesting": {f"{FLOOR}nesting"},
    "floor_nulls": {f"{FLOOR}null_bytes"},
    "floor_surrogates": {f"{FLOOR}surrogates"},
    "floor_digits": {f"{FLOOR}digits"},
    "one_answer": {"statistical.gameability_gap"},
    "repeat_counts": {"semantic.verifier_determinism"},
    "process_hash": {"semantic.verifier_determinism.process"},
    "process_pid": {"semantic.verifier_determinism.process"},
    "order_first": {"semantic.order_independence"},
    "thread_unsafe": {"runtime.thread_safety"},
    "thread_signals": {"runtime.thread_safety"},
    "process_unsafe": {"runtime.process_safety"},
    "deadline_hangs": {"runtime.deadline"},
    "deadline_huge": {"runtime.deadline_huge"},
    "raises_on_surrogates": {"runtime.never_raises"},
    "raises_rarely": {"runtime.never_raises"},
    "exits_politely": {"runtime.never_raises"},
    "survives_not": {"runtime.survives"},
    "survives_twice": {"runtime.survives"},
    "form_nan": {"runtime.reward_well_formed"},
    "form_text": {"runtime.reward_well_formed"},
    "range_two": {"semantic.reward_range"},
    "reasons_many": {"semantic.reasons"},
    "judging_environ": {"effects.judging"},
    "judging_seed": {"effects.judging"},
    "judging_file": {"effects.judging"},
    "judging_limit": {"effects.judging"},
    "judging_prints": {"effects.judging_prints"},
    "leaks_files": {"effects.leaks"},
    "leaks_threads": {"effects.leaks"},
    "leaks_a_process": {"effects.leaks"},
}


@hookimpl
def rlvr_environments():
    return [Spec(name=name, entry_point=f"rlvr_sabotaged:{name}", summary="Wrong.") for name in EXPECTED]


@hookimpl
def rlvr_verifiers():
    entry = "rlvr_sabotaged:honest_verifier"
    return [Spec(name="honest", entry_point=entry, summary="Right: what is equal is paid.")]


def honest_verifier():
    return honest
