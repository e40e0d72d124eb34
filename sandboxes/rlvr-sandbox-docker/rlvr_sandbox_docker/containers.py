"""Containers: hardened, a relay in each, spoken to over one attached stream, never left behind."""

import contextlib
import json
import os
import platform
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import docker
import psutil
from docker.errors import APIError, DockerException, NotFound

from rlvr.errors import SandboxUnavailable
from rlvr.forkserver import bundle
from rlvr.forkserver.wire import HEADER
from rlvr_sandbox_docker.building import tag
from rlvr_sandbox_docker.profile import profile

__all__ = ["LABEL", "PACKAGES", "Container", "Settings", "connect", "reap"]

LABEL = "rlvr.sandbox.owner"
PACKAGES = "/usr/lib/python3/dist-packages"
_NOBODY = "65534:65534"
_GVISOR_CAPABILITIES = ["SYS_ADMIN", "SETUID", "SETGID", "KILL", "CHOWN", "FOWNER", "DAC_OVERRIDE"]
_START_S = 30.0
_STREAM = struct.Struct("!BxxxI")  # which of the container's streams, and how much of it follows
_STDOUT = 1
_CLOCK_S = 2.0  # a boot time that is read twice may differ by that


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What containers are made of.

    Attributes:
        image: A name of rlvr_sandbox_docker.building.IMAGES.
        runtime: As the engine knows it; `runsc` for gVisor, nothing for the engine's own.
        memory_mb: For a whole container; swap is not on top.
        cpus: Cores for a whole container.
        pids: Processes and threads in a container.
        packages: What is imported ahead of every run, and the folder of the image where it is found.
    """

    image: str = "python"
    runtime: str = ""
    memory_mb: int = 2_048
    cpus: float = 1.0
    pids: int = 256
    packages: Mapping[str, str] = field(default_factory=dict)

    @property
    def gvisor(self) -> bool:
        """Whether a kernel of its own stands before the host's."""
        return "runsc" in self.runtime


