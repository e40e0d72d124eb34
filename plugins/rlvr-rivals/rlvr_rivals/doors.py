"""Ways into one module of a framework without the rest: packages that are not run, imports that are empty."""

import importlib.util
import resource
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["limit_memory", "open_packages", "put_stubs"]


class _Stub(ModuleType):
    """A module of which every name is an empty class."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class _StubFinder(MetaPathFinder, Loader):
    """Finds a stub for the modules that were named, and for all that is in them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return where a stub comes from, or None for a module that is no stub."""
        parts = fullname.split(".")
        if not any(".".join(parts[:end]) in self._names for end in range(1, len(parts) + 1)):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stub."""
        return _Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing."""


def put_stubs(names: Sequence[str]) -> None:
    """Let the named modules, and all in them, be empty: they are imported, and then not used."""
    sys.meta_path.insert(0, _StubFinder(names))


def open_packages(names: Sequence[str]) -> None:
    """Make the modules of packages importable without running their `__init__`, which imports a framework.

    Args:
        names: The packages, each after the one that it is in.
    """
    for name in names:
        parent = name.rpartition(".")[0]
        spec = PathFinder.find_spec(name, list(sys.modules[parent].__path__) if parent else None)
        if spec is None:
            raise ModuleNotFoundError(f"no package named {name!r} in {sys.prefix}")
        sys.modules[name] = importlib.util.module_from_spec(spec)


def limit_memory(memory_mb: int) -> None:
    """Limit the address space of this process and of all that it starts; 0 sets no limit."""
    if memory_mb and sys.platform == "linux":
        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
