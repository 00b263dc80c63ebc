"""An encoder's last maps taken apart by a dictionary, and marked on plants nobody was trained on.

Activations of every place of every picture train the dictionary; plants mark it: codes of a plant
are means over its places, and the rebuilt h is the mean of its rebuilt places.

Lesson: 10_neurons.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import require
from plantedu.topics.neurons.dictionary_scores import (
    Downstream,
    agreement,
    auroc,
    best_units,
    dead_share,
    fvu,
    l0,
    random_directions,
)
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.recovery import duplicates
from plantedu.topics.neurons.results.dictionary import JUDGED, CodeScores, Feature, Settings
from plantedu.topics.neurons.sparse_autoencoder import Dictionary, Sparse, kept, too_wide, trained
from plantedu.topics.neurons.spatial_activations import Plot
from plantedu.topics.neurons.superposition import gaussian_like
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.encoders import LoadedEncoder, load_encoder

EVERY = 10  # steps between two points of the curve
FEATURES, TOPS = 48, 6
Step = Callable[[int, dict[str, float]], None]


class Bench:
    """Plants that train and plants that mark, and the questions that units may answer."""

    def __init__(
        self, settings: Settings, folder: Path, *, first: int = FIRST_HELD_OUT, judged: int = JUDGED
    ):
        """Nothing is rendered yet.

        Args:
            settings: What is trained, and how.
            folder: Where rendered pairs are kept.
            first: First plant that marks; those that train come behind them.
            judged: How many mark.
        """
        self.settings = settings
        self.marking = Plot(first, judged, folder)
        self.training = Plot(first + judged, settings.plants, folder)
        self.chosen = numpy_generator_for(0, "halves").permutation(judged) < judged // 2

    @cached_property
    def questions(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """By name: plants that are asked about, and the answer: a level, or above the median."""
        return questions_of(self.marking.targets(self.settings.sensors[0]))

    @cached_property
    def disease(self) -> Tensor:
        """Labels of the plants that mark."""
        return _labels(self.marking, self.settings.sensors[0])


def _labels(plot: Plot, sensor: str) -> Tensor:
    """Disease of plants."""
    return torch.as_tensor(plot.targets(sensor, ("disease",))[0].values).long()


def questions_of(targets: list[DiscreteTarget]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Yes-or-no questions about factors that can show."""
    found = {}
    for one in targets:
        if one.control:
            continue
        rows, names = one.rows, COLUMNS[one.name].levels
        values = one.values[rows]
        if len(names) > 2:
            found |= {f"{one.name}: {names[k]}": (rows, values == k) for k in range(len(names))}
        else:
            high = values > (0.5 if names else float(np.median(values)))
            found[one.name] = (rows, high)
    return found