def connect() -> docker.DockerClient:
    """Return a client of the engine that DOCKER_HOST names, or of this machine's.

    Raises:
        SandboxUnavailable: No engine answers.
    """
    try:
        _knock(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
        client = docker.from_env(timeout=_START_S)
        # Else the SDK keeps a connection for each address that it asked, and each container has its own.
        client.api.headers["Connection"] = "close"
        client.ping()
    except (DockerException, OSError) as error:
        words = " ".join(str(error).split())[:200]
        raise SandboxUnavailable(
            f"no Docker engine answers: {words}. Start one (dockerd), set DOCKER_HOST, "
            "or use another sandbox."
        ) from None
    return client


def _knock(host: str) -> None:
    """Raise OSError where nobody listens at a local address: the SDK would leave its socket open."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(host.removeprefix("unix://"))


def owner() -> str:
    """Return what tells this process from every other: machine, number, and when it was started."""
    return f"{platform.node()}:{os.getpid()}:{psutil.Process().create_time():.2f}"


def reap(client: docker.DockerClient) -> list[str]:
    """Remove the containers whose owner, a process of this machine, is gone; return their ids."""
    gone = []
    with _engine("containers could not be listed"):
        for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            if _orphaned(container.labels.get(LABEL, "")):
                with contextlib.suppress(NotFound, APIError):
                    container.remove(force=True)
                    gone.append(str(container.id))
    return gone


class Container:
    """A container with a relay that waits for orders; it ends with us, for its stdin does."""

    def __init__(self, client: docker.DockerClient, settings: Settings) -> None:
        self.runs = 0
        self._client = client
        self._raw, self._out, self._err = bytearray(), bytearray(), bytearray()
        self._closing = False
        self._id, self._lines = "", list[Any]()
        try:
            with _engine("a container could not be started"):
                self._start(settings)
            self.ask({"verb": "ready"}, _START_S)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it waits for its next order; what it still says of the one before is read."""
        try:
            until = time.monotonic() + _START_S
            while self._closing:
                self.hear(until)
            return self._receive(0.0)
        except SandboxUnavailable:
            return False

    def tell(self, *orders: Mapping[str, Any]) -> None:
        """Give orders without waiting for their answers.

        Raises:
            SandboxUnavailable: The container is gone.
        """
        self._send(b"".join(map(_frame, orders)))
        self._closing = self._closing or any(order.get("told") is False for order in orders)

    def ask(self, order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Give an order and return its answer; raises as `tell` and `hear` do."""
        self.tell(order)
        return self.hear(time.monotonic() + seconds)

    def hear(self, until: float) -> dict[str, Any]:
        """Return the next answer, by a time on the monotonic clock.

        Raises:
            SandboxUnavailable: It did not come, the container is gone, or it cannot isolate.
        """
        while True:
            start = HEADER.size
            size = HEADER.unpack(self._out[:start])[0] if len(self._out) >= start else -1
            if 0 <= size <= len(self._out) - start:
                break
            if not self._receive(until - time.monotonic()):
                raise self._gone("did not answer in time")
        answer: dict[str, Any] = json.loads(self._out[start : start + size])
        del self._out[: start + size]
        if "unavailable" in answer:
            raise SandboxUnavailable(f"in a container: {answer['unavailable']}")
        self._closing = self._closing and "closed" not in answer
        return answer

    def close(self) -> None:
        """Remove the container, and all in it."""
        for line in self._lines:
            with contextlib.suppress(OSError, ValueError):  # one of them closes what another still reads
                line.close()
        if self._id:
            with contextlib.suppress(DockerException, OSError):
                self._client.api.remove_container(self._id, force=True, v=True)

    def _start(self, settings: Settings) -> None:
        api = self._client.api
        self._id = _created(api, settings)
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        attached = api.attach_socket(self._id, params=streams)
        self._socket = getattr(attached, "_sock", attached)
        self._lines = [attached, attached._response, self._socket]  # each holds it open
        api.start(self._id)
        self._send(_first_line(settings))

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(_START_S)
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._gone(str(error)) from None

    def _receive(self, seconds: float) -> bool:
        """Read some of what came; say whether anything could come, or the time was up."""
        self._socket.settimeout(max(0.0, seconds))
        try:
            chunk = self._socket.recv(1 << 16)
        except (TimeoutError, BlockingIOError):
            return seconds <= 0.0
        except OSError as error:
            raise self._gone(str(error)) from None
        if not chunk:
            raise self._gone("ended")
        self._raw += chunk
        while len(self._raw) >= _STREAM.size:
            stream, size = _STREAM.unpack(self._raw[: _STREAM.size])
            if len(self._raw) < _STREAM.size + size:
                break
            text = self._out if stream == _STDOUT else self._err
            text += self._raw[_STREAM.size : _STREAM.size + size]
            del self._raw[: _STREAM.size + size]
        del self._err[:-4_096]
        return True

    def _gone(self, how: str) -> SandboxUnavailable:
        words = self._err.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        return SandboxUnavailable(f"a container {how}{f': {words}' if words else ''}.")


def _created(api: docker.APIClient, settings: Settings) -> str:
    """Create a container that can do nothing but run the relay, and return its id.

    Root in gVisor is root over a kernel of its own, and makes the namespaces of each run, which gVisor does
    not let others make; each run is a user of its own there.
    """
    gvisor = settings.gvisor
    limits = api.create_host_config(
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": "rw,nosuid,nodev,noexec,size=16m,mode=1777"},
        shm_size="1m",
        cap_drop=["ALL"],
        cap_add=_GVISOR_CAPABILITIES if gvisor else None,
        security_opt=["no-new-privileges:true", f"seccomp={profile()}"],
        mem_limit=settings.memory_mb << 20,
        memswap_limit=settings.memory_mb << 20,
        nano_cpus=int(settings.cpus * 1e9),
        pids_limit=settings.pids,
        log_config=docker.types.LogConfig(type="none"),
        runtime=settings.runtime or None,
        auto_remove=True,
    )
    created = api.create_container(
        tag(settings.image),
        ["/usr/bin/python3", "-sSPu", "-c", bundle.BOOT, "0"],
        user="0:0" if gvisor else _NOBODY,
        stdin_open=True,
        network_disabled=True,
        labels={LABEL: owner()},
        host_config=limits,
    )
    return str(created["Id"])


def _first_line(settings: Settings) -> bytes:
    own = {name: _source(name) for name in ("rlvr_sandbox_docker.relay", "pyseccomp")}
    return bundle.line(
        module="rlvr_sandbox_docker.relay",
        sources={"rlvr_sandbox_docker": ""} | dict(bundle.trusted_side()) | own,
        inside=dict(bundle.inside()),
        packages=dict(settings.packages),
        suites={"pytest": PACKAGES},
    )


def _source(name: str) -> str:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SandboxUnavailable(f"the module {name!r} is not installed: pip install {name}.")
    return Path(spec.origin).read_text(encoding="utf-8")


def _frame(order: Mapping[str, Any]) -> bytes:
    payload = json.dumps(order).encode()
    return HEADER.pack(len(payload)) + payload


def _orphaned(label: str) -> bool:
    """Say whether the process of this machine that a label names is gone."""
    try:
        host, number, started = label.rsplit(":", 2)
        if host != platform.node():
            return False
        return bool(abs(psutil.Process(int(number)).create_time() - float(started)) > _CLOCK_S)
    except psutil.NoSuchProcess:
        return True
    except (psutil.AccessDenied, ValueError):
        return False


@contextlib.contextmanager
def _engine(what: str) -> Iterator[None]:
    """Turn what the engine says into one line."""
    try:
        yield
    except (DockerException, OSError) as error:
        said = getattr(error, "explanation", None) or str(error)
        raise SandboxUnavailable(f"{what}: {' '.join(str(said).split())[:300]}.") from None
