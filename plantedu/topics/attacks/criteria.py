"""What an attacker wants of a classifier: a loss to raise, and when it is reached.

    cross entropy   -log p_y                        flat where p_y is 1 in float32: a masked slope
    margin          max_{j != y} s_j - s_y          > 0 is a wrong answer; never flat
    dlr             (max_{j != y} s_j - s_y) / (s_(1) - s_(3))      no matter how logits are scaled

With a target t the plant is to be called t: log p_t, or s_t - max_{j != t} s_j. DLR is the
untargeted one: the targeted form needs four classes, and there are three diseases here.

Source: margin: Carlini & Wagner 2017, arXiv:1608.04644 [carlini2017]; DLR: Croce & Hein 2020,
arXiv:2003.01690 [croce2020]. Lesson: 08_attacks.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require


class Goal(ABC):
    """A loss to raise for each plant; `rows` says which plants the answers are of."""

    @abstractmethod
    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        """What is raised, "rows"."""

    @abstractmethod
    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        """Whether the attacker has what it wants, "rows"."""


@dataclass(frozen=True, eq=False)
class Naming(Goal):
    """Make a classifier name a plant wrongly, or by one wrong name.

    Attributes:
        labels: True classes, "batch".
        targets: The class that each plant is to be called; None is any wrong one.
    """

    labels: Tensor
    targets: Tensor | None = None

    def __post_init__(self) -> None:
        if self.targets is not None:
            same = (self.targets == self.labels).nonzero().flatten().tolist()
            require(
                not same,
                f"A target class equals the label (plants {same[:5]}): nothing to do there. "
                "Choose another target, or none for any wrong class.",
            )

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        said = answer.argmax(1)
        wrong = said != self.labels[rows]
        return wrong if self.targets is None else said == self.targets[rows]

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        raise NotImplementedError


class CrossEntropy(Naming):
    """-log p_y, or log p_t."""

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        if self.targets is None:
            return F.cross_entropy(answer, self.labels[rows], reduction="none")
        return -F.cross_entropy(answer, self.targets[rows], reduction="none")


class Margin(Naming):
    """max_{j != y} s_j - s_y, or s_t - max_{j != t} s_j."""

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        if self.targets is None:
            return lead(answer, self.labels[rows])
        return -lead(answer, self.targets[rows])


class DLR(Naming):
    """The margin over the distance from the first to the third score; three classes or more.

    Raises:
        PlantEduError: with targets, which need four classes.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.targets is None, "Targeted DLR needs four classes, and here are three: use Margin."
        )

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        require(answer.shape[1] >= 3, f"DLR needs three classes, got {answer.shape[1]}.")
        top = answer.topk(3, dim=1).values
        return lead(answer, self.labels[rows]) / (top[:, 0] - top[:, 2]).clamp_min(1e-12)


def lead(scores: Tensor, classes: Tensor) -> Tensor:
    """By how much the best other class leads, "batch"; above 0 the answer is another class."""
    own = scores.gather(1, classes[:, None])
    others = scores.masked_fill(F.one_hot(classes, scores.shape[1]).bool(), -torch.inf)
    return others.amax(1) - own[:, 0]


GOALS: dict[str, type[Naming]] = {"margin": Margin, "ce": CrossEntropy, "dlr": DLR}
