"""What `similarity failure-modes` is asked, what it gives, and its chart.

Lesson: 06_similarity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, VALUES, colour, colours
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.similarity.results.measure_names import LABELS


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        n: Plants of noise.
        columns: d, one after the other.
        draws: Pairs of noise for each.
        encoder: Whose h has plants moved.
        plants: Held-out plants of it.
        moved: Disease class whose plants are moved.
        far: c, in units of the mean length of a centred h.
        seed: Draws noise and direction.
    """

    n: int = 100
    columns: tuple[int, ...] = (8, 32, 128, 512, 2048)
    draws: int = 20
    encoder: str = "cross-0"
    plants: int = 512
    moved: str = "brown"
    far: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class FailureModesResult(AsJson):
    """Both exhibits.

    Attributes:
        settings: What was asked for.
        biased: By number of columns, biased CKA of independent noise; null: debiased, same noise.
        formula: What theory says of `biased`.
        moved: By measure, its value at each distance.
        limit: CKA at infinite distance, by the formula.
        reader: Accuracy of a linear reader of disease before and after moving, at each distance.
        prior: Accuracy of the commonest class.
    """

    settings: Settings
    biased: dict[int, Evidence]
    formula: dict[int, float]
    moved: dict[str, tuple[float, ...]]
    limit: float
    reader: tuple[float, ...]
    prior: float

    def chart(self, *, dark: bool = False) -> Drawing:
        """CKA of independent noise by the number of columns."""
        columns = list(self.biased)
        biased = [one.value for one in self.biased.values()]
        debiased = [one.null for one in self.biased.values()]
        last = self.biased[columns[-1]]
        says = (
            f"CKA of independent noise, {self.settings.n} plants. Biased: "
            + ", ".join(f"{v:z.2f} at {d} columns" for d, v in zip(columns, biased, strict=True))
            + f". Debiased: between {min(debiased):z.3f} and {max(debiased):z.3f}. Diamonds: the "
            f"formula. Dashed: 0, the truth. {last.caption()}."
        )
        return failure_modes_chart(
            [("biased", columns, biased), ("debiased", columns, debiased)],
            x="columns",
            y="CKA of independent noise",
            says=says,
            null=("no relation", 0.0),
            marks=list(self.formula.items()),
            dark=dark,
        )

    def moved_chart(self, *, dark: bool = False) -> Drawing:
        """Each measure of h with itself, some plants moved away."""
        far = list(self.settings.far)
        lines = [(SHORT[name], far, values) for name, values in self.moved.items()]
        said = "; ".join(f"{name} {values[-1]:z.2f}" for name, _, values in lines)
        says = (
            f"h of {self.settings.encoder} against itself with all plants with "
            f"{NAMES[self.settings.moved]} moved in one direction. At {far[-1]:g} lengths: {said}. "
            f"A linear reader names the disease right in {self.reader[0]:z.2f} before and "
            f"{self.reader[-1]:.2f} after (commonest class: {self.prior:.2f}). Dashed: CKA's limit "
            f"by the formula, {self.limit:z.3f}. n = {self.settings.plants}, 1 seed."
        )
        return failure_modes_chart(
            lines,
            x="distance moved, in mean lengths of h",
            y="similarity of h with itself",
            says=says,
            null=("limit of CKA", self.limit),
            dark=dark,
        )


SHORT = {**LABELS, "nbs": "Bures", "rsa": "RSA", "ridge": "ridge predictivity"}


Line = tuple[str, Sequence[float], Sequence[float]]


def failure_modes_chart(
    lines: Sequence[Line],
    *,
    x: str,
    y: str,
    says: str,
    logarithmic: bool = True,
    null: tuple[str, float] | None = None,
    marks: Sequence[tuple[float, float]] = (),
    dark: bool = False,
) -> Drawing:
    """A line for each measure; a dashed rule for the null.

    Args:
        lines: (name, places, values).
        x: Title of the horizontal axis.
        y: Title of the vertical axis.
        says: What the chart shows.
        logarithmic: Whether places are spaced by ratio.
        null: Its name and value.
        marks: Points that theory gives, (place, value).
        dark: Whether the page is dark.
    """
    rows: list[dict[str, Any]] = [
        {"kind": "line", "measure": name, "x": float(a), "y": float(b)}
        for name, places, values in lines
        for a, b in zip(places, values, strict=True)
    ]
    rows += [{"kind": "theory", "measure": "formula", "x": a, "y": b} for a, b in marks]
    if null:
        rows.append({"kind": "null", "measure": null[0], "y": null[1]})
    names = tuple(name for name, *_ in lines)
    return Drawing(_spec(names, x, y, logarithmic, dark), pd.DataFrame(rows), says)


@lru_cache(maxsize=16)
def _spec(names: tuple[str, ...], x: str, y: str, logarithmic: bool, dark: bool) -> dict[str, Any]:
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False)
    across = alt.X("x:Q", title=x, scale=scale, axis=alt.Axis(grid=False, tickCount=5))
    up = alt.Y("y:Q", title=y)
    tints = alt.Scale(domain=list(names), range=colours(*VALUES[: len(names)], dark=dark))
    tint = alt.Color(
        "measure:N",
        title=None,
        scale=tints,
        legend=alt.Legend(orient="top", columns=3, symbolType="stroke", symbolStrokeWidth=3),
    )
    dash = alt.StrokeDash("measure:N", legend=None, scale=alt.Scale(domain=list(names)))
    tips = ["measure:N", alt.Tooltip("x:Q", format=".4~g"), alt.Tooltip("y:Q", format=".3f")]
    null = colour("null", dark=dark)
    layers = [
        only("null").mark_rule(strokeDash=[4, 3], color=null, strokeWidth=2).encode(up),
        only("line").mark_line(strokeWidth=2).encode(across, up, color=tint, strokeDash=dash),
        only("line").mark_point(filled=True, size=40, opacity=1).encode(
            across, up, color=tint, tooltip=tips
        ),
        only("theory").mark_point(shape="diamond", size=110, color=null, strokeWidth=2).encode(
            across, up, tooltip=tips
        ),
    ]  # fmt: skip
    return built(alt.layer(*layers).properties(height=280))
