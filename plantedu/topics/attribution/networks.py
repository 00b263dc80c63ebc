"""Networks by name, with fresh plants to explain and what do() would have shown instead.

    lesions-K, mark-K     labels that follow one of two cues (zoo/cue_networks.py), three seeds each
    supervised_both-0     the course's classifier of three diseases
    cross-0, ...          SwAV encoders; a class is read by a linear head on frozen h
    random-0              their random-init control (zoo/random_init.py)

Beside each stand up to five random-init controls of the same architecture, numbered from 1. Fresh
plants are diseased and marked, so that both cues are in every picture.

Lesson: 09_attribution.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plantedu.data.evaluation_set import held_out_rows
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import World, draw_factors, world
from plantedu.errors import require
from plantedu.models.classifier import PairClassifier
from plantedu.models.pair_models import Embedder, Namer
from plantedu.models.swav import SwAV
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.results.names import (
    CUE_NETWORKS,
    CUES,
    ENCODERS,
    NETWORKS,
    SUPERVISED,
    TARGETS,
)
from plantedu.topics.attribution.targets import ClassLead, PairSimilarity, PrototypeScore, Scored
from plantedu.topics.attribution.truth import batch_of, changed
from plantedu.training.classifier.linear_head import fit_head, sensor_features
from plantedu.training.online_probes import shrunk
from plantedu.zoo import cue_networks
from plantedu.zoo.encoders import load_encoder
from plantedu.zoo.model_zoo import ModelZoo, Plot, supervised
from plantedu.zoo.random_init import CONTROL_SEEDS, control_seed, random_classifier, random_init

DISEASES = factor("disease").levels
RANDOM = "random-0"
AWAY: Mapping[str, dict[str, float | str]] = {
    "lesions": {"disease": "healthy"},
    "mark": {"mark": "absent"},
}


@dataclass(frozen=True, eq=False)
class Plants:
    """Fresh plants of one of the two worlds, and the same plants after do().

    Attributes:
        twins: The two-cue world, where only the RGN picture can have a mark; else the field.
        disease: Which disease they have; "" is any.
        count: How many.
    """

    twins: bool
    disease: str
    count: int

    @cached_property
    def indices(self) -> np.ndarray:
        """The first fresh plants that are diseased and marked."""
        pool = held_out_rows(16 * self.count + 64)
        factors = draw_factors(self.world, pool)
        wanted = DISEASES.index(self.disease) if self.disease else None
        sick = factors["disease"] > 0 if wanted is None else factors["disease"] == wanted
        return pool[sick & (factors["mark"] == 1)][: self.count]

    @property
    def world(self) -> World:
        return cue_networks.cue_world() if self.twins else world("field")

    def after(self, do: Mapping[str, float | str]) -> Pairs:
        """The pairs after do()."""
        if self.twins:
            return cue_networks.cue_pairs(self.indices, **do)
        return render(self.world, self.indices, size=cue_networks.SIZE, do=do)

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs as they are."""
        return self.after({})

    @cached_property
    def batch(self) -> PairBatch:
        """The same as networks take them."""
        return batch_of(self.pairs)

    @cached_property
    def without(self) -> dict[str, PairBatch]:
        """The plants without each cue."""
        return {cue: batch_of(self.after(AWAY[cue])) for cue in CUES}

    @cached_property
    def leaf(self) -> np.ndarray:
        """Where leaves are, "2 plants height width"."""
        return np.stack([self.pairs.leaf1, self.pairs.leaf2])

    @cached_property
    def masks(self) -> dict[str, np.ndarray]:
        """Where each cue is: dead tissue, and the pixels that do(mark = absent) moves."""
        lesions = np.stack([self.pairs.lesions1, self.pairs.lesions2])
        return {"lesions": lesions, "mark": changed(self.batch, self.without["mark"])}

    @cached_property
    def views(self) -> np.ndarray:
        """Pictures in [0, 1], "2 plants 3 height width"."""
        return torch.stack(self.batch.both).double().numpy()


