"""The graded table of lesson 09, put together network by network.

Lesson: 09_attribution.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.expensive_metrics import searched
from plantedu.topics.attribution.methods import Attribution, method
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.networks import DISEASES, Networks, Plants, twins
from plantedu.topics.attribution.results.method_comparison import (
    MOVED,
    ROWS,
    ExpensiveScores,
    Learned,
    MapScores,
    NotLearned,
    Settings,
    Shares,
)
from plantedu.topics.attribution.results.names import ARMS, BASELINES, CUES, GRADES
from plantedu.topics.attribution.targets import Scored
from plantedu.topics.attribution.truth import Effects, batch_of, changed, effects, factor_ranks
from plantedu.training.seeding import generator_for

SOIL: dict[str, float | str] = {"soil": 0.5}  # what should move no name: the null of do()
OTHERS: dict[str, dict[str, float | str]] = {"soil": SOIL, "chlorophyll": {"chlorophyll": 36.0}}
DISEASE = "blast"  # what networks of three classes are asked about
RANDOM = "the same method on random weights"
Maps = dict[str, list[Attribution]]  # by row, one a network


@dataclass(eq=False)
class Report:
    """Makes the parts of the table; see `results.method_comparison.Settings`.

    Attributes:
        settings: What is graded.
        bank_folder: Where rendered pairs are kept.
        check: Called between chunks of plants; may raise to stop.
        counted: Called with maps made, and of how many.
    """

    settings: Settings
    bank_folder: Path | None
    check: Callable[[], None] = lambda: None
    counted: Callable[[int, int], None] = lambda done, of: None
    _done: int = 0
    _plants: dict[bool, Plants] = field(default_factory=dict)
    _random: dict[bool, dict[str, list[Attribution]]] = field(default_factory=dict)

    @cached_property
    def scorers(self) -> Networks:
        return Networks(self.bank_folder)

    @property
    def steps(self) -> int:
        """Maps that are made in all: every network's, the random ones, and the deep part."""
        s = self.settings
        return len(s.rows) * (len(s.arms) * (s.seeds + s.controls) + bool(s.deep))

    def plants(self, arm: str) -> Plants:
        """The fresh plants that an arm is asked about."""
        own = twins(ARMS[arm][0])
        if own not in self._plants:
            self._plants[own] = Plants(own, "" if own else DISEASE, self.settings.plants)
        return self._plants[own]

    def target(self, arm: str) -> int:
        """The score that is explained: has the cue; or blast."""
        return 1 if twins(ARMS[arm][0]) else DISEASES.index(DISEASE)

    def networks(self, arm: str) -> tuple[str, ...]:
        return ARMS[arm][: self.settings.seeds]

    def truths(self, arm: str) -> tuple[list[Learned], list[NotLearned]]:
        """Which cues each network of an arm uses."""
        plants, learned, missed = self.plants(arm), [], []
        soil = batch_of(plants.after(SOIL))
        for network in self.networks(arm):
            self.check()
            scored, target = self.scorers.scored(network), self.target(arm)
            null = effects(scored, plants.batch, soil, target)
            for cue in CUES:
                found = effects(scored, plants.batch, plants.without[cue], target)
                moved = mean_over_plants(
                    f"Does {network} change its name when do() takes the {cue} away?",
                    found.moved,
                    float(null.moved.mean()),
                    "do(soil)",
                )
                low = (moved.interval or (0.0, 0.0))[0]
                if low > max(MOVED, moved.null):
                    learned.append(Learned(arm, network, cue, moved, found.rgb_share))
                else:
                    missed.append(NotLearned(arm, network, cue, moved))
        return learned, missed

    def maps(self, arm: str) -> tuple[Maps, Maps]:
        """Maps by row of every network of an arm, and of the random-init controls."""
        trained: dict[str, list[Attribution]] = {row: [] for row in self.settings.rows}
        for network in self.networks(arm):
            for row in trained:
                trained[row].append(self.map(self.scorers.scored(network), arm, row))
        return trained, self.random(arm)

    def random(self, arm: str) -> Maps:
        """The same of random weights; both arms of the two-cue world have the same controls."""
        own, rows = twins(ARMS[arm][0]), self.settings.rows
        if own in self._random:
            self.step(len(rows) * self.settings.controls)
        else:
            fresh = [
                self.scorers.scored(ARMS[arm][0], control=k + 1)
                for k in range(self.settings.controls)
            ]
            self._random[own] = {row: [self.map(one, arm, row) for one in fresh] for row in rows}
        return self._random[own]

    def map(self, scored: Scored, arm: str, row: str) -> Attribution:
        """One row's maps of all plants."""
        name, knobs = ROWS[row]
        generator = generator_for(self.settings.seed, f"map {row}")
        how = method(name, **knobs)
        batch, target = self.plants(arm).batch, self.target(arm)
        found = how(scored, batch, target, generator=generator, check=self.check)
        self.step()
        return found

    def step(self, rows: int = 1) -> None:
        """One more row is made, or more."""
        self._done += rows
        self.counted(self._done, self.steps)

    def table(self, arm: str, trained: Maps, fresh: Maps) -> list[MapScores]:
        """Every row and baseline of an arm, on both cues."""
        plants = self.plants(arm)
        plain = {name: baseline(name, plants.views, plants.leaf) for name in BASELINES}
        lines = []
        for cue in CUES:
            mask = plants.masks[cue]
            base = {name: {g: grade(g, r, mask) for g in GRADES} for name, r in plain.items()}
            masses = np.stack([one["mass"] for one in base.values()])
            best = masses[masses.mean(1).argmax()]
            sides = _Line(arm, cue, base["uniform"], masses.max(0), best)
            for row, found in trained.items():
                seeds = [{g: grade(g, one.relevance, mask) for g in GRADES} for one in found]
                control = np.stack([grade("mass", one.relevance, mask) for one in fresh[row]])
                lines.append(sides.line(row, seeds, control))
            lines += [sides.line(name, [one], None) for name, one in base.items()]
        return lines

    def shares(self, arm: str, trained: Maps) -> list[Shares]:
        """Sensors and factors of an arm's maps, beside do()."""
        plants, target = self.plants(arm), self.target(arm)
        others = {name: batch_of(plants.after(do)) for name, do in OTHERS.items()}
        after = {**plants.without, **others}
        places = {name: changed(plants.batch, x) for name, x in after.items()}
        every: list[dict[str, Effects]] = []
        for network in self.networks(arm):
            self.check()
            scored = self.scorers.scored(network)
            every.append({f: effects(scored, plants.batch, x, target) for f, x in after.items()})
        used = max(CUES, key=lambda cue: float(np.mean([e[cue].moved.mean() for e in every])))
        truth = float(np.mean([one[used].rgb_share for one in every]))
        sizes = [{f: np.abs(one.effect) for f, one in each.items()} for each in every]
        flat = np.ones_like(plants.leaf, float)
        null = float(np.mean([factor_ranks(flat, one, places).mean() for one in sizes]))
        lines = []
        for row, found in trained.items():
            rgb = shares_of(found)
            paired = zip(found, sizes, strict=True)
            rho = np.mean([factor_ranks(one.relevance, size, places) for one, size in paired], 0)
            lines.append(_shares(arm, row, rgb, truth, rho, null, len(found)))
        return lines

    def deep(self, learned: list[Learned]) -> list[ExpensiveScores]:
        """Deletion, cascade and captum's metrics of the first network that uses a cue."""
        if not (self.settings.deep and learned):
            return []
        first = learned[0]
        plants, target = self.plants(first.arm), self.target(first.arm)
        scored = self.scorers.scored(first.network)
        fresh = self.scorers.scored(first.network, control=1)
        lines = []
        for row in self.settings.rows:
            name, knobs = ROWS[row]
            lines.append(
                searched(
                    first,
                    row,
                    method(name, **knobs),
                    (scored, fresh),
                    plants,
                    target,
                    few=self.settings.deep,
                    seed=self.settings.seed,
                    check=self.check,
                )
            )
            self.step()
        return lines


