"""Killable worker processes that judge completions under a deadline enforced from outside."""

from rlvr.workers.pool import Ticket, WorkerPool, usable_cores

__all__ = ["Ticket", "WorkerPool", "usable_cores"]
