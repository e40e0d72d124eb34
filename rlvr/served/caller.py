"""One server: its address, its key, its answers and what is wrong with them, and when to ask again."""

import asyncio
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rlvr.errors import InputError, ServerError

if TYPE_CHECKING:
    import httpx

__all__ = ["Caller", "caller_of", "only_model"]

_CONNECT_S = 10.0
_LONGEST_WAIT_S = 60.0
_BUSY = (408, 429)
_WAYS = {
    401: "Name the environment variable that holds its key (--api-key-env).",
    403: "Name the environment variable that holds its key (--api-key-env).",
    404: "Expected an OpenAI-compatible server: does the address end in /v1, and has it this model?",
    405: "Expected an OpenAI-compatible server: does the address end in /v1?",
    429: "Ask less at once (--concurrency).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Asks a server, and again where that may help."""

    client: "httpx.AsyncClient"
    timeout_s: float
    key: str = field(repr=False)

    async def ask(
        self, method: str, path: str, body: Any = None, *, attempts: int, backoff_s: float
    ) -> "httpx.Response":
        """Return the server's answer, whatever its status.

        Raises:
            ServerError: None came.
        """
        content = None if body is None else json.dumps(body)
        for attempt in range(attempts):
            reply = await self._once(method, path, content)
            if attempt + 1 == attempts or not _may_pass(reply):
                break
            await asyncio.sleep(_wait_s(reply, backoff_s * 2**attempt))
        if not isinstance(reply, Exception):
            return reply
        where = f"the server at {self.client.base_url}"
        if isinstance(reply, TimeoutError):
            raise ServerError(
                f"{where} gave no answer in {self.timeout_s:g} s. Give it longer (--request-timeout) or ask "
                "less at once (--concurrency)."
            )
        said = self.shown(str(reply) or type(reply).__name__)
        raise ServerError(f"{where} cannot be reached: {said}. Expected an OpenAI-compatible server there.")

    async def _once(self, method: str, path: str, content: str | None) -> "httpx.Response | Exception":
        import httpx

        try:
            async with asyncio.timeout(self.timeout_s):
                return await self.client.request(method, path, content=content)
        except (httpx.RequestError, TimeoutError, UnicodeError) as error:
            return error

    def read(self, reply: "httpx.Response") -> Any:
        """Return the data of an answer.

        Raises:
            ServerError: Its status is no success, or it is not JSON.
        """
        said = self.shown(_message(reply))
        if not reply.is_success:
            status = f"{reply.status_code} {reply.reason_phrase}"
            raise ServerError(f"{reply.url} answered {status}: {said}. {_way_out(reply)}")
        data = _json(reply)
        if data is None:
            raise ServerError(f"{reply.url} answered {said}: expected JSON of an OpenAI-compatible server.")
        return data

    def shown(self, text: str) -> str:
        """Return what a server said as a message may repeat it: a short line, without the key."""
        line = " ".join((text.replace(self.key, "***") if self.key else text)[:2000].split())
        return repr(line if len(line) <= 200 else line[:197] + "...")


def only_model(base_url: str, *, api_key_env: str = "", timeout_s: float = 30.0) -> str:
    """Return the name of the one model that a server lists.

    Raises:
        InputError: The address or the key cannot be used, or it lists several.
        ServerError: The server cannot be reached, or lists none.
    """
    return asyncio.run(_only_model(caller_of(base_url, api_key_env, timeout_s=timeout_s, connections=1)))


async def _only_model(caller: Caller) -> str:
    async with caller.client:
        reply = await caller.ask("GET", "models", attempts=2, backoff_s=0.5)
    listed = caller.read(reply)
    rows = listed.get("data") if isinstance(listed, dict) else None
    names = [row["id"] for row in rows or () if isinstance(row, dict) and isinstance(row.get("id"), str)]
    if len(names) == 1:
        return str(names[0])
    if not names:
        raise ServerError(f"{reply.url} lists no model: expected one, or its name (--served-model).")
    shown = ", ".join(map(repr, names[:12]))
    raise InputError(f"{reply.url} lists {len(names)} models: {shown}. Name one (--served-model).")


def caller_of(base_url: str, api_key_env: str, *, timeout_s: float, connections: int) -> Caller:
    """Return what asks a server.

    Raises:
        InputError: The address or the key cannot be used, or httpx is absent.
    """
    try:
        import httpx
    except ImportError:
        raise InputError("a served model needs httpx: pip install 'rlvr[serve]'.") from None
    key = _key(api_key_env) if api_key_env else ""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    try:
        client = httpx.AsyncClient(
            base_url=_base(base_url),
            headers=headers,
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )
    except httpx.InvalidURL as error:
        raise InputError(f"{base_url!r} is no address of a server: {error}.") from None
    return Caller(client=client, timeout_s=timeout_s, key=key)


def _base(url: str) -> str:
    """Return an address as it is asked under.

    >>> _base("http://localhost:8000"), _base("https://example.org/api/v2/")
    ('http://localhost:8000/v1', 'https://example.org/api/v2')
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if "@" in url or "?" in url or "#" in url:  # perhaps with a password in it: not to be repeated
        raise InputError(
            "the address of the server has more than host and path: expected one as "
            "http://localhost:8000/v1, and a key in an environment variable (--api-key-env)."
        )
    if not known:
        raise InputError(f"{url!r} is no address of a server: expected one as http://localhost:8000/v1.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"


def _key(name: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):  # perhaps the key itself: not to be repeated
        raise InputError("--api-key-env: expected the name of an environment variable, as OPENAI_API_KEY.")
    key = os.environ.get(name, "").strip()
    if not re.fullmatch(r"[!-~]+", key):
        what = "is not set" if not key else "holds no key: expected letters, digits and signs"
        raise InputError(f"the environment variable {name!r} {what}.")
    return key


def _may_pass(reply: "httpx.Response | Exception") -> bool:
    if isinstance(reply, Exception):
        return not isinstance(reply, TimeoutError | UnicodeError)
    return reply.status_code in _BUSY or reply.status_code >= 500


def _wait_s(reply: "httpx.Response | Exception", backoff_s: float) -> float:
    asked = "" if isinstance(reply, Exception) else reply.headers.get("Retry-After", "")
    return min(float(asked) if asked.isdecimal() else backoff_s, _LONGEST_WAIT_S)


def _json(reply: "httpx.Response") -> Any:
    try:
        return reply.json()
    except (ValueError, RecursionError):
        return None


def _message(reply: "httpx.Response") -> str:
    """Return what an answer says: the message of its error, or all of it."""
    data = _json(reply)
    fault = data.get("error") if isinstance(data, dict) else None
    said = fault.get("message") if isinstance(fault, dict) else fault
    return said if isinstance(said, str) else reply.text


def _way_out(reply: "httpx.Response") -> str:
    if reply.is_redirect:
        return f"It redirects to {reply.headers['Location']!r:.200}: give the address that this leads to."
    if reply.status_code >= 500:
        return "Look at the server's log."
    return _WAYS.get(reply.status_code, "Expected a server that takes OpenAI's fields.")
