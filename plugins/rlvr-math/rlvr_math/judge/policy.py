"""What a verifier may let pass, beyond equality."""

from dataclasses import dataclass
from typing import Literal

from rlvr.errors import InputError

__all__ = ["Policy", "Rounding", "Unevaluated", "Units"]

Rounding = Literal["reference", "answer", "exact"]
Units = Literal["convert", "same", "require", "ignore"]
Unevaluated = Literal["accept", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a verifier may let pass.

    Attributes:
        rounding: `reference`: a decimal reference is rounded to; `answer`: a decimal answer may round, too;
            `exact`: neither.
        tolerance: Relative difference that is allowed between numbers, from 0 (none) to less than 1.
        units: `convert` between units of one quantity; `same`: they must be the same; `require`: as convert,
            and a missing one is refused; `ignore`: only the number counts.
        unevaluated: `refuse`: arithmetic left to do, as `17 * 23`, is no answer, unless the reference is
            left so, too: the question restated pays nothing.

    Raises:
        InputError: The tolerance is out of range.
    """

    rounding: Rounding = "reference"
    tolerance: float = 0.0
    units: Units = "convert"
    unevaluated: Unevaluated = "accept"

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < 1:
            raise InputError(
                f"tolerance = {self.tolerance} is no relative tolerance: expected 0 (exact) or less than 1."
            )
