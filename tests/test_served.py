"""A model behind a server: real sockets on this machine, and servers that are busy, broken, slow or no servers."""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rlvr.errors import InputError, ServerError
from rlvr.served import ServedPolicy, only_model
from rlvr.types import Completion, Message, Task

pytest.importorskip("httpx", reason="needs the extra `serve`")

KEY = "sk-9f8e7d6c5b4a"
HEAVY = ("torch", "transformers", "trl", "docker", "sympy", "datasets", "numpy")


@dataclass
class Asked:
    """A request as the server saw it."""

    path: str
    body: Any
    headers: dict[str, str]


@dataclass
class Answer:
    """What the server does: answers, or hangs up with nothing said where `status` is 0."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """A server in a thread; `answer` says what to each request."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                asked = Asked(path=self.path, body=body, headers=dict(self.headers))
                server.asked.append(asked)
                given = answer(asked)
                self.close_connection = not given.status
                if given.status and not server.closing.is_set():
                    raw = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
                    self.send_response(given.status)
                    for name, value in {**given.headers, "Content-Length": str(len(raw))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(raw)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.host}/v1"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[Asked], Answer]], Server]]:
    """Start servers that end with the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers: list[Server] = []

    def start(answer: Callable[[Asked], Answer]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def chat(*texts: str | None, reason: str = "stop") -> Answer:
    choices = [{"index": i, "message": {"content": t}, "finish_reason": reason} for i, t in enumerate(texts)]
    return Answer(body={"choices": choices})


def in_turn(*answers: Answer) -> Callable[[Asked], Answer]:
    """Give these answers, the last of them for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def tasks(*questions: str) -> list[Task]:
    return [Task(id=q, prompt=(Message(role="user", content=q),), answer=q) for q in questions]


def policy(server: Server, **settings: Any) -> ServedPolicy:
    return ServedPolicy(base_url=server.url, model="m", **{"backoff_s": 0.0, **settings})


def question(asked: Asked) -> str:
    return asked.body["messages"][-1]["content"]


def fault_of(asking: Callable[[], object], kind: type[Exception] = ServerError) -> str:
    with pytest.raises(kind) as caught:
        asking()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_server_is_asked_once_for_all_samples_of_a_task(serve):
    server = serve(lambda asked: chat(*(f"{question(asked)}{i}" for i in range(asked.body["n"]))))
    settings = {"max_new_tokens": 7, "temperature": 0.5, "top_p": 0.9, "stop": ("\n",), "seed": 10}

    groups = policy(server, **settings).generate(tasks("a", "b"), samples=3)

    assert [[c.text for c in group] for group in groups] == [["a0", "a1", "a2"], ["b0", "b1", "b2"]]
    assert groups[0][0] == Completion(text="a0", finish_reason="stop")
    assert {asked.path for asked in server.asked} == {"/v1/chat/completions"}
    bodies = sorted((asked.body for asked in server.asked), key=lambda body: body["seed"])
    assert bodies[0] == {
        "model": "m",
        "messages": [{"role": "user", "content": "a"}],
        "n": 3,
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["\n"],
        "seed": 10,
    }
    assert [body["seed"] for body in bodies] == [10, 13]


@pytest.mark.parametrize("refuses", [False, True])
def test_a_server_that_gives_one_at_a_time_is_asked_for_the_others_with_other_seeds(serve, refuses):
    def answer(asked):
        if refuses and asked.body["n"] > 1:
            return Answer(status=400, body={"error": {"message": "only one completion choice is allowed"}})
        return chat(f"{question(asked)}:{asked.body['seed']}")

    server = serve(answer)

    groups = policy(server, seed=100, concurrency=1).generate(tasks("a", "b"), samples=3)

    texts = [[c.text for c in group] for group in groups]
    assert texts == [["a:100", "a:101", "a:102"], ["b:103", "b:104", "b:105"]]
    assert [asked.body["n"] for asked in server.asked] == [3, *[1] * (5 + refuses)]


def test_more_completions_than_were_asked_for_are_left(serve):
    server = serve(lambda _: chat("1", "2", "3"))

    (group,) = policy(server).generate(tasks("a"), samples=2)

    assert [c.text for c in group] == ["1", "2"]


@pytest.mark.parametrize(
    ("given", "told"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "stop"), (None, "stop")],
)
def test_a_completion_is_cut_or_it_has_stopped(serve, given, told):
    server = serve(lambda _: chat("x", reason=given))

    ((completion,),) = policy(server).generate(tasks("a"), samples=1)

    assert completion.finish_reason == told


def test_an_answer_that_was_all_thinking_is_an_empty_completion(serve):
    server = serve(lambda _: chat(None, reason="length"))

    ((completion,),) = policy(server).generate(tasks("a"), samples=1)

    assert completion == Completion(text="", finish_reason="length")


