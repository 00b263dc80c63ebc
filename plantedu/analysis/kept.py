"""What a representation keeps: many pictures are drawn from one, and every factor is read off them.

    pinned_f = B / (B + W)                 the condition's share of the variance of the samples
    narrow_f = (V - W) / (V - N)           the samples' spread against that of the world

W is the spread of the readings within a condition, B between conditions, V over plants of the
world, N over real pictures that share factor f and nothing else (`training/spread.py`). A painter
without variety is narrow whatever he is told: `narrow` stands beside that of the denoiser that is
told nothing, and is no evidence where the two agree. `pinned` is measured within the denoiser's own
pictures; its null deals the samples to conditions by lot. Beside it: an encoder with random
weights; whether the mean reading is the source's own value; and the truth, how far the
representation moves when do() changes this factor alone (`training/effects.py`). The grade is
Spearman's correlation of pinned and effect over the factors that the reader can read.

Misleads where a reader is blind: such a factor "cannot be read", which is not "free". What moves a
representation little may still be told by it, and what it tells the denoiser may have failed to
learn: a free factor is free for this painter.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; share between conditions: Shrout and
Fleiss 1979 [shrout1979]; spreads and effects: Jansen 1999 [jansen1999]; do(): Pearl 2009
[pearl2009]. Lesson: 05_generation.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from torch import Tensor

from plantedu.charts.kept import grade_chart, kept_chart
from plantedu.data.factors import COLUMNS, SENSORS
from plantedu.data.worlds import draw_factors
from plantedu.drawing import Drawing
from plantedu.errors import require
from plantedu.evidence import Evidence
from plantedu.models.reader import FactorReader, view_of
from plantedu.plain import revived, settings_of
from plantedu.training.easel import Draws, Easel, Told, progress
from plantedu.training.effects import Effects, effects
from plantedu.training.grading import (
    BLIND,
    agreement_evidence,
    effect_evidence,
    graded,
    mean,
    narrow_evidence,
    settled_evidence,
    settled_grade,
    verdict,
)
from plantedu.training.reading import shipped_reader
from plantedu.training.spread import (
    Ground,
    free_spread,
    ground,
    read_pairs,
    settled,
    showing,
    withins,
)


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        encoder, layer, sensors: What the denoiser is told.
        random: Encoder with random weights that stands beside it.
        plants: Conditions.
        samples: Pictures per condition.
        steps: Steps of the sampler.
        sampler: Its name.
        free: Pictures drawn from nothing.
        effect_plants: Plants on which do() is tried.
        values: Values of each factor at which the reader's own noise is measured.
        seed: Of the noise, the resamples and the permutations.
    """

    encoder: str = "cross-0"
    layer: str = "h"
    sensors: tuple[str, ...] = SENSORS
    random: str = "random-cross-0"
    plants: int = 48
    samples: int = 8
    steps: int = 8
    sampler: str = "euler"
    free: int = 192
    effect_plants: int = 48
    values: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.samples >= 2, f"A spread needs at least 2 samples; got {self.samples}.")
        for name in ("plants", "free", "effect_plants"):
            require(getattr(self, name) >= 8, f"{name} must be at least 8.")

    @property
    def told(self) -> Told:
        """What the denoiser is told."""
        return Told(self.encoder, self.layer, tuple(self.sensors))

    @property
    def told_random(self) -> Told:
        """The same of the encoder with random weights."""
        return Told(self.random, "h", tuple(self.sensors))


@dataclass(frozen=True)
class Kept:
    """One factor.

    Attributes:
        column: Its column; a factor that each camera has of its own has two.
        view: The picture that it is read from: "rgb", "rgn" or "both".
        pinned: Share of the samples' variance that the condition settles; null: dealt by lot.
        random_init: The same of an encoder with random weights.
        narrow: The samples' spread against the world's; null: the denoiser that is told nothing.
        readable: Share of the reading's spread over real pictures that the factor accounts for.
        agrees: Correlation of mean reading and source (share right of a category); null: sources
            shuffled.
        effect: How far the representation moves under do(); null: do(f = its own value).
        effect_random_init: The same of the encoder with random weights.
        verdict: "pinned", "partly", "free" or "cannot be read".
    """

    column: str
    view: str
    pinned: Evidence
    random_init: float
    narrow: Evidence
    readable: float
    agrees: Evidence
    effect: Evidence
    effect_random_init: float
    verdict: str


