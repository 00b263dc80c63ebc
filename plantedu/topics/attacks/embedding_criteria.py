"""What an attacker wants of an encoder, without a label: move the embedding, or break a pair up.

    away         1 - cos(z_s, z_s clean)                    another place
    assignment   KL(p clean || p),  p = softmax(z C^T / tau)    another prototype
    breakaway    max_{j != i} z_s . z'_j - z_s . z'_i       another plant's partner is nearer
    parting      cos(z_1, z_2) below a threshold, or above it for two plants that do not match

The model answers "batch 2 dim": unit embeddings of both sensors. References are taken from clean
pictures and never change. None of these asks whether a person would see a difference.

Source: prototypes: Caron et al. 2020, arXiv:2006.09882 [caron2020]; moving an embedding: Sabour et
al. 2016, arXiv:1511.05122 [sabour2016]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.topics.attacks.criteria import Goal


@dataclass(frozen=True, eq=False)
class Away(Goal):
    """Move the embedding of the attacked sensors away from where it was.

    Attributes:
        clean: Embeddings of the clean pairs, "batch 2 dim".
        sensors: Which embeddings count.
        below: Reached where one of their cosines falls below this.
    """

    clean: Tensor
    sensors: tuple[str, ...] = SENSORS
    below: float = 0.5

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        return (1 - self._cosines(answer, rows)).sum(1)

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return (self._cosines(answer, rows) < self.below).any(1)

    def _cosines(self, answer: Tensor, rows: Tensor) -> Tensor:
        places = [SENSORS.index(sensor) for sensor in self.sensors]
        return (answer * self.clean[rows]).sum(2)[:, places]


@dataclass(frozen=True, eq=False)
class Assignment(Goal):
    """Have a picture assigned to another prototype.

    Attributes:
        clean: Embeddings of the clean pairs, "batch 2 dim".
        prototypes: C, unit rows, "prototypes dim".
        sensor: Whose picture.
        temperature: tau.
    """

    clean: Tensor
    prototypes: Tensor
    sensor: str = "rgb"
    temperature: float = 0.1

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        was, now = self._logs(self.clean[rows]), self._logs(answer)
        return (was.exp() * (was - now)).sum(1)

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self._logs(answer).argmax(1) != self._logs(self.clean[rows]).argmax(1)

    def _logs(self, z: Tensor) -> Tensor:
        scores = z[:, SENSORS.index(self.sensor)] @ self.prototypes.T
        return (scores / self.temperature).log_softmax(1)


@dataclass(frozen=True, eq=False)
class Breakaway(Goal):
    """Have a picture find another plant's partner before its own.

    Attributes:
        clean: Embeddings of the clean pairs, "batch 2 dim"; the other sensor's are the partners.
        sensor: Whose picture is attacked.
        places: Where each row of the batch stands in `clean`; None is in the same order.
    """

    clean: Tensor
    sensor: str = "rgb"
    places: Tensor | None = None

    def __post_init__(self) -> None:
        n = len(self.clean)
        require(n >= 2, f"A picture can only break away to another plant; the batch has {n}.")

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        own = SENSORS.index(self.sensor)
        near = answer[:, own] @ self.clean[:, 1 - own].T
        mine = (rows if self.places is None else self.places[rows])[:, None]
        right = near.gather(1, mine)[:, 0]
        others = near.scatter(1, mine, -torch.inf)
        return others.amax(1) - right

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self.loss(answer, rows) > 0


@dataclass(frozen=True, eq=False)
class Parting(Goal):
    """Deceive "do these two pictures show one plant?".

    Attributes:
        matching: Whether the two pictures of a row do, "batch"; such a pair is to look like two
            plants, any other like one.
        threshold: A pair whose cosine is this or more is taken for one plant.
    """

    matching: Tensor
    threshold: float

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        cosine = (answer[:, 0] * answer[:, 1]).sum(1)
        return torch.where(self.matching[rows], self.threshold - cosine, cosine - self.threshold)

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self.loss(answer, rows) > 0


@dataclass(frozen=True, eq=False)
class Unseen(Goal):
    """A wrong name that the detector lets pass: the adaptive attack.

    The model answers logits and, in the last column, the cosine of z_1 and z_2. Both conditions
    count alike, and the attack works on the one that is further from holding:

        min(margin / scale,  cosine - threshold)

    Attributes:
        wrong: The goal among the logits, such as Margin.
        threshold: Pairs whose cosine is this or more pass the detector.
        scale: Margin that counts as much as a cosine of 1.
    """

    wrong: Goal
    threshold: float
    scale: float = 10.0

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        named = self.wrong.loss(answer[:, :-1], rows) / self.scale
        return torch.minimum(named, answer[:, -1] - self.threshold)

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        passes = answer[:, -1] >= self.threshold
        return self.wrong.reached(answer[:, :-1], rows) & passes


@dataclass(frozen=True, eq=False)
class Blind(Goal):
    """A wrong name, from a model that also answers the cosine: the detector is not thought of."""

    wrong: Goal

    def loss(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self.wrong.loss(answer[:, :-1], rows)

    def reached(self, answer: Tensor, rows: Tensor) -> Tensor:
        return self.wrong.reached(answer[:, :-1], rows)