def test_the_style_text_asks_for_the_completion_of_the_bare_text(serve):
    server = serve(lambda _: Answer(body={"choices": [{"text": " 4", "finish_reason": "length"}]}))
    turns = (Message(role="system", content="Add."), Message(role="user", content="2+2="))

    found = policy(server, style="text").generate([Task(id="t", prompt=turns)], samples=1)

    assert found == [[Completion(text=" 4", finish_reason="length")]]
    assert server.asked[0].path == "/v1/completions"
    assert server.asked[0].body["prompt"] == "Add.\n2+2="
    assert "messages" not in server.asked[0].body


@pytest.mark.parametrize(
    "first",
    [
        Answer(status=429, body={}, headers={"Retry-After": "0"}),
        Answer(status=503, body=b"busy"),
        Answer(status=0),
    ],
    ids=["429", "503", "hangs up"],
)
def test_a_request_is_tried_again_where_that_may_help(serve, first):
    server = serve(in_turn(first, chat("x")))

    ((completion,),) = policy(server).generate(tasks("a"), samples=1)

    assert completion.text == "x"
    assert len(server.asked) == 2
    assert server.asked[0].body == server.asked[1].body


def test_a_server_that_fails_for_ever_is_given_up_on(serve):
    server = serve(lambda _: Answer(status=500, body={"error": {"message": "CUDA\nout of memory"}}))

    message = fault_of(lambda: policy(server, attempts=3).generate(tasks("a"), samples=1))

    assert message == (
        f"{server.url}/chat/completions answered 500 Internal Server Error: 'CUDA out of memory'. "
        "Look at the server's log."
    )
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": "no key"}, "answered 401 Unauthorized: 'no key'. Name the environment variable"),
        (404, {"error": {"message": "no model 'm'"}}, "404 Not Found: \"no model 'm'\". Expected an OpenAI"),
        (400, {"detail": "seed?"}, '400 Bad Request: \'{"detail": "seed?"}\'. Expected a server that takes'),
        (302, {}, "It redirects to 'https://example.org/': give the address that this leads to."),
        (418, b"\xff" * 5000, "answered 418"),
    ],
)
def test_what_asking_again_cannot_change_is_told_at_once(serve, status, body, said):
    server = serve(lambda _: Answer(status=status, body=body, headers={"Location": "https://example.org/"}))

    message = fault_of(lambda: policy(server).generate(tasks("a"), samples=1))

    assert said in message
    assert message.startswith(f"{server.url}/chat/completions answered")
    assert len(message) < 500
    assert len(server.asked) == 1


def test_an_address_where_nobody_listens_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    asked = ServedPolicy(base_url=url, model="m", backoff_s=0.0)

    message = fault_of(lambda: asked.generate(tasks("a"), samples=1))

    assert message.startswith(f"the server at {url}/ cannot be reached: ")
    assert message.endswith("Expected an OpenAI-compatible server there.")


@pytest.mark.parametrize(
    "body", [b"<html>Welcome!</html>", b"", b'{"choices": [', b"\xff\xfe", b"[" * 100_000]
)
def test_an_answer_that_is_not_json_is_shown(serve, body):
    server = serve(lambda _: Answer(body=body))

    message = fault_of(lambda: policy(server).generate(tasks("a"), samples=1))

    assert message.startswith(f"{server.url}/chat/completions answered '{body[:20].decode(errors='replace')}")
    assert message.endswith("expected JSON of an OpenAI-compatible server.")


@pytest.mark.parametrize(
    "body",
    [
        *([], {}, "text", 3, {"choices": []}, {"choices": None}, {"choices": [{}]}, {"choices": ["x"]}),
        *({"choices": [{"message": {}}]}, {"choices": [{"message": None}]}, {"choices": [{"text": "x"}]}),
        {"choices": [{"message": {"content": 4}}]},
    ],
    ids=str,
)
@pytest.mark.parametrize("samples", [1, 2])
def test_an_answer_without_its_fields_is_no_completion(serve, body, samples):
    server = serve(lambda _: Answer(body=body))

    message = fault_of(lambda: policy(server).generate(tasks("a"), samples=samples))

    assert message.startswith(f"{server.url}/chat/completions answered ")
    assert message.endswith("expected choices[].message.content.")


def test_a_server_that_gives_no_answer_in_time_is_asked_once(serve):
    def stall(_):
        server.closing.wait(60)
        return Answer(status=0)

    server = serve(stall)

    message = fault_of(lambda: policy(server, timeout_s=0.2).generate(tasks("a"), samples=1))

    assert message == (
        f"the server at {server.url}/ gave no answer in 0.2 s. Give it longer (--request-timeout) or ask less "
        "at once (--concurrency)."
    )
    assert len(server.asked) == 1


