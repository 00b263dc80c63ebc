"""The rice challenge: k folds by plant, RGB against RGN against both, and a forecast for Test.

    out of fold:  every training plant is forecast by the one network that has not seen it
    test:         p = mean over folds and over turns of the picture

Numbers are out of fold, with intervals over plants, beside the class prior and the uniform
forecast. The arm with the lowest log loss is submitted, so its own number is a little too good;
the differences between arms are paired, plant by plant.

The shipped encoders were pretrained, without labels, on the plants of the planted field of seed 0.
To try this on plants that they have never seen, render a folder with another seed.

Source: the challenge is described in [ali2023]; its published classifier split by row [muhia2022].
Lesson: 04_family.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from plantedu.data.challenge.folder import FolderPairs, Progress, read_folder
from plantedu.data.challenge.layout import read_layout
from plantedu.data.challenge.pairing import LeftOut, refuse_many
from plantedu.data.challenge.submission import SubmissionRows, read_asked
from plantedu.data.splits import folds_by_plant
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.training.classifier.evaluation import Forecast
from plantedu.training.classifier.finetune import class_prior, trained
from plantedu.training.classifier.labelled_split import Labelled, rows_of
from plantedu.training.classifier.recipe import FineTune, Mode
from plantedu.training.classifier.setup import predicted
from plantedu.training.fit import Observer
from plantedu.training.pair_source import FolderSource
from plantedu.training.seeding import numpy_generator_for

ARMS = ("rgb", "rgn", "both")
LEAST = 1e-4  # share that a submission gives to every class at least: log loss forgives no 0


@dataclass(frozen=True)
class Challenge:
    """Knobs of one entry.

    Attributes:
        folds: Rounds; every plant is held out once.
        submit: Which arm is submitted; best is the one with the lowest log loss out of fold.
        start: Weights at the start, as in `plantedu finetune`.
        encoder: Name in plantedu.models.encoders, or any timm name.
        mode: What is trained, and at which rates.
        image_size: Side in pixels at which pictures are read.
        crop_size: Side at which the encoder sees them.
        steps: Optimiser steps of each training; there are 3 x folds.
        batch: Plants per step.
        learning_rate: Peak of the one-cycle schedule.
        label_smoothing: Share of each target that is spread over all classes.
        tta: Turns and flips that are averaged.
        seed: Folds, starts, order, crops.
    """

    folds: int = 5
    submit: Literal["best", "rgb", "rgn", "both"] = "best"
    start: str = "shipped:cross-0"
    encoder: str = "res2next_tiny"
    mode: Mode = "discriminative"
    image_size: int = 64
    crop_size: int = 64
    steps: int = 400
    batch: int = 32
    learning_rate: float = 3e-3
    label_smoothing: float = 0.0
    tta: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        require(2 <= self.folds <= 50, f"folds must be from 2 to 50, got {self.folds!r}.")
        self.recipe("both")

    def recipe(self, sensors: str) -> FineTune:
        """The recipe of one arm."""
        same = (
            *("start", "encoder", "mode", "image_size", "crop_size", "steps", "batch"),
            *("learning_rate", "label_smoothing", "tta", "seed"),
        )
        knobs: dict[str, Any] = {name: getattr(self, name) for name in same}
        return FineTune(**knobs, sensors=sensors)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Folder:
    """A challenge folder in memory: the plants of Train, then those of Test.

    Attributes:
        data: All plants; the class of a Test plant is not known and says nothing.
        train: How many of them are of Train.
        ids: Name of each plant.
        asked: What is to be submitted.
        left_out: Plants that have rows but could not be read.
        twice: Plants that stand in both tables.
    """

    data: Labelled
    train: int
    ids: tuple[str, ...]
    asked: SubmissionRows
    left_out: tuple[LeftOut, ...]
    twice: tuple[str, ...]


def open_challenge(path: Path, size: int, *, progress: Progress = iter) -> Folder:
    """Read a challenge folder.

    Raises:
        PlantEduError: for a folder or table that cannot be read, or tables that do not fit.
    """
    layout = read_layout(path)
    asked = read_asked(layout)
    train, test = (read_folder(path, size, side=side, progress=progress) for side in _SIDES)
    refuse_many(f"{path}, Train.csv", len(train), train.left_out)
    names, codes = np.unique(np.asarray(train.labels), return_inverse=True)
    require(
        set(names.tolist()) == set(asked.classes),
        f"SampleSubmission.csv has the classes {', '.join(asked.classes)}, but Train.csv has "
        f"readable plants of {', '.join(names.tolist())}.",
    )
    return Folder(
        data=_joined(train, test, codes, tuple(names.tolist())),
        train=len(train),
        ids=(*train.ids, *test.ids),
        asked=asked,
        left_out=(*train.left_out, *test.left_out),
        twice=tuple(sorted(set(train.ids) & set(test.ids))),
    )


_SIDES: tuple[Literal["train"], Literal["test"]] = ("train", "test")


def _joined(
    train: FolderPairs, test: FolderPairs, codes: np.ndarray, names: tuple[str, ...]
) -> Labelled:
    """Both tables as one source; plants of Test are given class 0, which nobody reads."""
    x1, x2 = (np.concatenate(two) for two in ((train.x1, test.x1), (train.x2, test.x2)))
    codes = np.concatenate([codes, np.zeros(len(test), dtype=codes.dtype)])
    every = np.arange(len(codes))
    source = FolderSource(
        x1, x2, codes, len(names), every[: len(train)], every[len(train) :], names
    )
    return Labelled(source, codes, names)


@dataclass(frozen=True)
class Entry:
    """What came of it.

    Attributes:
        arms: Out-of-fold numbers by sensors.
        differences: Log loss of one arm less that of another, paired by plant.
        submitted: The arm that is submitted.
        shares: Its forecast of each plant of Test.
        prior: Share of each class in Train.
    """

    arms: dict[str, dict[str, Any]]
    differences: dict[str, Evidence]
    submitted: str
    shares: dict[str, np.ndarray]
    prior: np.ndarray


def compete(
    folder: Folder,
    knobs: Challenge,
    *,
    observers: Callable[[str, int], Sequence[Observer]] = lambda arm, fold: (),
) -> Entry:
    """Train every arm on every fold.

    Args:
        folder: What `open_challenge` read.
        knobs: How.
        observers: Who watches an arm's fold.

    Raises:
        PlantEduError: for a class with fewer plants than folds, or as `finetune`.
    """
    folds = _folds(folder, knobs)
    prior = class_prior(folder.data, rows_of(np.arange(folder.train), "both"))
    found = {
        arm: _arm(folder, knobs.recipe(arm), folds, lambda k, arm=arm: observers(arm, k))
        for arm in ARMS
    }
    labels = torch.from_numpy(folder.data.codes[: folder.train].astype(np.int64))
    plants = np.arange(folder.train)
    forecasts = {
        arm: Forecast(own, labels, plants, prior).softened(LEAST) for arm, (own, _) in found.items()
    }
    losses = {arm: forecast.losses for arm, forecast in forecasts.items()}
    best = min(ARMS, key=lambda arm: float(losses[arm].mean()))
    submitted = best if knobs.submit == "best" else knobs.submit
    shares = Forecast(
        found[submitted][1],
        torch.zeros(len(found[submitted][1]), dtype=torch.long),
        np.arange(len(found[submitted][1])),
        prior,
    ).softened(LEAST)
    test = zip(folder.ids[folder.train :], shares.logs.exp().numpy(), strict=True)
    return Entry(
        arms={arm: _numbers(arm, forecast, knobs.seed) for arm, forecast in forecasts.items()},
        differences=_differences(losses, knobs.seed),
        submitted=submitted,
        shares=dict(test),
        prior=prior,
    )


def _folds(folder: Folder, knobs: Challenge) -> list[tuple[np.ndarray, np.ndarray]]:
    """Plants of each round; each class has one in every fold at least."""
    codes = folder.data.codes[: folder.train]
    for code, name in enumerate(folder.data.names):
        count = int((codes == code).sum())
        require(
            count >= knobs.folds,
            f"Class {name!r} has {count} plant(s) in Train.csv, and {knobs.folds} folds need "
            f"{knobs.folds}: lower folds, or leave the class out.",
        )
    return folds_by_plant(
        folder.ids[: folder.train],
        [folder.data.names[code] for code in codes],
        folds=knobs.folds,
        generator=numpy_generator_for(knobs.seed, "folds"),
    )


def _arm(
    folder: Folder,
    recipe: FineTune,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    observers: Callable[[int], Sequence[Observer]],
) -> tuple[Tensor, Tensor]:
    """log p of every plant of Train out of fold, and of every plant of Test over the folds."""
    plants = np.arange(len(folder.ids))
    test = rows_of(plants[folder.train :], recipe.sensors)
    own = torch.zeros(folder.train, len(folder.data.names), dtype=torch.float64)
    forecasts = []
    for k, (train, held_out) in enumerate(folds):
        rows = rows_of(train, recipe.sensors)
        model = trained(recipe, folder.data, rows, observers=observers(k)).model
        for_rows = rows_of(held_out, recipe.sensors)
        own[torch.from_numpy(held_out)] = predicted(
            model, folder.data, for_rows, side=recipe.crop_size, tta=recipe.tta
        )
        forecasts.append(predicted(model, folder.data, test, side=recipe.crop_size, tta=recipe.tta))
    return own, torch.stack(forecasts).logsumexp(0) - np.log(len(folds))


def _numbers(arm: str, forecast: Forecast, seed: int) -> dict[str, Any]:
    """An arm's numbers, each beside the class prior's."""
    seen = {"rgb": "RGB alone", "rgn": "RGN alone", "both": "both pictures"}[arm]
    return {
        "log_loss": forecast.log_loss(f"Log loss out of fold from {seen}?", seed=seed),
        "accuracy": forecast.accuracy(f"Accuracy out of fold from {seen}?", seed=seed),
        "log_loss_uniform": float(np.log(forecast.classes)),
        "confusion": forecast.confusion().tolist(),
    }


def _differences(losses: dict[str, np.ndarray], seed: int) -> dict[str, Evidence]:
    """Every two arms, paired by plant; no difference is 0."""
    found = {}
    for one, other in (("rgb", "both"), ("rgn", "both"), ("rgb", "rgn")):
        gap = losses[one] - losses[other]
        found[f"{one} - {other}"] = Evidence(
            question=f"How much larger is the log loss from {one} than from {other}?",
            value=float(gap.mean()),
            null=0.0,
            control="the same pictures",
            n=len(gap),
            interval=mean_interval(gap),
        )
    return found
