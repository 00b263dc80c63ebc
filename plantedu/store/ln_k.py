"""A loss that stands at ln K: not started yet, or collapsed; H(q) tells which.

    loss = H(q) + KL(q || p)        both ln K where p is even: nothing is told from anything

    stands       mean of the last losses within NEAR of ln K, and their two halves as close
    collapsed    and H(q) within EVEN of ln K: the codes are even too, so there is nothing to learn
    not started  H(q) is lower: the codes differ from plant to plant, only p does not follow yet

Measured on the shipped recordings, K = 64, at step 100: three runs that left the plateau 50 steps
later have losses of 4.15 to 4.17 and H(q) of 3.5 to 3.6, the collapsed one 4.16 and 4.154.

Source: the plateau and its cure, Caron et al. 2020, arXiv:2006.09882, and their README
[caron2020]. Lesson: 02_training.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plantedu.store.series import Series

LEAST = 20  # steps that are looked at, or the last fifth of the run if that is more
NEAR = 0.05  # nats
EVEN = 0.02  # nats


@dataclass(frozen=True)
class Standstill:
    """A run that stands at ln K.

    Attributes:
        prototypes: K.
        loss: Mean of the last losses, nats.
        entropy: Mean of H(q) there; NaN where it was not recorded.
        steps: How many losses these are.
    """

    prototypes: int
    loss: float
    entropy: float
    steps: int

    @property
    def level(self) -> float:
        """ln K."""
        return math.log(self.prototypes)

    @property
    def collapsed(self) -> bool:
        """Whether the codes are even, too."""
        return abs(self.entropy - self.level) <= EVEN

    @property
    def text(self) -> str:
        """Where it stands, which of the two it is, and what follows."""
        said = (
            f"Still at ln K: the mean of the last {self.steps} losses is {self.loss:z.2f}, and "
            f"ln {self.prototypes} = {self.level:z.2f}."
        )
        if math.isnan(self.entropy):
            return f"{said} So far it tells no plant from another."
        if self.collapsed:
            return (
                f"{said} The codes are even too (H(q) {self.entropy:z.2f}): **collapsed**. More "
                "steps will not help; a smaller epsilon may."
            )
        return (
            f"{said} The codes are not even (H(q) {self.entropy:z.2f}): **not started yet**. It "
            "may leave; give it more steps before you read its probes."
        )


def standstill(series: Mapping[str, Series], prototypes: int) -> Standstill | None:
    """Where a run stands, or None if that is not ln K.

    Args:
        series: Its metrics; "loss" and, if recorded, "entropy", which is H(q).
        prototypes: K.
    """
    loss = series["loss"].values if "loss" in series else np.empty(0)
    count = max(LEAST, len(loss) // 5)
    if prototypes < 2 or len(loss) < count:
        return None
    tail = loss[-count:]
    first, second = tail[: count // 2].mean(), tail[count // 2 :].mean()
    near = abs(tail.mean() - math.log(prototypes)) <= NEAR
    if not (near and abs(first - second) <= NEAR):
        return None
    codes = series["entropy"].values[-count:] if "entropy" in series else np.array([math.nan])
    return Standstill(prototypes, float(tail.mean()), float(codes.mean()), count)
