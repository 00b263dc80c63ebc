"""The result of `bump diagnosis`: how often right and how sure, and the charts.

Lesson: 03_bump.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.label_places import in_lines
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS

NAMES = 200  # pixels that the longest name of a cause takes

Bin = tuple[float, int, float, float]  # middle, cases, mean confidence, share right


@dataclass(frozen=True)
class Settings:
    """Diagnose fresh blinded cases from runs that the diagnosis never saw.

    Attributes:
        cases: How many.
        seed: Draws them, and every null.
    """

    cases: int = 120
    seed: int = 0

    def __post_init__(self) -> None:
        enough = self.cases >= len(KEYS)
        require(enough, f"Ask for {len(KEYS)} cases or more, got {self.cases}.")
        require(0 <= self.seed < 1000, f"seed must be from 0 to 999, got {self.seed}.")


@dataclass(frozen=True)
class DiagnosisResult:
    """The diagnosis of many cases.

    Attributes:
        accuracy: Share right; its null is fitted to shuffled causes.
        curve_alone: The same without any test; the null is one of as many causes by luck.
        log_alone: The same with the tests that every log answers (raw loss, rate, parts, steps,
            rows); the null is the curve alone.
        ece: Expected calibration error.
        brier: Brier score over all causes; the null states equal shares.
        recall: Share right of each cause's cases.
        counts: Cases of cause i called j.
        bins: Middle, cases, mean confidence, share right.
        temperature: T of the fit.
        runs: Held-out runs that the cases came from.
        reference_runs: Runs that the diagnosis was fitted on.
    """

    accuracy: Evidence
    curve_alone: Evidence
    log_alone: Evidence
    ece: Evidence
    brier: Evidence
    recall: dict[str, float | None]
    counts: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]
    temperature: float
    runs: int
    reference_runs: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the names of the causes."""
        return {"causes": list(KEYS), **asdict(self)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "DiagnosisResult":
        """Read a result that a file holds."""
        return revived(cls, {name: value for name, value in found.items() if name != "causes"})

    def chart(self, what: str = "confusion", *, dark: bool = False) -> Drawing:
        """Who is taken for whom, or "reliability"."""
        require(
            what in ("confusion", "reliability"), f"Draw confusion or reliability, not {what!r}."
        )
        if what == "confusion":
            return clinic_confusion(self.counts, [one.label for one in CAUSES], dark=dark)
        return reliability_chart(self.bins, self.ece.value, self.ece.null, dark=dark)


def clinic_confusion(
    counts: Sequence[Sequence[int]], labels: Sequence[str], *, dark: bool = False
) -> Drawing:
    """Cases of each cause by what they were called; small below a count, what luck would give.

    Args:
        counts: Cases of cause i called j, "causes causes".
        labels: Names of the causes.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: for a table without cases.
    """
    found = np.asarray(counts, dtype=float)
    require(found.sum() > 0, "A table of diagnoses needs at least one case.")
    by_luck = found.sum(1, keepdims=True) * found.sum(0, keepdims=True) / found.sum()
    rows = pd.DataFrame(
        {
            "kind": "cell",
            "is": labels[i],
            "called": labels[j],
            "cases": int(found[i, j]),
            "share": found[i, j] / max(found[i].sum(), 1),
            "by luck": by_luck[i, j],
        }
        for i in range(len(labels))
        for j in range(len(labels))
    )
    wrong = rows[(rows["is"] != rows["called"]) & (rows["cases"] > 0)]
    rows_in_words = "; ".join(
        f"{one['cases']} of {one['is']} called {one['called']} (by luck {one['by luck']:z.1f})"
        for _, one in wrong.iterrows()
    )
    right = float(np.trace(found) / found.sum())
    luck = float(np.trace(by_luck) / found.sum())
    said = (
        f"Of {int(found.sum())} cases {right:.0%} were called what they are; by luck {luck:.0%}. "
        f"Taken for another: {rows_in_words or 'none'}."
    )
    return Drawing(_confusion(tuple(labels), dark), rows, said)


def reliability_chart(
    bins: Sequence[Bin], ece: float, null: float, *, dark: bool = False
) -> Drawing:
    """Share of right diagnoses over stated confidence, beside the diagonal.

    Args:
        bins: Middle, cases, mean confidence and share right of each bin that holds cases.
        ece: Expected calibration error.
        null: The same for a forecaster who is right exactly as often as stated.
        dark: Whether the page is dark.
    """
    table = pd.DataFrame(bins, columns=["middle", "cases", "confidence", "right"])
    table["kind"] = "bin"
    ends = pd.DataFrame({"kind": "null", "confidence": [0.0, 1.0], "right": [0.0, 1.0]})
    summary = "; ".join(f"{c} cases stated {m:z.2f}, right {r:z.2f}" for _, c, m, r in bins)
    said = (
        f"Reliability: {summary}. Expected calibration error {ece:z.3f}; a forecaster who is right "
        f"exactly as often as stated would get {null:.3f} from so few cases. In grey: the diagonal."
    )
    return Drawing(_reliability(dark), pd.concat([table, ends], ignore_index=True), said)


@lru_cache(maxsize=4)
def _confusion(labels: tuple[str, ...], dark: bool) -> dict[str, Any]:
    upright = alt.Axis(labelAngle=-90, labelLimit=NAMES, labelOverlap=False)
    x = alt.X("called:N", title="called", sort=list(labels), axis=upright)
    lines = alt.Axis(labelExpr=in_lines(labels), labelOverlap=False)
    y = alt.Y("is:N", title="is", sort=list(labels), axis=lines)
    name = "dark" if dark else "light"
    paint = alt.Scale(domain=[0, 1], range=[PAGE[name], colour("both", dark=dark)])
    fill = alt.Color("share:Q", scale=paint, legend=None)
    strong = alt.value(PAGE[name])
    ink = alt.condition("datum.share > .5", strong, alt.value(INK[name]))
    tips = ["is:N", "called:N", "cases:Q", alt.Tooltip("by luck:Q", format=".1f")]
    base = only("cell")
    filled = base.transform_filter("datum.cases > 0")
    return built(
        alt.layer(
            base.mark_rect(stroke=colour("null", dark=dark), strokeWidth=0.4).encode(
                x, y, fill, tooltip=tips
            ),
            filled.mark_text(fontSize=12).encode(x, y, text="cases:Q", color=ink),
        ).properties(height=46 * len(labels) + NAMES)
    )


@lru_cache(maxsize=2)
def _reliability(dark: bool) -> dict[str, Any]:
    ends = alt.Scale(domain=[0, 1])
    x = alt.X("confidence:Q", title="stated confidence", scale=ends)
    y = alt.Y("right:Q", title="share right", scale=ends)
    grey, ink = colour("null", dark=dark), colour("loss", dark=dark)
    size = alt.Size("cases:Q", legend=None, scale=alt.Scale(range=[40, 400]))
    tips = [
        "cases:Q",
        alt.Tooltip("confidence:Q", format=".2f"),
        alt.Tooltip("right:Q", format=".2f"),
    ]
    return built(
        alt.layer(
            only("null").mark_line(color=grey, strokeDash=[4, 3]).encode(x, y),
            only("bin")
            .mark_point(color=ink, filled=True, opacity=0.9)
            .encode(x, y, size, tooltip=tips),
        ).properties(height=260)
    )
