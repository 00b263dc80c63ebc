"""What a dictionary is worth: rebuilt, sparse, alive, readable, and the same with another seed.

    FVU        = |x - x_hat|^2 / |x - mean x|^2            0 is whole; 1 is no better than the mean
    L0         = codes that are not 0, a row
    dead       = share of directions that never fire
    recovered  = (CE(mean) - CE(x_hat)) / (CE(mean) - CE(x)) of a reader downstream; 1: no loss
    AUROC      of the best unit for a question such as "has blast": the unit and its side
               are chosen on one half of the plants, and marked on the other (the best of many looks
               good on its own half without being good)
    agreement  = mean max cosine of the directions of two seeds

FVU and agreement are high for any dictionary where activations fill few dimensions: read them
beside PCA, a random dictionary, and directions of activations drawn at random.

Source: Gao et al. 2024, arXiv:2406.04093 [gao2024]; two seeds: Paulo & Belrose 2025,
arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.auroc import auroc
from plantedu.statistics.softmax_regression import fit_softmax

HELD = 5e-2  # weight decay of the reader downstream
LEAST = 0.05  # nats that h must be worth to it


def fvu(x: Tensor, rebuilt: Tensor) -> float:
    """Share of the variance that is not rebuilt."""
    whole = float((x - x.mean(0)).square().sum())
    require(whole > 0, "These activations do not vary; there is nothing to rebuild.")
    return float((x - rebuilt).square().sum()) / whole


def l0(codes: Tensor) -> float:
    """Codes that are not 0, a row."""
    return float((codes != 0).sum(1).double().mean())


def dead_share(codes: Tensor) -> float:
    """Share of directions that fire in no row."""
    return float((codes == 0).all(0).double().mean())


def best_unit(units: np.ndarray, wanted: np.ndarray, chosen: np.ndarray) -> tuple[int, float]:
    """The unit that is best on the plants `chosen`, and its AUROC on the others.

    A unit that is low for the wanted counts as well; the side is chosen with the unit.
    """
    first = auroc(units[chosen], wanted[chosen])
    unit = int(np.abs(first - 0.5).argmax())
    second = float(auroc(units[~chosen][:, [unit]], wanted[~chosen])[0])
    return unit, second if first[unit] >= 0.5 else 1 - second


def best_units(
    units: np.ndarray, questions: Mapping[str, tuple[np.ndarray, np.ndarray]], chosen: np.ndarray
) -> dict[str, tuple[int, float]]:
    """Best unit and AUROC for each question: rows that it is asked of, and the answer there."""
    found = {}
    for name, (rows, wanted) in questions.items():
        found[name] = best_unit(units[rows], wanted, chosen[rows])
    return found


def agreement(first: Tensor, second: Tensor) -> float:
    """Mean max cosine of two sets of directions, in both ways.

    Raises:
        PlantEduError: where one side is empty.
    """
    require(min(len(first), len(second)) > 0, "One of the dictionaries has no direction alive.")
    both = F.normalize(first.detach(), dim=1) @ F.normalize(second.detach(), dim=1).T
    return float((both.max(1).values.mean() + both.max(0).values.mean()) / 2)


def random_directions(scaled: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """From the mean to activations drawn at random: what data alone makes two seeds share."""
    rows = torch.randint(len(scaled), (count,), generator=generator)
    return F.normalize(scaled[rows], dim=1)


class Downstream:
    """A softmax reader of h, fitted once to activations as they are."""

    def __init__(self, h: Tensor, labels: Tensor) -> None:
        """Fit it.

        Args:
            h: "plants dim".
            labels: Codes from 0, "plants".
        """
        self.mean, classes = h.mean(0), int(labels.max()) + 1
        self.fitted = fit_softmax(
            h.double().numpy(), labels.numpy(), count=classes, penalty=2 * HELD
        )

    def cross_entropy(self, h: Tensor, labels: Tensor) -> float:
        """Mean log loss in nats."""
        return self.fitted.log_loss(h.detach().double().numpy(), labels.numpy())

    def recovered(self, h: Tensor, rebuilt: Tensor, labels: Tensor) -> float | None:
        """Share of what h is worth to the reader that the rebuilt h is worth; below 0: harm.

        None where h itself is worth nothing to the reader.
        """
        whole, now = (self.cross_entropy(x, labels) for x in (h, rebuilt))
        nothing = self.cross_entropy(self.mean.expand_as(h), labels)
        worth = nothing - whole
        return (nothing - now) / worth if worth > LEAST else None
