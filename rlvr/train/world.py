"""The processes that train together; alone, nothing here does anything."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

__all__ = ["World", "join_world"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Data parallelism with whole models: every process holds the same weights and a share of the rows.

    Attributes:
        rank: This process, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Say whether this process is the one that writes and speaks."""
        return self.rank == 0

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """Return this process's part of a list that is the same in all; no two parts differ by over one."""
        return items[self.rank :: self.size]

    def gathered(self, items: list[T]) -> list[list[T]]:
        """Return the lists of all processes, in the order of their ranks."""
        if self.size == 1:
            return [items]
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, items)
        return found

    def told(self, value: T) -> T:
        """Return what the first process says."""
        if self.size == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box)
        return box[0]

    def add(self, tensor: Tensor) -> Tensor:
        """Return the sum of a tensor over the processes."""
        if self.size > 1:
            distributed.all_reduce(tensor)
        return tensor

    def add_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all gradients; a process may have none."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            distributed.all_reduce(parameter.grad)

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            distributed.barrier()

    def leave(self) -> None:
        """End the connections."""
        if self.size > 1:
            distributed.destroy_process_group()


def join_world() -> World:
    """Join the processes that `torchrun` or `accelerate launch` started, if it was one of them."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return World()
    gpu = torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if gpu else "gloo")
    return World(rank=distributed.get_rank(), size=size)