class Dissected:
    """A dictionary of an encoder's places, and its marks."""

    def __init__(
        self, bench: Bench, one: LoadedEncoder, model: Dictionary, x: Tensor, curve: list[Any]
    ) -> None:
        """Show it the plants that mark."""
        self.bench, self.one, self.model, self.x = bench, one, model, x
        self.curve = tuple(curve)
        sensors = bench.settings.sensors
        seen = [bench.marking.places(one, sensor) for sensor in sensors]
        self.shape = seen[0].shape[:2]  # the first sensor's plants come first, and are asked
        self.flat = torch.cat([places.flatten(0, 1) for places in seen])
        with torch.no_grad():
            self.codes = model.codes(self.flat)
            self.rebuilt = model.rebuilt(self.codes)

    @property
    def warning(self) -> str:
        """Where the data cannot support the width."""
        return too_wide(len(self.x), self.model.how.width, self.model.how.k)

    @cached_property
    def downstream(self) -> Downstream:
        """A reader of disease, fitted to h of the plants that train, through the first sensor."""
        plants, places = self.bench.settings.plants, self.shape[1]
        h = self.x[: plants * places].view(plants, places, -1).mean(1)
        return Downstream(h, _labels(self.bench.training, self.bench.settings.sensors[0]))

    def row(
        self,
        name: str,
        codes: Tensor | None = None,
        rebuilt: Tensor | None = None,
        units: Tensor | None = None,
    ) -> CodeScores:
        """Marks of codes and of what they rebuild; the dictionary's own by default.

        Questions may be put to `units`, before any of them is dropped.
        """
        codes = self.codes if codes is None else codes
        rebuilt = self.rebuilt if rebuilt is None else rebuilt
        units = self._plants(codes if units is None else units)
        h, again = (self._plants(x) for x in (self.flat, rebuilt))
        best = best_units(units.numpy(), self.bench.questions, self.bench.chosen)
        return CodeScores(
            name=name,
            fvu=fvu(self.flat, rebuilt),
            l0=l0(codes),
            dead=dead_share(codes),
            duplicates=0.0 if name in ("neurons", "PCA") else self.duplicates,
            recovered=self.downstream.recovered(h, again, self.bench.disease),
            auroc={question: found for question, (_, found) in best.items()},
        )

    def baselines(self) -> list[CodeScores]:
        """Neurons and principal components: rebuilt from the same k, questions put to all."""
        k, centre = self.model.how.k, self.x.mean(0)
        away = self.flat - centre
        around = (self.x - centre).double()
        axes = torch.linalg.eigh(around.T @ around).eigenvectors.T.float()
        scores = away @ axes.T
        few = [far * (kept(far.abs(), k) > 0) for far in (away, scores)]
        return [
            self.row("neurons", few[0], few[0] + centre, away),
            self.row("PCA", few[1], few[1] @ axes + centre, scores),
        ]

    def agreement(self, other: "Dissected") -> tuple[float, float]:
        """Mean max cosine of live directions, and the same for activations drawn at random."""
        one, two = self._alive(), other._alive()
        lots = [
            random_directions(self.model.scaled(self.x), len(w), generator_for(0, "lots", k))
            for k, w in enumerate((one, two))
        ]
        return agreement(one, two), agreement(*lots)

    def gaussian_agreement(self, check: Callable[[], None] = lambda: None) -> float:
        """Mean max cosine of two seeds on Gaussian numbers of the same mean and covariance.

        They hold no directions but the axes of their covariance: what two seeds share of these, two
        seeds of any data share.
        """
        rng = numpy_generator_for(0, "gaussian")
        x = gaussian_like(self.x, rng)
        sides = []
        for k in (0, 1):
            g = generator_for(self.model.how.seed + k, "gaussian dictionary")
            model = trained(x, self.model.how, generator=g, check=check)
            with torch.no_grad():
                live = (model.codes(x) > 0).any(0)
            sides.append(model.directions.detach()[live])
        return agreement(*sides)

    @cached_property
    def duplicates(self) -> float:
        """Share of live directions with another one near."""
        return duplicates(self._alive())

    def features(self, count: int = FEATURES) -> list[Feature]:
        """Features that answer some question well: chosen on one half, marked on the other."""
        plants, chosen = self._plants(self.codes).numpy(), self.bench.chosen
        live = np.flatnonzero(plants.std(axis=0) > 0)
        x = plants[:, live]
        names = list(self.bench.questions)
        questions = [self.bench.questions[name] for name in names]
        first = np.stack([auroc(x[r][chosen[r]], w[chosen[r]]) for r, w in questions])
        best = np.abs(first - 0.5).argmax(axis=0)
        second = np.stack([auroc(x[r][~chosen[r]], w[~chosen[r]]) for r, w in questions])
        columns = np.arange(len(live))
        mark = second[best, columns]
        order = np.argsort(-np.abs(mark - 0.5))[:count]
        return [self._feature(int(live[j]), names[best[j]], float(mark[j]), plants) for j in order]

    def _feature(self, number: int, question: str, mark: float, plants: np.ndarray) -> Feature:
        codes = self.codes[:, number]
        on = codes > 0
        tops = np.argsort(-plants[:, number], kind="stable")[:TOPS]
        return Feature(
            number=number,
            question=question,
            auroc=mark,
            fires=float(on.float().mean()),
            strength=float(codes[on].mean()) if bool(on.any()) else 0.0,
            tops=tuple(self.bench.marking.rows[tops].tolist()),
        )

    def save(self, path: Path) -> None:
        """Write what steering needs: directions with their size, strengths, and the encoder."""
        model = self.model
        state = model.state_dict()
        tensors = {name: t.half() for name, t in state.items() if t.is_floating_point()}
        how, dim = vars(model.how), self.x.shape[1]
        save_checkpoint(path, tensors, {"dictionary": how, "encoder": self.one.name, "dim": dim})

    def _alive(self) -> Tensor:
        return self.model.directions.detach()[(self.codes > 0).any(0)]

    def _plants(self, rows: Tensor) -> Tensor:
        """Mean over the places of each plant, through the first sensor."""
        plants, places = self.shape
        return rows[: plants * places].view(plants, places, -1).mean(1)


def dissected(
    bench: Bench,
    words: str,
    *,
    seed: int | None = None,
    frozen: bool = False,
    check: Callable[[], None] = lambda: None,
    step: Step = lambda done, losses: None,
) -> Dissected:
    """Train a dictionary of an encoder's places.

    Args:
        bench: Plants, questions and settings.
        words: The encoder.
        seed: Of the dictionary; None for the one asked for.
        frozen: Directions stay random.
        check: Called between steps; may raise to stop.
        step: Called after each step.

    Raises:
        PlantEduError: for an encoder that is not there, or activations that are not finite.
    """
    settings, one = bench.settings, _open(words)
    seed = settings.seed if seed is None else seed
    x = torch.cat([bench.training.places(one, s).flatten(0, 1) for s in settings.sensors])
    how = Sparse(
        width=settings.width,
        k=settings.k,
        rule=settings.rule,
        steps=settings.steps,
        frozen=frozen,
        seed=seed,
    )
    curve: list[tuple[int, float, float]] = []

    def observe(done: int, losses: dict[str, float]) -> None:
        if done % EVERY == 0 or done == 1:
            curve.append((done, losses["fvu"], losses["dead"]))
        step(done, losses)

    generator = generator_for(seed, "dictionary")
    model = trained(x, how, generator=generator, check=check, step=observe)
    return Dissected(bench, one, model, x, curve)


def load_dictionary(path: Path) -> tuple[Dictionary, str]:
    """A dictionary that was written, and the encoder that it is of.

    Raises:
        PlantEduError: for a file that is missing, damaged, or no dictionary.
    """
    tensors, meta = load_checkpoint(path)
    require("dictionary" in meta, f"{Path(path).name} holds no dictionary of activations.")
    return dictionary_from(tensors, meta), str(meta["encoder"])


def dictionary_from(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> Dictionary:
    """The dictionary of a checkpoint, float32.

    Raises:
        PlantEduError: if its tensors do not fit what it says.
    """
    how = Sparse(**meta["dictionary"])
    model = Dictionary(torch.eye(2, meta["dim"]), how, torch.Generator())
    there = model.state_dict()
    wanted = {name for name, t in there.items() if t.is_floating_point()}
    fits = set(tensors) == wanted and all(tensors[n].shape == there[n].shape for n in wanted)
    require(fits, "This dictionary is of another shape than it says; train it again.")
    model.load_state_dict({name: t.float() for name, t in tensors.items()}, strict=False)
    return model.eval()


_open = lru_cache(maxsize=4)(load_encoder)
