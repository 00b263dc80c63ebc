"""What `spectrum score` is asked, what it gives, and its chart.

Lesson: 07_spectrum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.pairing import LEAST
from plantedu.topics.spectrum.results.plane import Points

RANDOM = "random-init encoder"
CONTROLS = 5  # random-init encoders that there are
LOG = alt.Axis(format="~g", tickCount=5, labelOverlap=True)
BESIDE = 30  # letters of two names that stand beside each other on a phone
SMALLEST = 1e-6  # smaller values stand on the lower edge of a log axis


@dataclass(frozen=True)
class SpectrumSummary:
    """Eigenvalues in five numbers.

    Attributes:
        score: S, in [-1, 1].
        gain: Mean of |lambda|.
        turn: Mean of |arg lambda| in degrees, weighted by |lambda|: 0 forward, 180 backward.
        spread: Its standard deviation, in degrees.
        departure: Henrici's, in [0, 1).
    """

    score: float
    gain: float
    turn: float
    spread: float
    departure: float


@dataclass(frozen=True)
class Dilution:
    """Two maps from one look: to the other sensor, and to another look of its own.

    Attributes:
        cross: Reading of the map to the other sensor.
        same: Reading of the map to another look of the same sensor.
        gain: Corrected gain, 1 for a copy.
    """

    cross: SpectrumSummary
    same: SpectrumSummary
    gain: float


@dataclass(frozen=True)
class Null:
    """One control.

    Attributes:
        name: Which one.
        score: Mean of S over its draws.
        low: Where S of 19 of 20 draws lie, from; for a few draws their range.
        high: To.
        r2: Mean R2 on held-out plants; None where it means nothing.
        draws: How many.
        p_score: Share of draws with an S at least as high (permutation test); None for no test.
        p_r2: The same of R2.
    """

    name: str
    score: float
    low: float
    high: float
    r2: float | None
    draws: int
    p_score: float | None = None
    p_r2: float | None = None


@dataclass(frozen=True)
class Settings:
    """What is looked at, and how much.

    Attributes:
        layer: h, z or pixels.
        plants: Training plants that maps are fitted to.
        held_out: Held-out plants that R2 is taken on.
        shuffles: Shuffles of the pairs.
        resamples: Resamples of pairs behind the interval of S.
        random_inits: Random-init encoders, 2 (for their difference is a null) to 5.
        crops: Look at two crops as well, to correct for regression dilution.
        seed: Draws shuffles, rotations and resamples.
    """

    layer: str = "z"
    plants: int = 512
    held_out: int = 256
    shuffles: int = 99
    resamples: int = 99
    random_inits: int = 3
    crops: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (
            *(("plants", LEAST), ("held_out", LEAST), ("shuffles", 19), ("resamples", 19)),
            ("random_inits", 2),
        ):
            value = getattr(self, name)
            require(value >= least, f"{name} must be at least {least}, got {value}.")
        controls = self.random_inits
        require(controls <= CONTROLS, f"random_inits is at most {CONTROLS}, got {controls}.")


@dataclass(frozen=True, kw_only=True)
class SpectrumResult(AsJson):
    """One layer of one checkpoint.

    Attributes:
        settings: What was asked for.
        checkpoint: Its name.
        step: Its step.
        world: Whose plants.
        dim: Width of the square map.
        kept: Share of the layer's variance in those dimensions.
        penalty: Of the ridge, over the mean variance.
        score: S; null: mean of random-init encoders.
        r2: R2 on held-out plants; null: the same.
        excess: S less that of random-init encoders; null: one random-init less another.
        reading: Eigenvalues in numbers.
        dilution: Two-crop maps and the corrected gain; None where no crops were looked at.
        verdict: copies, attenuates, rotates, inverts, leans one way, mixed, or carries nothing.
        nulls: Every control.
        values: Eigenvalues, real and imaginary part.
        clouds: Some eigenvalues of each null.
        singular: Singular values of the map, the largest first.
        says: What to mind.
    """

    settings: Settings
    checkpoint: str
    step: int
    world: str
    dim: int
    kept: float
    penalty: float
    score: Evidence
    r2: Evidence
    excess: Evidence
    reading: SpectrumSummary
    dilution: Dilution | None
    verdict: str
    nulls: tuple[Null, ...]
    values: Points
    clouds: dict[str, Points]
    singular: tuple[float, ...]
    says: tuple[str, ...]

    def null(self, name: str) -> Null:
        """One of the controls."""
        return next(one for one in self.nulls if one.name == name)

    def chart(self, cloud: str = "shuffled pairs", *, dark: bool = False) -> Drawing:
        """Eigenvalues in the complex plane, over those of a null."""
        name = f"{self.checkpoint}, {self.settings.layer}"
        return plane_chart(
            name, self.values, self.clouds[cloud], cloud, self.score, self.r2, dark=dark
        )

    def size_chart(self, *, dark: bool = False) -> Drawing:
        """|lambda| beside singular values, log scale: how far from normal the map is."""
        sizes = [float(np.hypot(*point)) for point in self.values]
        return size_chart(sizes, self.singular, self.reading.departure, self.score, dark=dark)


def plane_chart(
    name: str,
    values: Points,
    cloud: Points,
    null: str,
    score: Evidence,
    r2: Evidence | None,
    *,
    dark: bool = False,
) -> Drawing:
    """Eigenvalues as dots, those of the null as grey rings, the unit circle dashed.

    Args:
        name: Whose they are.
        values: Real and imaginary parts.
        cloud: Those of the null.
        null: What the null is.
        score: S.
        r2: Beside it; None where the map has none.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without eigenvalues.
    """
    require(bool(values), "There are no eigenvalues to draw yet.")
    circle = np.linspace(0, 2 * np.pi, 121)
    ring = [
        {"kind": "circle", "order": k, "re": float(np.cos(a)), "im": float(np.sin(a))}
        for k, a in enumerate(circle)
    ]
    dots = [
        {"kind": kind, "order": 0, "re": re, "im": im, "size": float(np.hypot(re, im))}
        for kind, points in (("null", cloud), ("own", values))
        for re, im in points
    ]
    low, high = score.interval or (score.value, score.value)
    beside = "" if r2 is None else f", R2 {r2.value:z.2f} ({r2.control}: {r2.null:z.2f})"
    said = (
        f"{name}: {len(values)} eigenvalues. S {score.value:z.2f} (95 % {low:z.2f} to {high:z.2f}; "
        f"{score.control}: {score.null:z.2f}){beside}. Grey: {null}. {score.caption()}."
    )
    return Drawing(_plane_spec(dark), pd.DataFrame([*ring, *dots]), said)


def size_chart(
    sizes: Sequence[float],
    singular: Sequence[float],
    departure: float,
    score: Evidence,
    *,
    dark: bool = False,
) -> Drawing:
    """|lambda| and singular values of one map by rank; of a normal map they are the same.

    Args:
        sizes: |lambda|, the largest first.
        singular: Singular values, the largest first.
        departure: Henrici's.
        score: S, for the caption.
        dark: Whether the page is dark.
    """
    said = (
        f"Largest |eigenvalue| {sizes[0]:.2f}, largest singular value {singular[0]:.2f}; departure "
        f"from normality {departure:z.2f}. {score.caption()}."
    )
    lines = {"|eigenvalue|": sizes, "singular value": singular}
    return rank_chart(lines, {}, "size", said, dark=dark)


def rank_chart(
    lines: Mapping[str, Sequence[float]],
    nulls: Mapping[str, Sequence[float]],
    title: str,
    said: str,
    *,
    dark: bool = False,
) -> Drawing:
    """Sorted values by rank, both axes logarithmic; nulls dashed.

    Args:
        lines: Values by name, the largest first.
        nulls: The same of controls.
        title: What the values are.
        said: What the chart shows.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is no spectrum to draw yet.")
    rows = [
        {"kind": kind, "name": name, "rank": k + 1, "value": max(float(v), SMALLEST)}
        for kind, group in (("own", lines), ("null", nulls))
        for name, values in group.items()
        for k, v in enumerate(values)
    ]
    names = (*lines, *nulls)
    return Drawing(_rank_spec(names, len(lines), title, dark), pd.DataFrame(rows), said)


