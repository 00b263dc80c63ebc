"""A frozen evaluation pack, and the rulers that score a checkpoint on it.

A SwAV loss is measured with a ruler: how many columns N share out the prototypes (batch and
queue), and how soft the codes are (epsilon). Change the ruler and the loss moves with the weights
unchanged; its floor is

    L >= H(q) >= ln(K / N),      N = batch + queue

because a code cannot give a prototype more than its even share N/K of the columns. So weights are
compared under one ruler, on the same plants and crops, and a ruler is judged on the same weights.

The queue of a pack is made of pictures, not of embeddings: each checkpoint embeds them anew. A
queue that a training kept is older than its weights; `past` says to use that one.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from plantedu.data.crops import CropBatch
from plantedu.errors import require
from plantedu.models.sinkhorn import sinkhorn
from plantedu.models.swav import SwAV
from plantedu.models.swav_loss import cross_entropies, entropy, term_weights
from plantedu.shapes import Embeddings
from plantedu.training.online_probes import evaluating
from plantedu.training.pair_source import PairSource
from plantedu.training.pretrain import crops_of
from plantedu.training.recipe import Recipe

PASS = 128  # plants per forward pass


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """An objective to score with.

    Attributes:
        queue: Past embeddings per sensor that take part in Sinkhorn; 0 is no queue.
        batch: Plants that share out the prototypes together.
        epsilon: Softness of the codes; None for the objective's own.
    """

    queue: int = 0
    batch: int = 16
    epsilon: float | None = None

    @property
    def name(self) -> str:
        """How charts call it: "no queue", "queue of 1024", with what else differs."""
        queue = f"queue of {self.queue}" if self.queue else "no queue"
        soft = "" if self.epsilon is None else f", ε {self.epsilon:g}"
        return f"{queue}, batch {self.batch}{soft}"

    def floor(self, prototypes: int) -> float:
        """The loss that no weights can go below, ln(K/N) or 0, in nats."""
        return max(0.0, math.log(prototypes / (self.batch + self.queue)))


@dataclass(frozen=True, eq=False)
class Score:
    """A checkpoint under one ruler, plant by plant, in nats.

    Attributes:
        loss: Cross-entropy of each plant, "plants".
        entropy: H(q) of each plant's codes, "plants".
    """

    loss: np.ndarray
    entropy: np.ndarray

    @property
    def divergence(self) -> np.ndarray:
        """KL(q||p) of each plant, "plants"."""
        return self.loss - self.entropy


@dataclass(frozen=True, eq=False)
class Embedded:
    """A pack as one checkpoint sees it: every ruler can score it without another forward pass.

    Attributes:
        z: Unit embeddings of the crops, "views plants dim".
        past: Unit embeddings for the queue, "rows dim" by sensor, the newest last.
        prototypes: Unit rows, "prototypes dim".
        coded: Sensor of each large crop.
        seen: Sensor of each view.
        temperature: tau.
        epsilon: The objective's own softness.
        within_sensor: Whether views predict codes of their own sensor alone.
    """

    z: Float[Tensor, "views plants dim"]
    past: Mapping[int, Embeddings]
    prototypes: Tensor
    coded: tuple[int, ...]
    seen: tuple[int, ...]
    temperature: float
    epsilon: float
    within_sensor: bool
    iterations: int

    def score(self, ruler: Ruler) -> Score:
        """Score under a ruler; plants beyond whole batches are left out.

        Raises:
            PlantEduError: if the pack has too few plants for the batch or the queue.
        """
        whole = self.z.shape[1] // ruler.batch * ruler.batch
        require(whole > 0, f"The pack has {self.z.shape[1]} plants, fewer than {ruler.batch}.")
        kept = min(len(rows) for rows in self.past.values()) if self.past else 0
        require(kept >= ruler.queue, f"The pack can fill a queue of {kept}, not of {ruler.queue}.")
        parts = [self._batch(z, ruler) for z in self.z[:, :whole].split(ruler.batch, 1)]
        loss, spread = (torch.cat(part).double().numpy() for part in zip(*parts, strict=True))
        return Score(loss, spread)

    def _batch(self, z: Tensor, ruler: Ruler) -> tuple[Tensor, Tensor]:
        """Loss and code entropy of each plant of one batch."""
        scores = z @ self.prototypes.T
        codes = torch.stack([self._codes(scores[i], s, ruler) for i, s in enumerate(self.coded)])
        terms = cross_entropies(scores, codes, temperature=self.temperature)
        weights = term_weights(self.coded, self.seen, within_sensor=self.within_sensor)["total"]
        loss = (terms * weights.to(terms)[..., None]).sum((0, 1))
        each = torch.stack([entropy(codes[:, k : k + 1]) for k in range(codes.shape[1])])
        return loss, each

    def _codes(self, scores: Tensor, sensor: int, ruler: Ruler) -> Tensor:
        columns = scores
        if ruler.queue:
            old = self.past[sensor][-ruler.queue :] @ self.prototypes.T
            columns = torch.cat([scores, old])
        soft = self.epsilon if ruler.epsilon is None else ruler.epsilon
        return sinkhorn(columns, epsilon=soft, iterations=self.iterations)[: len(scores)]


@dataclass(frozen=True, eq=False)
class Pack:
    """Fixed crops of held-out plants, and fixed crops of other plants for the queue."""

    crops: CropBatch
    queued: CropBatch | None = None

    @property
    def plants(self) -> int:
        """How many plants are scored."""
        return self.crops.large.shape[1]

    def seen_by(self, objective: SwAV, *, past: Mapping[int, Embeddings] | None = None) -> Embedded:
        """Embed the pack with an objective, in evaluation mode; changes nothing.

        Args:
            objective: Whose weights are scored.
            past: Embeddings for the queue by sensor, where not the pack's own pictures are meant.
        """
        with evaluating(objective):
            z = _embedded(objective, self.crops)
            if past is None and self.queued is not None:
                rows = _embedded(objective, self.queued)
                sensors = self.queued.large_sensors
                past = {sensor: rows[sensors.index(sensor)] for sensor in set(sensors)}
            prototypes = F.normalize(objective.prototypes, dim=1).cpu()
        return Embedded(
            z,
            past or {},
            prototypes,
            coded=self.crops.large_sensors,
            seen=self.crops.large_sensors + self.crops.small_sensors,
            temperature=objective.temperature,
            epsilon=objective.epsilon,
            within_sensor=objective.pairing == "within_both",
            iterations=objective.sinkhorn_iterations,
        )


def make_pack(
    recipe: Recipe, source: PairSource, *, plants: int = 256, queue: int = 0, seed: int = 0
) -> Pack:
    """Crops of held-out plants, drawn once; the queue's plants are those of the training.

    Args:
        recipe: Whose crops; its own seed does not matter here.
        source: Where the plants are.
        plants: Held-out plants that are scored.
        queue: Training plants whose embeddings can stand in a queue.
        seed: Draws the crops.

    Raises:
        PlantEduError: if the source has too few plants.
    """
    held, train = source.held_out, source.train
    require(len(held) >= plants, f"A pack of {plants} plants needs as many held out: {len(held)}.")
    require(len(train) >= queue, f"A queue of {queue} needs as many plants: {len(train)}.")
    fixed = replace(recipe, seed=seed)
    crops = _crops(fixed, source, held[:plants], 0)
    large_only = replace(fixed, small_crops=0)
    return Pack(crops, _crops(large_only, source, train[:queue], 1) if queue else None)


def _crops(recipe: Recipe, source: PairSource, plants: np.ndarray, step: int) -> CropBatch:
    x1, x2 = (torch.from_numpy(images) for images in source.take(plants))
    return crops_of(recipe, x1, x2, step)


def _embedded(objective: SwAV, crops: CropBatch) -> Tensor:
    """Unit embeddings of all crops on the CPU, "views plants dim", a few plants at a time."""
    device = objective.prototypes.device
    large = crops.large.split(PASS, 1)
    small = [None] * len(large) if crops.small is None else crops.small.split(PASS, 1)
    parts = []
    for big, few in zip(large, small, strict=True):
        few = None if few is None else few.to(device)
        part = CropBatch(big.to(device), crops.large_sensors, few, crops.small_sensors)
        parts.append(objective.embed(part).cpu())
    return torch.cat(parts, 1)
