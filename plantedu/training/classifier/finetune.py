"""Fine-tune an encoder to name the disease of a plant, and score it on plants nobody has seen.

The last step's weights are scored, never the best ones; the temperature comes from the validation
plants alone. So the fresh plants that are scored have chosen nothing.

Lesson: 04_family.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.models.classifier import PairClassifier
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.temperature import fit_temperature
from plantedu.training.classifier.evaluation import Forecast
from plantedu.training.classifier.labelled_split import (
    Labelled,
    Rows,
    Split,
    labelled_from,
    rows_of,
    shuffled,
    split,
)
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import (
    batch_of_step,
    make_classifier,
    make_optimizer,
    predicted,
    rate_of_step,
    steps_per_epoch,
)
from plantedu.training.fit import Measure, Observer, State, fit
from plantedu.training.initial_weights import Origin, load_start
from plantedu.training.pair_source import FOLDER, PairSource, open_source, plants_left_out
from plantedu.training.precision import Arithmetic
from plantedu.training.pretrain import best_device
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import numpy_generator_for

Snapshot = tuple[Mapping[str, Tensor], Mapping[str, Any]]
WATCHED = 256  # fresh plants that the live curve is drawn from


@dataclass(frozen=True)
class FineTuned:
    """A classifier and what it is worth.

    Attributes:
        recipe: How it was made.
        ended: "done", or why it was stopped; a stopped one is scored as it is.
        step: Steps done.
        origin: Where the encoder's first weights came from.
        accuracy: On fresh plants, beside the class prior.
        claimed: On the validation rows: what a user without fresh plants would report.
        log_loss: On fresh plants, beside the class prior's.
        leaked: Share of the validation rows whose plant was trained on.
        counts: Rows trained on, validated on, and fresh plants; plants of a folder left out.
        classes: Names of the classes.
        scores: Calibration, confusion and recall; see `Forecast.scores`.
        forecast: What it says of the fresh plants.
        model: The network, in evaluation mode.
    """

    recipe: FineTune
    ended: str
    step: int
    origin: Origin
    accuracy: Evidence
    claimed: Evidence
    log_loss: Evidence
    leaked: float
    counts: dict[str, int]
    classes: tuple[str, ...]
    scores: dict[str, Any]
    forecast: Forecast
    model: PairClassifier

    def as_json(self) -> dict[str, Any]:
        """Everything but the network and the forecast, as plain values."""
        return {
            "recipe": self.recipe.as_json(),
            "ended": self.ended,
            "step": self.step,
            "origin": self.origin.as_json(),
            "accuracy": self.accuracy.as_json(),
            "claimed": self.claimed.as_json(),
            "log_loss": self.log_loss.as_json(),
            "leaked": self.leaked,
            "counts": self.counts,
            "classes": list(self.classes),
            **self.scores,
        }


class Watch(Observer):
    """Accuracy on validation rows and on some fresh plants, every `every` steps and at the end."""

    def __init__(self, data: Labelled, rows: Mapping[str, Rows], recipe: FineTune) -> None:
        self.data, self.rows, self.recipe = data, dict(rows), recipe

    def measure(self, state: State) -> Mapping[str, Measure]:
        if state.step % self.recipe.watch_every and state.step != state.steps:
            return {}
        assert isinstance(state.objective, PairClassifier)
        found: dict[str, Measure] = {}
        for name, rows in self.rows.items():
            logs = predicted(state.objective, self.data, rows, side=self.recipe.crop_size)
            right = logs.argmax(1) == self.data.labels(rows)
            found[f"accuracy/{name}"] = float(right.double().mean())
        return found


def finetune(
    recipe: FineTune,
    *,
    bank_folder: Path,
    observers: Sequence[Observer] = (),
    resume: Snapshot | None = None,
    run_file: Path | None = None,
) -> FineTuned:
    """Train a classifier as the recipe says, and score it on fresh plants.

    Args:
        recipe: All knobs.
        bank_folder: Where rendered pairs are kept for the next run.
        observers: Who watches.
        resume: A snapshot to go on from; the run then ends in the same bits as one that was never
            stopped (on the CPU, with the same number of threads).
        run_file: The checkpoint that a start "run:ID@WHEN" means.

    Raises:
        PlantEduError: for data or a start that cannot be read, a class with too few plants, a loss
            that is not finite, or a snapshot of another architecture.
    """
    source = open_labelled(recipe, bank_folder)
    missing = plants_left_out(source, observers if resume is None else ())
    data = labelled_from(source)
    if recipe.shuffle_labels:
        data = shuffled(data, source.train, numpy_generator_for(recipe.seed, "shuffled labels"))
    parts = split(
        data,
        source.train,
        labels=recipe.labels,
        validation=recipe.validation,
        sensors=recipe.sensors,
        how=recipe.split,
        generator=numpy_generator_for(recipe.seed, "labels"),
    )
    fresh = rows_of(source.held_out, recipe.sensors)
    watched = rows_of(source.held_out[:WATCHED], recipe.sensors)
    watch = Watch(data, {"validation": parts.validation, "held_out": watched}, recipe)
    done = trained(
        recipe,
        data,
        parts.train,
        observers=[watch, *observers],
        resume=resume,
        run_file=run_file,
    )
    scored = _scored(recipe, data, parts, fresh, done)
    return replace(scored, counts=scored.counts | {"left_out": missing}) if missing else scored


def open_labelled(recipe: FineTune, bank_folder: Path) -> PairSource:
    """The pool and the fresh plants of a recipe; a world's fresh plants were never seen by anyone.

    Raises:
        PlantEduError: for data that cannot be read.
    """
    pool = Recipe(
        data=recipe.data,
        world_seed=recipe.world_seed,
        pairs=max(recipe.pairs, FIRST_HELD_OUT),
        probe_plants=recipe.held_out,
        image_size=recipe.image_size,
        batch=4,
        seed=recipe.seed,
    )
    source = open_source(pool, bank_folder)
    if recipe.data.startswith(FOLDER):
        return source
    return Pool(source, source.train[: recipe.pairs])


@dataclass(frozen=True)
class Pool:
    """A source of which only some plants may be labelled."""

    source: PairSource
    train: np.ndarray

    @property
    def held_out(self) -> np.ndarray:
        return self.source.held_out

    def take(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.source.take(indices)

    def column(self, name: str, view: str) -> tuple[np.ndarray, int] | None:
        return self.source.column(name, view)


@dataclass(frozen=True)
class Trained:
    """A network after its training, in evaluation mode."""

    model: PairClassifier
    origin: Origin
    ended: str
    step: int


def trained(
    recipe: FineTune,
    data: Labelled,
    rows: Rows,
    *,
    observers: Sequence[Observer] = (),
    resume: Snapshot | None = None,
    run_file: Path | None = None,
) -> Trained:
    """A classifier that was trained on these rows, from where its start says."""
    device = best_device()
    model = make_classifier(
        recipe, classes=len(data.names), steps_per_epoch=steps_per_epoch(recipe, len(rows))
    )
    if resume is None:
        origin = load_start(model, recipe.start, run_file=run_file)
    else:  # what it started from is in it, wherever that is now
        origin = Origin(**resume[1]["origin"])
    model.to(device)
    state = State(
        model,
        make_optimizer(model, recipe),
        recipe.steps,
        arithmetic=Arithmetic(recipe.precision, device),
    )
    state.meta = {
        "finetune": recipe.as_json(),
        "origin": origin.as_json(),
        "classes": list(data.names),
    }
    if resume is not None:
        state.restore(*resume)
        state.meta = dict(resume[1]) | state.meta
    labels = data.labels(rows)
    ended = fit(
        state,
        partial(batch_of_step, recipe, data, rows, labels, device),
        learning_rate=partial(rate_of_step, recipe),
        observers=observers,
    )
    return Trained(model.eval(), origin, ended, state.step)


def _scored(
    recipe: FineTune,
    data: Labelled,
    parts: Split,
    fresh: Rows,
    done: Trained,
) -> FineTuned:
    """Forecasts of validation and fresh rows, and all that follows from them."""
    prior = class_prior(data, parts.train)

    def forecast(rows: Rows) -> Forecast:
        logs = predicted(done.model, data, rows, side=recipe.crop_size, tta=recipe.tta)
        return Forecast(logs, data.labels(rows), rows.plants, prior)

    kept, seen = forecast(parts.validation), forecast(fresh)
    temperature = fit_temperature(kept.logs, kept.labels)
    unit = "images" if recipe.sensors == "either" else "plants"
    return FineTuned(
        recipe=recipe,
        ended=done.ended,
        step=done.step,
        origin=done.origin,
        accuracy=seen.accuracy(
            f"Which share of {unit} nobody has seen is named right?", seed=recipe.seed
        ),
        claimed=kept.accuracy(
            f"Which share of the validation {unit} is named right?", seed=recipe.seed
        ),
        log_loss=seen.log_loss("What is the log loss on plants nobody has seen?", seed=recipe.seed),
        leaked=parts.leaked,
        counts={
            "train": len(parts.train),
            "validation": len(parts.validation),
            "fresh": len(fresh),
        },
        classes=data.names,
        scores=seen.scores(temperature=temperature, seed=recipe.seed),
        forecast=seen,
        model=done.model,
    )


def class_prior(data: Labelled, rows: Rows) -> np.ndarray:
    """Share of each class among rows."""
    counts = np.bincount(data.codes[rows.plants], minlength=len(data.names))
    return counts / counts.sum()