@dataclass(eq=False)
class Networks:
    """Networks, loaded once; heads are fitted when they are first asked for.

    Attributes:
        bank_folder: Where rendered pairs are kept, for the heads; None keeps them in memory.
    """

    bank_folder: Path | None = None
    labelled: int = 512
    _kept: dict[Any, Any] = field(default_factory=dict)

    def scored(self, name: str, target: str = "class", *, control: int = 0) -> Scored:
        """What is explained of a network.

        Args:
            name: One of NETWORKS.
            target: class, prototype or similarity.
            control: Its random-init control of that number, from 1; 0 is the network itself.

        Raises:
            PlantEduError: for a network that is not there, or has no such score.
        """
        require(name in NETWORKS, f"No network {name!r}; there are {', '.join(NETWORKS)}.")
        require(target in TARGETS, f"A target is one of {', '.join(TARGETS)}; got {target!r}.")
        encoder = name in ENCODERS
        require(
            target == "class" or encoder,
            f"{name} is a classifier: it has no prototypes and no embedding. Explain a class, or "
            f"choose one of {', '.join(ENCODERS)}.",
        )
        known = len(CONTROL_SEEDS)
        require(0 <= control <= known, f"Controls are numbered 1 to {known}; got {control}.")
        key = (name, target, control)
        if key not in self._kept:
            self._kept[key] = self._made(name, target, control).eval()
        return self._kept[key]

    def _made(self, name: str, target: str, control: int) -> Scored:
        seed = control_seed(control - 1) if control else 0
        if name in CUE_NETWORKS:
            cue, _, own = name.partition("-")
            model = (
                cue_networks.random_cue_network(seed)
                if control
                else cue_networks.shipped_cue_network(cue, int(own))
            )
            return ClassLead(Namer(model, side=cue_networks.SIDE), cue_networks.CLASSES[cue])
        if name in SUPERVISED:
            model, side = supervised(name)
            if control:
                how: dict[str, Any] = {"classes": 3, "sensors": model.sensors, "side": side}
                model = random_classifier(model.encoder.name, seed=seed, **how)
            return ClassLead(Namer(model, side=side), DISEASES)
        seed = control_seed(control) if name == RANDOM else seed  # a control has others beside it
        objective, side = self._objective(name, seed)
        if target == "class":
            model = self._head(objective, side, seed if control else 0)
            return ClassLead(Namer(model, side=side), DISEASES)
        embedder = Embedder(objective, side=side)
        return PrototypeScore(embedder) if target == "prototype" else PairSimilarity(embedder)

    def _objective(self, name: str, seed: int) -> tuple[SwAV, int]:
        """Encoder and projector, with random weights where a seed is given; the side they see."""
        one = load_encoder(name.replace("random", "cross"))
        made = random_init(one.pretraining, seed=seed) if seed else one.objective
        return made, one.side

    def _head(self, objective: SwAV, side: int, seed: int) -> PairClassifier:
        """A linear head on both pictures' h; on a control's weights, a random one."""
        if seed:
            model = PairClassifier(objective.encoder, classes=len(DISEASES), seed=seed)
            return model.eval()
        plants, views = np.arange(self.labelled), self._views(side)
        return fit_head(
            objective.encoder,
            sensor_features(objective.encoder, views),
            self._plot.labels(plants),
            classes=len(DISEASES),
            sensors="both",
            seed=0,
        )

    @cached_property
    def _plot(self) -> Plot:
        return ModelZoo(Plot(self.bank_folder)).plot

    def _views(self, side: int) -> Any:
        """Labelled plants of the field at a side."""
        key = ("views", side)
        if key not in self._kept:
            raw = self._plot.views(np.arange(self.labelled))
            self._kept[key] = torch.stack([shrunk(x.numpy(), side) for x in raw])
        return self._kept[key]


def twins(name: str) -> bool:
    """Whether a network belongs to the world of two cues."""
    return name in CUE_NETWORKS
