"""A chart of paired differences: one panel a measure, each with its interval, 0 as a rule."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

VERDICTS = ("more", "less", "no difference")
PLOT = 230  # pixels: with the names of its rows it stands on a phone


class Compared(Protocol):
    """A difference as it is drawn."""

    @property
    def evidence(self) -> Evidence: ...
    @property
    def corrected(self) -> float: ...
    @property
    def verdict(self) -> str: ...


def difference_chart(
    lines: Sequence[tuple[str, str, Compared]], *, against: str, dark: bool = False
) -> Drawing:
    """A dot a comparison with its interval, in panels by measure.

    Args:
        lines: Measure, what was compared, and the difference.
        against: What it was compared with.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without lines.
    """
    require(bool(lines), "There is nothing to compare yet.")
    rows = [_row(*line) for line in lines]
    named = {measure: what for measure, what, _ in reversed(lines)}  # no name would be a row more
    rows += [{"measure": m, "what": w, "difference": 0.0, "kind": "zero"} for m, w in named.items()]
    said = "; ".join(
        f"{measure}, {what}: {one.evidence.value:+z.3f}, {one.verdict} (p {one.corrected:z.3f})"
        for measure, what, one in lines
    )
    words = f"Difference from {against}. {said}. {lines[0][2].evidence.caption()}."
    measures = tuple(dict.fromkeys(line[0] for line in lines))
    apart = [line for line in lines if line[2].verdict != "no difference"]
    listed = "; ".join(
        f"{m}, {what}: {d.evidence.value:+z.3f}, {d.verdict}" for m, what, d in apart
    )
    short = (
        f"Less {against}: {len(apart)} of {len(lines)} differ after the correction for many "
        f"comparisons{': ' if listed else ''}{listed}. {lines[0][2].evidence.caption()}."
    )
    return Drawing(_spec(measures, dark), pd.DataFrame(rows), words, short)


def _row(measure: str, what: str, one: Compared) -> dict[str, Any]:
    low, high = one.evidence.interval or (one.evidence.value, one.evidence.value)
    return {
        "kind": "difference",
        "measure": measure,
        "what": what,
        "difference": one.evidence.value,
        "low": low,
        "high": high,
        "p": one.corrected,
        "verdict": one.verdict,
    }


@lru_cache(maxsize=16)
def _spec(measures: tuple[str, ...], dark: bool) -> dict[str, Any]:
    rows = alt.Chart(alt.Data(name="rows"))  # one source for both, as a facet wants it
    base, zero = (rows.transform_filter(f"datum.kind == '{k}'") for k in ("difference", "zero"))
    hues = alt.Scale(domain=list(VERDICTS), range=colours("second", "first", "null", dark=dark))
    paint = alt.Color("verdict:N", scale=hues, title=None, legend=alt.Legend(orient="top"))
    y = alt.Y("what:N", title=None, sort=None, axis=alt.Axis(labelLimit=110, ticks=False))
    x = alt.X("difference:Q", title="difference")
    tips = [
        "what:N",
        *(alt.Tooltip(f"{k}:Q", format=".3f") for k in ("difference", "low", "high", "p")),
    ]
    layers = [
        zero.mark_rule(color=colour("chance", dark=dark), strokeDash=[4, 3]).encode(x),
        base.mark_rule(strokeWidth=2).encode(alt.X("low:Q"), y, paint, x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x, y, paint, tooltip=tips),
    ]
    panel = alt.layer(*layers).properties(width=PLOT, height=alt.Step(22))
    faceted = panel.facet(row=alt.Row("measure:N", title=None, sort=list(measures)))
    return built(faceted.resolve_scale(x="independent", y="independent"))
