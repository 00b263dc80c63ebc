"""The report card as two charts: hits against false alarms, and whether intervals hold."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.statistics.evidence import Evidence

WHOLE = alt.Scale(domain=[-0.03, 1.03], nice=False)  # a dot at 0 stays off the labels
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
Hits = tuple[str, bool, Evidence, Evidence, str]
Held = tuple[str, bool, Evidence | None, float | None]


def card_chart(rows: Sequence[Hits], *, dark: bool = False) -> Drawing:
    """Two dots a method: how often it reports what is there, and what is not.

    Args:
        rows: Name, whether it is a trap, hits, false alarms, verdict.
        dark: Whether the page is dark.
    """
    table = [
        _row(name, trap, what, e, verdict)
        for name, trap, hits, alarms, verdict in rows
        for what, e in (("reported where it is", hits), ("reported where it is not", alarms))
    ]
    said = "; ".join(f"{n}: {h.value:.2f} and {a.value:.2f}" for n, _, h, a, _ in rows)
    words = (
        f"Share reported where the thing is planted, and where it is not: {said}. "
        f"{rows[0][2].seeds} worlds. Null: a coin reports .5 of both, always-yes 1 of both."
    )
    return Drawing(_spec(dark, len(rows)), pd.DataFrame(table), words)


def coverage_chart(rows: Sequence[Held], *, dark: bool = False) -> Drawing:
    """Share of intervals that hold the planted number, beside the .95 that they state.

    Args:
        rows: Name, whether it is a trap, coverage, median width over median truth.
        dark: Whether the page is dark.
    """
    table = [_row(n, trap, "holds the truth", e, "") for n, trap, e, _ in rows if e]
    said = "; ".join(f"{name} {e.value:.2f}" for name, _, e, _ in rows if e)
    words = f"Share of 95 % intervals that hold the planted number: {said}. Null: the stated .95."
    return Drawing(_coverage(dark, len(table)), pd.DataFrame(table), words)


def _row(name: str, trap: bool, what: str, e: Evidence, verdict: str) -> dict[str, Any]:
    low, high = e.interval or (e.value, e.value)
    shown = f"{name} ⚠" if trap else name
    return {
        "kind": "share",
        "method": shown,
        "what": what,
        "value": e.value,
        "low": low,
        "high": high,
        "n": e.n,
        "verdict": verdict,
    }


def _axes(lines: int) -> tuple[alt.X, alt.Y, list[Any]]:
    axis = alt.Axis(labelLimit=190, ticks=False, domain=False, labelOverlap=False)
    y = alt.Y("method:N", title=None, sort=None, axis=axis)
    x = alt.X("value:Q", title="share of cases", scale=WHOLE, axis=alt.Axis(values=TICKS))
    tips = ["method:N", "what:N", "verdict:N", "n:Q"]
    tips += [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("value", "low", "high")]
    return x, y, tips


@lru_cache(maxsize=8)
def _spec(dark: bool, lines: int) -> dict[str, Any]:
    x, y, tips = _axes(lines)
    names = ["reported where it is", "reported where it is not"]
    hues = [colour("both", dark=dark), colour("floor", dark=dark)]
    scale = alt.Scale(domain=names, range=hues)
    legend = alt.Legend(orient="top", columns=1, labelLimit=240)
    hue = alt.Color("what:N", title=None, scale=scale, legend=legend)
    shape = alt.Shape(
        "what:N", title=None, scale=alt.Scale(domain=names, range=["circle", "cross"])
    )
    coin = alt.Chart().mark_rule(color=colour("null", dark=dark), strokeDash=[4, 3])
    shares = only("share")
    layers = [
        coin.encode(x=alt.datum(0.5)),
        shares.mark_rule(strokeWidth=2, opacity=0.45).encode(
            alt.X("low:Q", scale=WHOLE), y, hue, x2="high:Q"
        ),
        shares.mark_point(filled=True, size=75, opacity=1).encode(x, y, hue, shape, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=110 + 22 * lines))


@lru_cache(maxsize=8)
def _coverage(dark: bool, lines: int) -> dict[str, Any]:
    x, y, tips = _axes(lines)
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    shares = only("share")
    layers = [
        alt.Chart()
        .mark_rule(color=null, strokeDash=[4, 3], strokeWidth=2)
        .encode(x=alt.datum(0.95)),
        shares.mark_rule(color=ink, strokeWidth=2).encode(
            alt.X("low:Q", scale=WHOLE), y, x2="high:Q"
        ),
        shares.mark_point(color=ink, filled=True, size=75, opacity=1).encode(x, y, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=80 + 24 * lines))