@lru_cache(maxsize=2)
def _plane_spec(dark: bool) -> dict[str, Any]:
    ink, null = colour("rgb", dark=dark), colour("null", dark=dark)
    edge = colour("chance", dark=dark)
    x = alt.X("re:Q", title="real part", axis=alt.Axis(tickCount=5), scale=alt.Scale(nice=False))
    y = alt.Y("im:Q", title="imaginary part", axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("re", "im", "size")]
    circle = only("circle").mark_line(color=edge, strokeDash=[4, 3], strokeWidth=1)
    # Rings above the dots: a null's eigenvalues are often small, and would be hidden below them.
    cloud = only("null").mark_point(color=null, size=24, filled=False, strokeWidth=1.2, opacity=0.8)
    own = only("own").mark_point(color=ink, size=46, filled=True, opacity=0.85)
    layers = alt.layer(
        circle.encode(x, y, order="order:Q"),
        own.encode(x, y, tooltip=tips),
        cloud.encode(x, y),
    )
    return built(layers.properties(height=400))


@lru_cache(maxsize=16)
def _rank_spec(names: tuple[str, ...], own: int, title: str, dark: bool) -> dict[str, Any]:
    things = ("rgb", "rgn", "both", "first", "third")
    tints = [colour(things[k % len(things)], dark=dark) for k in range(own)]
    tints += [colour("null", dark=dark)] * (len(names) - own)
    dashes = [
        [1, 0] if k < own else [[4, 3], [1, 2], [8, 3]][(k - own) % 3] for k in range(len(names))
    ]
    x = alt.X("rank:Q", title="rank", scale=alt.Scale(type="log", nice=False), axis=LOG)
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log"), axis=LOG)
    beside = sum(sorted(map(len, names))[-2:]) <= BESIDE
    legend = alt.Legend(
        orient="top", labelLimit=260, columns=2 if beside else 1, symbolType="stroke"
    )
    tint = alt.Color(
        "name:N", title=None, legend=legend, scale=alt.Scale(domain=list(names), range=tints)
    )
    dash = alt.StrokeDash("name:N", legend=None, scale=alt.Scale(domain=list(names), range=dashes))
    tips = ["name:N", "rank:Q", alt.Tooltip("value:Q", format=".3g")]
    lines = alt.Chart(alt.Data(name="rows")).mark_line(
        strokeWidth=2, point=alt.OverlayMarkDef(size=16)
    )
    return built(
        lines.encode(x, y, color=tint, strokeDash=dash, tooltip=tips).properties(height=300)
    )
