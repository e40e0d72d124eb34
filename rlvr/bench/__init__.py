"""Verifiers against labelled completions: how often each is wrong, how slow its tail is, what fools it."""

from rlvr.bench.contender import Contender
from rlvr.bench.engine import Bench, Verdicts
from rlvr.bench.explaining import explanations
from rlvr.bench.nouns import Entrant, Settings
from rlvr.bench.result import result

__all__ = ["Bench", "Contender", "Entrant", "Settings", "Verdicts", "explanations", "result"]
