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

from plantedu.data.evaluation_set import FIRST_HELD_OUT, Known, held_out_rows, require_unseen
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.models import pair_models
from plantedu.models.classifier import PairClassifier
from plantedu.models.pair_models import Embedder, LateFusion, Namer, Watched
from plantedu.models.swav import SwAV
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.linear_head import Features, fit_head, sensor_features
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import make_classifier
from plantedu.training.online_probes import shrunk
from plantedu.training.pretrain import objective_from
from plantedu.training.recipe import Recipe
from plantedu.zoo.checkpoint_pairs import shipped_file
from plantedu.zoo.random_init import control_seed, random_init
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
class Lineup:
    """Networks by name, loaded once; heads are fitted when they are first asked for.

    Attributes:
        plot: Whose labelled plants train the heads.
        head_seed: Seed of the heads.
    """

    plot: Plot
    head_seed: int = 0
    _objectives: dict[str, SwAV] = field(default_factory=dict)
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
        return self._recipe(name).crop_size

    def objective(self, name: str) -> SwAV:
        """Encoder and projector; `random-K` is the K-th control (`zoo/random_init.py`).

        Raises:
            PlantEduError: for a name that is not there, or one that was trained on the plot's
                fresh plants.
        """
        if name not in self._objectives:
            require(
                recipe_of(name) is not None and not name.startswith("supervised"),
                f"No encoder {name!r} is in the line-up; there are {', '.join(ARMS)}.",
            )
            recipe = self._recipe(name)
            require_unseen(
                Known(name, recipe.data, recipe.world_seed, recipe.pairs),
                world(self.plot.name, self.plot.seed),
                self.plot.fresh(1),
            )
            made = (
                random_init(recipe, seed=control_seed(recipe.seed))
                if name.startswith("random")
                else objective_from(load_checkpoint(shipped_file(name)))
            )
            self._objectives[name] = made.eval()
        return self._objectives[name]

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

    def _recipe(self, name: str) -> Recipe:
        known = name.replace("random", "cross")
        return Recipe.from_json(load_checkpoint(shipped_file(known))[1]["recipe"])


def supervised(name: str) -> tuple[PairClassifier, int]:
    """A classifier that ships, and the side at which it sees pictures."""
    tensors, meta = load_checkpoint(shipped_file(name))
    recipe = FineTune.from_json(meta["finetune"])
    model = make_classifier(recipe, classes=len(meta["classes"]))
    weights = {k.removeprefix("objective/"): v.float() for k, v in tensors.items()}
    weights["step"] = weights["step"].long()
    model.load_state_dict(weights)
    return model.eval(), recipe.crop_size


def seeds_of(arm: str, names: Sequence[str] = tuple(ARMS)) -> tuple[str, ...]:
    """The networks of an arm."""
    return tuple(name for name in names if ARMS[name] == arm)