def test_the_first_fault_ends_the_requests_that_are_under_way(serve):
    stalled = threading.Event()

    def answer(asked):
        if question(asked) == "slow":
            stalled.set()
            server.closing.wait(60)
            return Answer(status=0)
        stalled.wait(60)
        return Answer(status=401, body={})

    server = serve(answer)

    # Were the slow one waited for, it would be for 60 seconds, and the fault would be another.
    message = fault_of(lambda: policy(server, timeout_s=50).generate(tasks("slow", "bad"), samples=1))

    assert "answered 401" in message


def test_no_more_requests_are_under_way_than_allowed(serve):
    meeting = threading.Barrier(3)
    lock, now, most = threading.Lock(), [0], [0]

    def answer(asked):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        meeting.wait(30)  # three must be here at once, or nobody goes on
        with lock:
            now[0] -= 1
        return chat("x")

    server = serve(answer)

    policy(server, concurrency=3).generate(tasks(*"abcdef"), samples=1)

    assert most == [3]


def test_the_key_is_sent_and_never_shown(serve, monkeypatch, caplog):
    monkeypatch.setenv("MY_KEY", f" {KEY}\n")
    caplog.set_level(0)
    server = serve(lambda _: Answer(status=401, body={"error": {"message": f"bad key: {KEY}"}}))
    asking = policy(server, api_key_env="MY_KEY")

    message = fault_of(lambda: asking.generate(tasks("a"), samples=1))

    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "'bad key: ***'" in message
    assert KEY not in message + repr(asking) + caplog.text


def test_no_key_is_sent_unasked(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = serve(lambda _: chat("x"))

    policy(server).generate(tasks("a"), samples=1)

    assert "Authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MY_KEY", None, "the environment variable 'MY_KEY' is not set."),
        ("MY_KEY", " ", "the environment variable 'MY_KEY' is not set."),
        (
            "MY_KEY",
            f"{KEY}\nX-Other: 1",
            "the environment variable 'MY_KEY' holds no key: expected letters, ",
        ),
        (KEY, None, "--api-key-env: expected the name of an environment variable, as OPENAI_API_KEY."),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(monkeypatch, name, value, said):
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    asked = ServedPolicy(base_url="http://127.0.0.1:1", model="m", api_key_env=name)

    message = fault_of(lambda: asked.generate(tasks("a"), samples=1), InputError)

    assert message.startswith(said)
    assert KEY not in message


@pytest.mark.parametrize(
    "url",
    [
        *("http://", "http:///v1", "http://[::1", "http://host:99999", "http://host:port"),
        "http://ho\x01st/",
        "ftp://a",
    ],
)
def test_what_is_no_address_is_refused(url):
    message = fault_of(lambda: only_model(url), InputError)

    assert message.startswith(f"{url!r} is no address of a server: ")


@pytest.mark.parametrize(
    "url", [f"http://me:{KEY}@host/v1", f"http://me:{KEY}/@host", f"http://host/v1?key={KEY}"]
)
def test_an_address_with_a_password_is_refused_without_being_shown(url):
    message = fault_of(lambda: only_model(url), InputError)

    assert "has more than host and path" in message
    assert KEY not in message


def test_a_name_that_no_machine_can_have_is_a_server_that_cannot_be_reached():
    message = fault_of(lambda: only_model("http://a..b/v1"))

    assert message.startswith("the server at http://a..b/v1/ cannot be reached: ")


@pytest.mark.parametrize("limits", [{"concurrency": 0}, {"attempts": 0}])
def test_limits_under_which_nothing_would_be_asked_are_refused(limits):
    message = fault_of(lambda: ServedPolicy(base_url="http://a", model="m", **limits), InputError)

    assert "expected 1 or more of each" in message


def test_the_only_model_of_a_server_is_found_where_v1_is_left_out(serve):
    server = serve(lambda _: Answer(body={"data": [{"id": "tiny"}]}))

    assert only_model(server.host + "/") == "tiny"
    assert [asked.path for asked in server.asked] == ["/v1/models"]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (
            {"data": [{"id": "a"}, {"id": "b"}]},
            InputError,
            "lists 2 models: 'a', 'b'. Name one (--served-model).",
        ),
        ({"data": []}, ServerError, "lists no model: expected one, or its name (--served-model)."),
        ([{"id": "a"}], ServerError, "lists no model: expected one, or its name (--served-model)."),
        (
            {"data": [{"id": 3}, "x"]},
            ServerError,
            "lists no model: expected one, or its name (--served-model).",
        ),
    ],
)
def test_a_server_without_one_model_is_told_apart(serve, body, kind, said):
    server = serve(lambda _: Answer(body=body))

    message = fault_of(lambda: only_model(server.url), kind)

    assert message == f"{server.url}/models {said}"


