"""A forecast of labelled plants and everything that one says of it, each number beside its null.

    accuracy = mean [argmax p = y]      log loss = mean -log p_y

Null of both is the class prior of the training plants: always its likeliest class, or always its
shares. The uniform forecast has the log loss log K. Rows that show one plant count as one plant.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import Kind, plants_interval
from plantedu.statistics.temperature import expected_calibration_error, log_loss

PRIOR = "class prior of the training plants"


@dataclass(frozen=True)
class Forecast:
    """What a classifier says of some rows.

    Attributes:
        logs: log p of every row, rows of exp(logs) sum to 1.
        labels: True class of every row.
        plants: Plant of every row; the intervals are over these.
        prior: Share of each class among the training rows.
    """

    logs: Float[Tensor, "row classes"]
    labels: Int[Tensor, " row"]
    plants: np.ndarray
    prior: np.ndarray

    def __post_init__(self) -> None:
        require(
            bool(self.logs.isfinite().all()) and len(self.logs) > 0,
            "A forecast holds log-probabilities of one plant or more that are not finite: the "
            "network's weights are broken. Use an earlier checkpoint or a lower learning rate.",
        )

    @property
    def classes(self) -> int:
        return self.logs.shape[1]

    @property
    def right(self) -> np.ndarray:
        """Share of each plant's rows that are right, in the order of `np.unique(plants)`."""
        return self._by_plant((self.logs.argmax(1) == self.labels).double())

    def tempered(self, temperature: float) -> "Forecast":
        """The same forecast with softmax(logs / T)."""
        logs = (self.logs.double() / temperature).log_softmax(1)
        return Forecast(logs, self.labels, self.plants, self.prior)

    def softened(self, least: float) -> "Forecast":
        """The same forecast that gives every class at least this share: log loss forgives no 0."""
        shares = self.logs.exp().double() * (1 - least * self.classes) + least
        return Forecast(shares.log(), self.labels, self.plants, self.prior)

    @property
    def losses(self) -> np.ndarray:
        """-log p at the label of each plant, in the order of `np.unique(plants)`."""
        losses = F.nll_loss(self.logs.double(), self.labels, reduction="none")
        return self._by_plant(losses)

    def accuracy(self, question: str, *, seed: int) -> Evidence:
        """Share of right rows, beside always saying the class that training had most of."""
        guess = float((self.labels == int(self.prior.argmax())).double().mean())
        return self._evidence(question, self.right, guess, "share")

    def log_loss(self, question: str, *, seed: int) -> Evidence:
        """Log loss in nats, beside that of always saying the prior."""
        prior = torch.from_numpy(np.log(np.clip(self.prior, 1e-12, None)))
        null = float(-prior[self.labels].mean())
        return self._evidence(question, self.losses, null, "mean")

    def scores(self, *, temperature: float, seed: int) -> dict[str, Any]:
        """All else: calibration before and after the temperature, confusion, recall."""
        warm = self.tempered(temperature)
        table = self.confusion()
        with np.errstate(invalid="ignore"):
            recall = table.diagonal() / table.sum(1)
        return {
            "ece": expected_calibration_error(self.logs.exp(), self.labels),
            "ece_tempered": expected_calibration_error(warm.logs.exp(), self.labels),
            "log_loss_tempered": log_loss(warm.logs, self.labels),
            "log_loss_uniform": float(np.log(self.classes)),
            "temperature": temperature,
            "confusion": table.tolist(),
            "recall": [None if np.isnan(share) else float(share) for share in recall],
        }

    def confusion(self) -> np.ndarray:
        """Rows that are of class i and called j, "classes classes"."""
        place = self.labels * self.classes + self.logs.argmax(1)
        return torch.bincount(place, minlength=self.classes**2).view(self.classes, -1).numpy()

    def _by_plant(self, values: Tensor) -> np.ndarray:
        """Mean over the rows of each plant."""
        _, place, counts = np.unique(self.plants, return_inverse=True, return_counts=True)
        return np.bincount(place, weights=values.numpy()) / counts

    def _evidence(self, question: str, per_plant: np.ndarray, null: float, kind: Kind) -> Evidence:
        enough = len(per_plant) >= 2
        return Evidence(
            question=question,
            value=float(per_plant.mean()),
            null=null,
            control=PRIOR,
            n=len(per_plant),
            interval=plants_interval(per_plant, kind=kind) if enough else None,
        )
