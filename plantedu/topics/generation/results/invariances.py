"""What `generation omission` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour, colours
from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.results.grade_chart import TITLE, dashed_rule, grade_chart

BLIND, UNCLEAR = "cannot be read", "unclear"
VERDICTS = ("pinned", "partly", UNCLEAR, "free", BLIND)
HUES = ("first", "third", "fourth", "second")  # of all but the last: apart for every reader
TICK = "M0,-0.9L0,0.9"  # a shape of Vega: upright, in the legend too
LOWEST, HIGHEST = -0.5, 1.5  # of its axis
LEGENDS = 110  # pixels of axis and legends: on a phone those take four lines
FIXED, NOTHING, RANDOM = "factor set to one value", "unconditional", "random weights"
TITLES = (TITLE, "free 0 ... 1 as narrow as sharing the factor")
SHARES = ("share of the variance between plants", "narrow, 1 as where the factor is shared")
Line = tuple[str, str, Evidence, float | None]


@dataclass(frozen=True)
class Exam:
    """How a table fares on encoders that are known to omit factors.

    Attributes:
        omitted: Factors that each encoder omits; the first omits none.
        wins: Share of encoders whose own table agrees best with their key; null: at random.
        apart: Over factors that are not free: how often an encoder that holds one has more of it
            in its table than one that omits it; null: one half.
    """

    omitted: tuple[tuple[str, ...], ...]
    wins: Evidence
    apart: Evidence


@dataclass(frozen=True)
class Kept:
    """One factor.

    Attributes:
        column: Its column; a factor that each camera has of its own has two.
        view: The picture that it is read from: "rgb", "rgn" or "both".
        pinned: Share of the samples' variance that the condition settles; null: conditioned on the
            same plants with this factor set to one value.
        above: That less its null, paired over plants; its level is shared by all factors.
        at_random: The same as `pinned`, samples assigned to conditions at random.
        random_init: The same as `pinned`, of an encoder with random weights.
        narrow: The samples' spread against the world's; null: the unconditional denoiser.
        readable: Share of the reading's spread over real pictures that the factor accounts for.
        r2: R2 of the source's own factor on the mean readings; null: sources shuffled.
        r2_p: Share of shuffles with an R2 as high.
        effect: How far the representation moves under do(); null: do(f = its own value).
        effect_random_init: The same of the encoder with random weights.
        verdict: One of VERDICTS.
        linear: R2 of a linear probe on the representation itself, nothing drawn; null: labels
            shuffled. None in results of before.
    """

    column: str
    view: str
    pinned: Evidence
    above: Evidence
    at_random: float = field(metadata={"was": "by_lot"})
    random_init: float
    narrow: Evidence
    readable: float
    r2: Evidence
    r2_p: float
    effect: Evidence
    effect_random_init: float
    verdict: str
    linear: Evidence | None = field(default=None, metadata={"before": None})


@dataclass(frozen=True)
class Grades:
    """Do the factors that move a representation pin its samples?

    Attributes:
        grade: Spearman's correlation of pinned and effect, interval over factors; null: shuffled.
        p: Share of shuffles with a correlation as high.
        random_init: The same of the encoder with random weights, by its own table and effects.
        less: Trained less random weights, paired over factors.
        crossed: The table of random weights against what do() moves in the trained encoder.
        narrow: The grade of `narrow` in the place of `pinned`.
        linear: The grade of the linear probe in the place of `pinned`: a reading that loses
            nothing in a drawing, for comparison and no bound. None in results of before.
        probe: Spearman's correlation of `pinned` and the linear probe; null: factors shuffled.
        probe_crossed: The same of the table of random weights, and the probe of this encoder.
    """

    grade: Evidence
    p: float
    random_init: Evidence
    less: Evidence
    crossed: Evidence
    narrow: Evidence
    linear: Evidence | None = field(default=None, metadata={"before": None})
    probe: Evidence | None = field(default=None, metadata={"before": None})
    probe_crossed: Evidence | None = field(default=None, metadata={"before": None})


@dataclass(frozen=True)
class Settings:
    """What is drawn, and how much.

    Attributes:
        encoder, layer, sensors: What the denoiser is conditioned on.
        random: Encoder with random weights that stands beside it.
        plants: Conditions.
        samples: Pictures per condition.
        steps: Steps of the sampler.
        sampler: Its name.
        rounds: How often each factor is set to one value, for its null and for the exam.
        free: Pictures drawn from nothing.
        effect_plants: Plants on which do() is tried.
        values: Values of each factor at which the reader's own noise is measured.
        probe_plants: Plants that the linear probe learns from; 0 leaves it out.
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
    rounds: int = 2
    free: int = 192
    effect_plants: int = 48
    values: int = 16
    probe_plants: int = field(default=3072, metadata={"before": 0})
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.samples >= 2, f"A spread needs at least 2 samples; got {self.samples}.")
        require(self.rounds >= 1, f"Each null needs a round; got {self.rounds}.")
        for name in ("plants", "free", "effect_plants"):
            require(getattr(self, name) >= 8, f"{name} must be at least 8.")
        enough = self.probe_plants == 0 or 32 <= self.probe_plants <= 8192
        require(enough, f"probe_plants is 0, or from 32 to 8192; got {self.probe_plants}.")

    @property
    def conditioning(self) -> Conditioning:
        """What the denoiser is conditioned on."""
        return Conditioning(self.encoder, self.layer, tuple(self.sensors))

    @property
    def random_conditioning(self) -> Conditioning:
        """The same of the encoder with random weights."""
        return Conditioning(self.random, "h", tuple(self.sensors))