# The command line, as a user runs it.


def evaluate(
    *arguments: str, blocked: tuple[str, ...] = HEAVY, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """Run `rlvr evaluate` in a process in which the heavy modules are absent."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({blocked!r}))\n"
        "import rlvr.__main__\n"
        f"sys.argv = ['rlvr', 'evaluate', *{arguments!r}]\n"
        "rlvr.__main__.main()\n"
    )
    options = {"capture_output": True, "text": True, "timeout": 120, "check": False, **settings}
    return subprocess.run([sys.executable, "-c", code], **options)


def parrot(asked: Asked) -> Answer:
    """Say the number back, but for those that end in an odd digit."""
    if asked.path.endswith("/models"):
        return Answer(body={"data": [{"id": "parrot"}]})
    number = re.findall(r"\d+", question(asked))[-1]
    return chat(*[number if int(number) % 2 == 0 else "what?"] * asked.body["n"])


def test_a_served_model_is_evaluated_without_torch(serve, tmp_path, monkeypatch):
    server = serve(parrot)
    monkeypatch.setenv("MY_KEY", KEY)
    path = tmp_path / "rollouts.jsonl"
    words = ["echo", "--model", server.url, "--tasks", "6", "--samples", "2", "--api-key-env", "MY_KEY"]

    done = evaluate(*words, "--output", str(path), "--workers", "1", "--seed", "4", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    right = sum(row["reward"] == 1 for row in rows)
    assert (report["model"], report["server"]) == ("parrot", server.url)
    assert (report["tasks"], report["samples"], report["temperature"]) == (6, 2, 1.0)
    assert report["pass"]["1"] == pytest.approx(right / 12)
    assert 0 < right < 12
    assert {asked.headers["Authorization"] for asked in server.asked} == {f"Bearer {KEY}"}
    assert sorted(asked.body["seed"] for asked in server.asked[1:]) == [4, 6, 8, 10, 12, 14]
    assert KEY not in done.stdout + path.read_text()


def test_the_report_names_the_model_and_its_server(serve):
    server = serve(parrot)

    done = evaluate(
        "echo", "--model", server.url, "--served-model", "other", "--tasks", "1", "--workers", "1"
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f" by other at {server.url}, temperature 0: pass@1 " in done.stdout
    assert [asked.body["model"] for asked in server.asked] == ["other"]


JUDGE = """
from urllib.request import urlopen
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Environment, Message, Score, Task

@hookimpl
def rlvr_environments():
    return [Spec(name="telltale", entry_point="rlvr_telltale:load", summary="Tells the server.")]

def load(url: str):
    def verify(task, completion):
        urlopen(url + "/judged", timeout=60).read()
        return Score(reward=float(completion.text == "in time"), reason="correct")

    tasks = [Task(id=q, prompt=(Message(role="user", content=q),)) for q in ("first", "second")]
    return Environment(name="telltale", tasks=tasks, verifier=verify)
"""


def test_a_completion_is_judged_while_another_is_still_being_written(serve, write_plugin):
    write_plugin("rlvr-telltale", JUDGE)
    judged = threading.Event()

    def answer(asked):
        if asked.path.endswith("/judged"):
            judged.set()
            return Answer(body={})
        if question(asked) == "second":
            return chat("in time" if judged.wait(60) else "too late")
        return chat("in time")

    server = serve(answer)
    words = ["--model", server.url, "--served-model", "m", "-o", f"url={server.url}", "--workers", "1"]

    done = evaluate("telltale", *words, "--timeout", "60", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["pass"] == {"1": 1.0}


@pytest.mark.parametrize(
    ("words", "blocked", "said"),
    [
        ((), (), "http://127.0.0.1:1/v1/ cannot be reached"),
        ((), ("httpx",), "a served model needs httpx: pip install 'rlvr[serve]'."),
        (
            ("--api-key-env", "RLVR_NO_SUCH_KEY"),
            (),
            "the environment variable 'RLVR_NO_SUCH_KEY' is not set.",
        ),
    ],
    ids=["refused", "no httpx", "no key"],
)
def test_what_cannot_be_evaluated_is_one_line_and_exit_code_2(words, blocked, said):
    done = evaluate("echo", "--model", "http://127.0.0.1:1/v1", *words, blocked=(*HEAVY, *blocked))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_options_of_a_server_are_refused_without_one():
    done = evaluate("echo", "--model", "smollm2", "--served-model", "m")

    assert done.returncode == 2
    assert done.stderr == (
        "Error: --model 'smollm2' is no server: --served-model and --api-key-env are for http://.\n"
    )
