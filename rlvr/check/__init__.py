"""The conformance kit: what every environment and verifier must keep to, by published names."""

from rlvr.check.catalogue import CHECKS, Check, Finding, Grade, chosen
from rlvr.check.inprocess import check_environment
from rlvr.check.kit import Settings
from rlvr.check.run import check

__all__ = ["CHECKS", "Check", "Finding", "Grade", "Settings", "check", "check_environment", "chosen"]
