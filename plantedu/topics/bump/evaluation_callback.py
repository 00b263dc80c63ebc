"""Exams: what an evaluation of the weights would have found, for each kind of training.

    first, last     loss on frozen held-out plants, as the run measured loss at its start and end
    train_mode      the first one with batch norm on the batch's own statistics
    plants          the first one, plant by plant
    accuracy/...    on training rows and on held-out rows; of a fresh linear head under SwAV, as
                    `heads.py` trains it

An exam reads weights only.

Source: linear probes as in Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 03_bump.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.data.crops import CropBatch
from plantedu.models.classifier import PairClassifier
from plantedu.models.swav import SwAV
from plantedu.topics.bump.modular_network import ModularAdder, Sums
from plantedu.topics.bump.modular_training import Adders
from plantedu.topics.bump.training_logger import in_training_mode
from plantedu.training.classifier.linear_head import fit_softmax
from plantedu.training.linear_probe import Target, standardised
from plantedu.training.online_probes import evaluating, features_of
from plantedu.training.seeding import generator_for
from plantedu.zoo.evaluation_batch import Embedded, Pack, Ruler


@dataclass(frozen=True, eq=False)
class SwavExam:
    """A SwAV objective on frozen packs.

    Attributes:
        pack: Held-out plants, as they were fed at the start.
        first: The ruler of the run's start.
        last: The ruler of its end; the objective's own queue stands in it.
        images: One sensor's pictures of the probe's training plants, then of as many held-out ones.
        target: What the probe reads.
        last_pack: Held-out plants as they were fed at the end; None for the same.
    """

    pack: Pack
    first: Ruler
    last: Ruler
    images: Tensor
    target: Target
    last_pack: Pack | None = None

    def __call__(self, objective: nn.Module) -> dict[str, Any]:
        assert isinstance(objective, SwAV)
        seen = self.pack.seen_by(objective)
        plants = seen.score(self.first).loss
        features = features_of(objective.encoder, self.images)
        return {
            "first": plants.mean(),
            "last": self._last(objective),
            "train_mode": self._in_training(objective, seen).score(self.first).loss.mean(),
            "plants": plants,
            **probed(features, self.target),
        }

    def _last(self, objective: SwAV) -> float:
        """Loss as the run measured it at its end; nan while the queue is not full."""
        past = None
        if self.last.queue:
            if not objective.queue.full((1, 2)):
                return float("nan")
            past = {sensor: objective.queue.read(sensor) for sensor in (1, 2)}
        seen = (self.last_pack or self.pack).seen_by(objective, past=past)
        return float(seen.score(self.last).loss.mean())

    def _in_training(self, objective: SwAV, seen: Embedded) -> Embedded:
        """The pack embedded a batch at a time, each with its own statistics."""
        crops = self.pack.crops
        with in_training_mode(objective):
            parts = [
                objective.embed(CropBatch(part.contiguous(), crops.large_sensors))
                for part in crops.large.split(self.first.batch, 1)
            ]
        return replace(seen, z=torch.cat(parts, 1))


def probed(features: Tensor, target: Target) -> dict[str, float]:
    """Accuracy of a fresh linear head on its own plants and on the held-out ones.

    Args:
        features: Of the probe's training plants, then of the held-out ones, "plants dim".
        target: What is read, a category.
    """
    count = len(target.train)
    train, held_out = standardised(features[:count], features[count:])
    generator = generator_for(0, "probe")
    weights = fit_softmax(train, target.train, classes=target.classes, generator=generator)
    scores = {}
    for name, part, truth in (
        ("train", train, target.train),
        ("test", held_out, target.held_out),
    ):
        right = (part @ weights).argmax(1) == truth
        scores[f"accuracy/{name}"] = float(right.double().mean())
    return scores


@dataclass(frozen=True, eq=False)
class ClassifierExam:
    """A classifier on frozen rows.

    Attributes:
        views: Held-out pictures as they were fed at the start, "views rows 3 side side".
        labels: Their labels.
        train_views: Pictures of training rows, as they were fed at the start.
        train_labels: Their labels.
        batch: Rows that share batch-norm statistics in training mode.
        last_views: Held-out pictures as they were fed at the end; None for the same.
    """

    views: Tensor
    labels: Tensor
    train_views: Tensor
    train_labels: Tensor
    batch: int
    last_views: Tensor | None = None

    def __call__(self, objective: nn.Module) -> dict[str, Any]:
        assert isinstance(objective, PairClassifier)
        with evaluating(objective):
            logits, fed = objective(self.views), objective(self.train_views)
            last = logits if self.last_views is None else objective(self.last_views)
        with in_training_mode(objective):
            parts = [objective(part.contiguous()) for part in self.views.split(self.batch, 1)]
        plants = F.cross_entropy(logits, self.labels, reduction="none")
        return {
            "first": float(plants.mean()),
            "last": float(F.cross_entropy(last, self.labels)),
            "train_mode": float(F.cross_entropy(torch.cat(parts), self.labels)),
            "plants": plants.double().numpy(),
            "accuracy/train": _right(fed, self.train_labels),
            "accuracy/test": _right(logits, self.labels),
        }


def _right(logits: Tensor, labels: Tensor) -> float:
    return float((logits.argmax(1) == labels).double().mean())


@dataclass(frozen=True, eq=False)
class AdderExam:
    """One arm of the adders on its training and its test pairs.

    Attributes:
        arm: Which one.
        train: Its training pairs.
        test: Its test pairs.
        plants: How many test pairs are logged one by one.
    """

    arm: str
    train: Sums
    test: Sums
    plants: int

    def __call__(self, objective: nn.Module) -> Mapping[str, Any]:
        assert isinstance(objective, Adders)
        adder = objective.arms[self.arm]
        assert isinstance(adder, ModularAdder)
        with torch.no_grad():
            logits, fed = adder(self.test), adder(self.train)
        each = F.cross_entropy(logits, self.test.answers, reduction="none")
        mean = float(each.mean())
        return {
            **dict.fromkeys(("first", "last", "train_mode"), mean),
            "plants": np.asarray(each[: self.plants].double()),
            "accuracy/train": _right(fed, self.train.answers),
            "accuracy/test": _right(logits, self.test.answers),
        }