@dataclass(frozen=True)
class KeptResult(AsJson):
    """Every factor, and the grade.

    Attributes:
        settings: What was drawn.
        condition: Name of the condition.
        factors: The table, most pinned first.
        grades: The table against what do() moves.
        exams: The table of pinned, and that of R2, on encoders that are known to omit factors.
    """

    settings: Settings
    condition: str = field(metadata={"was": "told"})
    factors: tuple[Kept, ...]
    grades: Grades
    exams: dict[str, Exam]

    def of(self, column: str) -> Kept:
        """One of the factors."""
        return next(one for one in self.factors if one.column == column)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every factor from free to pinned, with both nulls."""
        rows = [(k.column, k.verdict, k.pinned, k.random_init) for k in self.factors]
        return kept_chart(rows, condition=self.condition, dark=dark)

    def narrow_chart(self, *, dark: bool = False) -> Drawing:
        """The samples' spread against the world's, which a dull painter makes small as well."""
        rows = [(k.column, k.verdict, k.narrow, None) for k in self.factors]
        return kept_chart(rows, condition=self.condition, narrow=True, dark=dark)

    def grade_chart(self, *, dark: bool = False) -> Drawing:
        """Pinned against what do() moves, one dot a factor that can be read."""
        seen = [k for k in self.factors if k.verdict != BLIND]
        rows = [(k.column, k.view, k.effect.value, k.pinned.value) for k in seen]
        return grade_chart(rows, grade=self.grades.grade, p=self.grades.p, dark=dark)


def kept_chart(
    lines: Sequence[Line], *, condition: str, narrow: bool = False, dark: bool = False
) -> Drawing:
    """A dot a factor with its interval; ticks for the null and for random weights.

    Args:
        lines: Factor, verdict, how pinned it is, and the same of an encoder with random
            weights.
        condition: What the denoiser is conditioned on.
        narrow: The numbers are spreads against the world's.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is nothing to show yet.")
    null = NOTHING if narrow else FIXED
    rows = pd.DataFrame([row for line in lines for row in _rows(*line, null)])
    groups = {v: [line for line in lines if line[1] == v] for v in VERDICTS}
    said = "; ".join(
        f"{verdict}: " + ", ".join(f"{name} {one.value:z.2f}" for name, _, one, _ in group)
        for verdict, group in groups.items()
        if group and verdict != BLIND
    )
    blind = ", ".join(line[0] for line in groups[BLIND])
    words = f"What pictures drawn from {condition} share: {SHARES[narrow]}. {said}. "
    words += f"Cannot be read: {blind}. " if blind else ""
    shown = tuple(name for name, verdict, *_ in lines if verdict != BLIND)
    counts = ", ".join(f"{len(group)} {verdict}" for verdict, group in groups.items() if group)
    ends = [max(lines, key=lambda line: line[2].value), min(lines, key=lambda line: line[2].value)]
    most, least = (f"{n} {one.value:z.2f} (null {one.null:z.2f})" for n, _, one, _ in ends)
    short = f"{SHARES[narrow].capitalize()}: most {most}, least {least}. Of {len(lines)} factors "
    short += f"{counts}. {lines[0][2].caption()}."
    return Drawing(
        _kept_spec(shown, narrow, dark), rows, words + f"{lines[0][2].caption()}.", short
    )


def _rows(
    name: str, verdict: str, one: Evidence, random: float | None, null: str
) -> list[dict[str, Any]]:
    if verdict == BLIND:
        return []
    low, high = one.interval or (one.value, one.value)
    dot = {"kind": "factor", "factor": name, "verdict": verdict, "pinned": one.value}
    ticks = [(null, one.null)] + ([] if random is None else [(RANDOM, random)])
    return [
        dot | {"low": low, "high": high},
        *({"kind": "null", "factor": name, "of": what, "pinned": v} for what, v in ticks),
    ]


@lru_cache(maxsize=16)
def _kept_spec(order: tuple[str, ...], narrow: bool, dark: bool) -> dict[str, Any]:
    ends = [LOWEST, HIGHEST] if narrow else [-0.2, 1]
    scale, null = alt.Scale(domain=ends), colour("null", dark=dark)
    y = alt.Y(
        "factor:N",
        sort=list(order),
        title=None,
        axis=alt.Axis(labelOverlap=False, labelLimit=110, ticks=False),
    )
    x = alt.X("pinned:Q", title=TITLES[narrow], scale=scale)
    hues = alt.Scale(domain=list(VERDICTS[:-1]), range=colours(*HUES, dark=dark))
    top = alt.Legend(orient="top")
    paint = alt.Color("verdict:N", title=None, scale=hues, legend=top)
    named = [NOTHING] if narrow else [FIXED, RANDOM]
    marks = alt.Scale(domain=named, range=[TICK, "cross"][: len(named)])
    grey = alt.Legend(orient="top", symbolFillColor="transparent", symbolStrokeColor=null)
    of = alt.Shape("of:N", title=None, scale=marks, legend=grey)
    tips = ["factor:N", alt.Tooltip("pinned:Q", format=".2f")]
    nulls, factors = only("null"), only("factor")
    nulls = nulls.mark_point(color=null, size=70, strokeWidth=2)
    bars = factors.mark_rule(strokeWidth=2)
    dots = factors.mark_point(filled=True, size=70, opacity=1)
    layers = [
        *(dashed_rule(x=alt.datum(end), dark=dark) for end in (0, 1)),
        nulls.encode(x, y, of, tooltip=[*tips, "of:N"]),
        bars.encode(alt.X("low:Q", scale=scale), y, paint, x2="high:Q"),
        dots.encode(x, y, paint, tooltip=[*tips, "verdict:N"]),
    ]
    return built(alt.layer(*layers).properties(height=LEGENDS + 19 * len(order)))