@dataclass(frozen=True)
class KeptResult:
    """Every factor, and the grade.

    Attributes:
        settings: What was drawn.
        told: Name of the condition.
        factors: The table, most pinned first.
        grade: Spearman's correlation of pinned and effect; null: factors shuffled.
        p: Share of shuffles with a correlation as high.
        grade_random_init: The same of the encoder with random weights.
        grade_narrow: The grade of `narrow` in the place of `pinned`.
    """

    settings: Settings
    told: str
    factors: tuple[Kept, ...]
    grade: Evidence
    p: float
    grade_random_init: float
    grade_narrow: Evidence

    def of(self, column: str) -> Kept:
        """One of the factors."""
        return next(one for one in self.factors if one.column == column)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `KeptResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "KeptResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every factor from free to pinned, with both nulls."""
        rows = [(k.column, k.verdict, k.pinned, k.random_init) for k in self.factors]
        return kept_chart(rows, told=self.told, dark=dark)

    def narrow_chart(self, *, dark: bool = False) -> Drawing:
        """The samples' spread against the world's, which a dull painter makes small as well."""
        rows = [(k.column, k.verdict, k.narrow, None) for k in self.factors]
        return kept_chart(rows, told=self.told, narrow=True, dark=dark)

    def grade_chart(self, *, dark: bool = False) -> Drawing:
        """Pinned against what do() moves, one dot a factor that can be read."""
        seen = [k for k in self.factors if k.verdict != BLIND]
        rows = [(k.column, k.view, k.effect.value, k.pinned.value) for k in seen]
        return grade_chart(rows, grade=self.grade, p=self.p, dark=dark)


def kept(
    easel: Draws,
    reader: FactorReader,
    settings: Settings,
    *,
    real: Ground | None = None,
    check: Callable[[], None] = lambda: None,
) -> KeptResult:
    """Read every factor off samples of many conditions.

    Args:
        easel: Draws the samples.
        reader: Reads the factors.
        settings: How much of what.
        real: What the reader says of real pictures, where it is known already.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for a condition that the denoiser does not know.
    """
    sources = easel.sources(settings.plants)
    truth = draw_factors(easel.world, sources)
    found = {
        told: read_pairs(reader, easel.draw(told, sources, samples=settings.samples))
        for told in (settings.told, settings.told_random)
    }
    nothing = free_spread(read_pairs(reader, easel.free(settings.free)[None]))
    check()
    rng = np.random.default_rng(settings.seed)
    real = real or ground(
        reader, easel.world, easel.gallery, values=settings.values, generator=rng, check=check
    )
    moved = effects(
        easel.world,
        easel.sources(settings.effect_plants),
        {told.name: easel.phi(told) for told in (settings.told, settings.told_random)},
        side=reader.side,
        generator=rng,
        check=check,
    )
    return _judged(settings, found, truth, nothing, real, moved)


def _judged(
    settings: Settings,
    found: dict[Told, dict[str, Tensor]],
    truth: dict[str, np.ndarray],
    nothing: dict[str, float],
    real: Ground,
    moved: Effects,
) -> KeptResult:
    """The table and the grade from what was read."""
    told, other = settings.told, settings.told_random
    disease = torch.from_numpy(truth["disease"])
    spread = withins(found[told], disease)
    rows = []
    for column in COLUMNS:
        rng = np.random.default_rng((settings.seed, len(rows)))
        shown = showing(column, disease)
        mine, others = (found[one][column][shown] for one in (told, other))
        pinned, readable = settled_evidence(column, mine, rng), real.readable(column)
        rows.append(
            Kept(
                column,
                view_of(column),
                pinned,
                settled(others),
                narrow_evidence(column, spread[column], nothing[column], real),
                readable,
                agreement_evidence(column, mine, truth[column][shown.numpy()], rng),
                effect_evidence(column, moved, told.name),
                moved.total(other.name, column),
                verdict(pinned, readable),
            )
        )
    names = [k.column for k in rows if k.verdict != BLIND]
    grades = {
        one: settled_grade(found[one], disease, moved.moved[one.name], names, seed=settings.seed)
        for one in (told, other)
    }
    W = np.stack([spread[c] for c in names], 1)
    narrow, _ = graded(
        lambda chosen: [real.pinned(c, w) for c, w in zip(names, mean(W[chosen], W), strict=True)],
        len(W),
        moved.moved[told.name],
        names,
        seed=settings.seed,
    )
    rows.sort(key=lambda k: (k.verdict == BLIND, -k.pinned.value))
    grade, p = grades[told]
    return KeptResult(settings, told.name, tuple(rows), grade, p, grades[other][0].value, narrow)


@dataclass(frozen=True)
class Options(Settings):
    """What does a representation keep, and what does it let go?

    Attributes:
        denoiser: Its file; what ships by default.
        json: Print the result as one JSON object on the last line.
    """

    denoiser: Path | None = None
    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the request holds the settings."""
    from plantedu.runs.home import home

    asked: dict[str, Any] = dict(work.run.request)
    asked["sensors"] = tuple(asked.get("sensors", SENSORS))
    settings = Settings(**asked)
    easel = Easel.at(home(), settings, check=work.check)
    return kept(easel, shipped_reader(), settings, check=work.check).as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu kept [--encoder NAME --layer h --sensors rgb rgn] [--json]`."""
    from plantedu.runs.home import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu kept")
    settings = settings_of(options, Settings)
    easel = Easel.at(home(), settings, path=options.denoiser, tell=progress)
    result = kept(easel, shipped_reader(), settings)
    tell(result)
    if options.json:
        print(json.dumps(result.as_json()))
    return 0


def tell(result: KeptResult) -> None:
    """Print a result."""
    print(f"\nTold {result.told}")
    head = ("pinned", "interval", "random", "narrow", "nothing", "agrees", "do()")
    print(f"{'':18}" + "".join(f"{name:>{17 if name == 'interval' else 8}}" for name in head))
    for k in result.factors:
        low, high = k.pinned.interval or (0, 0)
        print(
            f"{k.column:18}{k.pinned.value:8.2f}   [{low:5.2f}, {high:5.2f}]{k.random_init:8.2f}"
            f"{k.narrow.value:8.2f}{k.narrow.null:8.2f}{k.agrees.value:8.2f}{k.effect.value:8.3f}"
            f"  {k.verdict}"
        )
    low, high = result.grade.interval or (0, 0)
    print(
        f"Grade: Spearman {result.grade.value:.2f} [{low:.2f}, {high:.2f}] over {result.grade.n} "
        f"factors, p = {result.p:.4f}; random init {result.grade_random_init:.2f}; by the world's "
        f"spread {result.grade_narrow.value:.2f}"
    )
    print(result.factors[0].pinned.caption())
