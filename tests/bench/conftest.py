"""A plugin with every way of being a bad verifier, each told apart by its name."""

import pytest

GARBAGE = """
import os, signal, subprocess, sys, threading, time
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Score

@hookimpl
def rlvr_verifiers():
    made = ("import-error", "bad-factory", "dies-at-load", "loud-at-load")
    names = [name.replace("_", "-") for name in WAYS]
    return [Spec(name=n, entry_point=f"rlvr_garbage:make_{n.replace('-', '_')}", summary="bad") for n in (*names, *made)]

def good(completion): return Score(reward=float(completion.text == "right"), reason="read")

def nan(completion): return Score(reward=float("nan"))
def string(completion): return "1.0"
def a_list(completion): return [1.0, 0.0]
def a_bool(completion): return True
def text_answer(completion): return Score(reward=1.0, answer=5)
def five(completion): return Score(reward=5.0)
def raises(completion): raise KeyError(completion.text)
def leaves(completion): sys.exit(completion.text)
def exits(completion): os._exit(3)
def kills(completion): os.kill(os.getpid(), signal.SIGKILL)
def prints(completion):
    print("looking at", completion.text)
    return good(completion)
def warns(completion):
    os.write(2, b"warning\\n")
    return good(completion)
def forks(completion):
    if os.fork() == 0: time.sleep(600)
    return good(completion)
def forks_and_returns(completion):
    os.fork()
    return good(completion)
def crowds(completion):
    for _ in range(4): subprocess.Popen(["sleep", "600"], start_new_session=True)
    return good(completion)
def threads(completion):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    return good(completion)
def moves(completion):
    os.chdir("/")
    return good(completion)
def hangs(completion):
    while completion.text == "hang": pass
    return good(completion)
def babbles(completion):
    for fd in range(3, 64):
        try: os.write(fd, b"babble\\n")
        except OSError: pass
    return good(completion)
def endless_reasons(completion):
    endless_reasons.n += 1
    return Score(reward=None, reason=f"reason {endless_reasons.n}")
endless_reasons.n = 0

WAYS = ["good", "nan", "string", "a_list", "a_bool", "text_answer", "five", "raises", "leaves", "exits", "kills",
        "prints", "warns", "forks", "forks_and_returns", "crowds", "threads", "moves", "hangs", "babbles",
        "endless_reasons"]
for way in WAYS:
    def make(verify=globals()[way]): return lambda task, completion: verify(completion)
    globals()[f"make_{way}"] = make
def make_import_error(): import no_such_module
def make_bad_factory(): raise OSError("disk on fire")
def make_dies_at_load():
    print("no licence found")
    os._exit(7)
def make_loud_at_load():
    print("hello")
    return lambda task, completion: good(completion)
"""


@pytest.fixture
def garbage(write_plugin):
    """Install the plugin."""
    write_plugin("rlvr-garbage", GARBAGE)
