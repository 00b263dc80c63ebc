"""The line-up: the networks that are compared, by name, each as what is attacked.

    cross-0, cross-1, cross-2     SwAV on pairs, three seeds          + a linear head
    rgb_only-0                    SwAV on RGB alone                   + a linear head
    random-0                      the same encoder, never trained     + a linear head
    supervised_both-0             trained on labels, end to end

Heads are linear readers of 1,024 labelled plants that the encoders were trained on; the plants
that are attacked were seen by nobody.

Lesson: 08_attacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.evaluation_set import FIRST_HELD_OUT, held_out_rows, require_unseen
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError, require
from plantedu.models import pair_models
from plantedu.models.classifier import PairClassifier
from plantedu.models.pair_models import Embedder, LateFusion, Namer, Watched
from plantedu.models.swav import SwAV
from plantedu.training.classifier.linear_head import Features, fit_head, sensor_features
from plantedu.training.online_probes import shrunk
from plantedu.zoo.encoders import LoadedEncoder, load_encoder
from plantedu.zoo.recipes import ARMS, READS, recipe_of

CLASSES = factor("disease").levels


@dataclass(frozen=True, eq=False)
class Plot:
    """Plants to label and plants to attack, of one planted world.

    Attributes:
        bank_folder: Where rendered pairs are kept; None keeps them in memory.
        name, seed: The world.
        size: Side of the pictures, in pixels.
        labelled: Plants that heads are trained on.
        first: Index of the first plant that nobody has seen.
    """

    bank_folder: Path | None
    name: str = "field"
    seed: int = 0
    size: int = 64
    labelled: int = 1024
    first: int = FIRST_HELD_OUT
    most: int = 1024

    @cached_property
    def bank(self) -> Bank:
        """The rendered pairs."""
        planted, pairs = world(self.name, self.seed), self.first + self.most
        return Bank(planted, pairs=pairs, size=self.size, folder=self.bank_folder)

    def fresh(self, plants: int) -> np.ndarray:
        """Indices of plants to attack.

        Raises:
            PlantEduError: for none, or more than there are.
        """
        require(1 <= plants <= self.most, f"plants must be from 1 to {self.most:,}, got {plants}.")
        return held_out_rows(plants, self.first)

    def views(self, plants: np.ndarray) -> Tensor:
        """Pictures, uint8, "2 plants 3 size size"."""
        return torch.from_numpy(np.stack(self.bank.take(plants)))

    def labels(self, plants: np.ndarray) -> Tensor:
        """Disease of each plant, as a code."""
        return torch.from_numpy(self.bank.factors["disease"][plants].astype(np.int64))


@dataclass(eq=False)
class ModelZoo:
    """Networks by name, loaded once; heads are fitted when they are first asked for.

    Attributes:
        plot: Whose labelled plants train the heads.
        head_seed: Seed of the heads.
    """

    plot: Plot
    head_seed: int = 0
    _encoders: dict[str, LoadedEncoder] = field(default_factory=dict)
    _features: dict[str, Features] = field(default_factory=dict)
    _heads: dict[tuple[str, str], PairClassifier] = field(default_factory=dict)

    def namer(self, name: str, reads: str = "both") -> nn.Module:
        """What names the disease: from both sensors jointly, from one, or from two fused late.

        Raises:
            PlantEduError: for a network or a reading that there is not.
        """
        require(reads in READS, f"A classifier reads one of {', '.join(READS)}; got {reads!r}.")
        if name.startswith("supervised"):
            model, side = supervised(name)
            require(
                model.sensors == reads,
                f"{name} was trained on {model.sensors}; it cannot read {reads!r}.",
            )
            return Namer(model, side=side)
        side = self.side(name)
        if reads == "late":
            return LateFusion(self.head(name, "rgb"), self.head(name, "rgn"), side=side)
        return Namer(self.head(name, reads), side=side)

    def features(self, name: str) -> pair_models.Features:
        """[h1, h2] of a network, before its head."""
        if name.startswith("supervised"):
            model, side = supervised(name)
            return pair_models.Features(model, side=side)
        return pair_models.Features(self.head(name, "both"), side=self.side(name))

    def embedder(self, name: str) -> Embedder:
        """Where a SwAV encoder puts either picture."""
        return Embedder(self.objective(name), side=self.side(name))

    def watched(self, name: str) -> Watched:
        """A classifier of both sensors, and the cosine of the two embeddings."""
        return Watched(self.objective(name), self.head(name, "both").head, side=self.side(name))

    def side(self, name: str) -> int:
        """Side at which an encoder sees pictures."""
        return self.encoder(name).side

    def objective(self, name: str) -> SwAV:
        """Encoder and projector of a network; see `encoder`."""
        return self.encoder(name).objective

    def encoder(self, name: str) -> LoadedEncoder:
        """A network; `random-K` is the control of cross-K (`zoo/random_init.py`).

        Raises:
            PlantEduError: for a name that is not there, or one that was trained on the plot's
                fresh plants.
        """
        if name not in self._encoders:
            require(
                recipe_of(name) is not None and not name.startswith("supervised"),
                f"No encoder {name!r} is in the line-up; there are {', '.join(ARMS)}.",
            )
            one = load_encoder(words_of(name))
            require_unseen(one, world(self.plot.name, self.plot.seed), self.plot.fresh(1))
            self._encoders[name] = one
        return self._encoders[name]

    def head(self, name: str, sensors: str) -> PairClassifier:
        """A linear classifier on a frozen encoder."""
        if (name, sensors) not in self._heads:
            plants, encoder = np.arange(self.plot.labelled), self.objective(name).encoder
            if name not in self._features:
                views = [shrunk(x.numpy(), self.side(name)) for x in self.plot.views(plants)]
                self._features[name] = sensor_features(encoder, torch.stack(views))
            self._heads[name, sensors] = fit_head(
                encoder,
                self._features[name],
                self.plot.labels(plants),
                classes=len(CLASSES),
                sensors=sensors,
                seed=self.head_seed,
            )
        return self._heads[name, sensors]


def words_of(name: str) -> str:
    """How `load_encoder` knows a network of the line-up: random-0 is the control of cross-0."""
    return name.replace("random-", "random-cross-")


def supervised(name: str) -> tuple[PairClassifier, int]:
    """A classifier that ships, and the side at which it sees pictures.

    Raises:
        PlantEduError: for a network of another kind.
    """
    one = load_encoder(name)
    if one.classifier is None:
        raise PlantEduError(f"{name} is no classifier.")
    return one.classifier, one.side


def seeds_of(arm: str, names: Sequence[str] = tuple(ARMS)) -> tuple[str, ...]:
    """The networks of an arm."""
    return tuple(name for name in names if ARMS[name] == arm)