@dataclass(frozen=True, eq=False)
class _Line:
    """What lines of one cue of one arm are compared with, by plant."""

    arm: str
    cue: str
    uniform: dict[str, np.ndarray]
    highest: np.ndarray
    best: np.ndarray

    def line(
        self, row: str, seeds: list[dict[str, np.ndarray]], control: np.ndarray | None
    ) -> MapScores:
        """One line, seeds averaged plant by plant."""
        n, what = len(seeds), f"{row} on {self.arm}, mask of the {self.cue}"
        mean = {g: np.mean([one[g] for one in seeds], 0) for g in GRADES}
        grades = {
            g: mean_over_plants(
                *(f"{g} of {what}?", mean[g], float(self.uniform[g].mean()), "uniform map"),
                seeds=n,
                kind="share",
            )
            for g in GRADES
        }
        null, words = 0.0, "a baseline accuses nothing: it is what accusations are measured by"
        if control is not None:
            null, words = float((control > self.highest).mean()), RANDOM
        accused = np.mean([one["mass"] > self.highest for one in seeds], 0)
        accuses = mean_over_plants(
            f"Does {what} accuse it?", accused if control is not None else 0 * accused, null, words
        )
        beats = mean_over_plants(
            f"Mass of {what}, less the best baseline's?",
            mean["mass"] - self.best,
            0.0,
            "the best baseline",
            seeds=n,
            kind="mean",
        )
        means = tuple(float(one["mass"].mean()) for one in seeds)
        return MapScores(
            arm=self.arm,
            row=row,
            cue=self.cue,
            grades=grades,
            accuses=accuses,
            beats=beats,
            seeds=means,
        )


def shares_of(found: list[Attribution]) -> np.ndarray:
    """RGB's share of each plant's relevance, seeds averaged; plants whose every map is 0 left out.

    Raises:
        PlantEduError: where fewer than two plants are left.
    """
    each = np.stack([one.sensor_share for one in found])
    each = each[:, np.isfinite(each).any(0)]
    require(
        each.shape[1] >= 2,
        "The maps are 0 everywhere, so no sensor has a share of them: this method says nothing of "
        "these networks.",
    )
    return np.nanmean(each, 0)


def _shares(
    arm: str, row: str, rgb: np.ndarray, truth: float, rho: np.ndarray, null: float, seeds: int
) -> Shares:
    """One line of sensors and factors."""
    side = mean_over_plants(
        *(f"RGB's share of {row} on {arm}?", rgb, 0.5, "uniform map"), seeds=seeds, kind="share"
    )
    known: dict[str, Any] = {**side.as_json(), "interval": side.interval, "truth": truth}
    ranks = mean_over_plants(
        *(f"Does {row} on {arm} rank factors as do() does?", rho, null, "uniform map"),
        seeds=seeds,
        kind="mean",
    )
    return Shares(arm, row, Evidence(**known), ranks)
