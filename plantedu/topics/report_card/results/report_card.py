"""The result of `report-card report-card`: settings, what was found, the chart.

Lesson: 11_report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

WHOLE = alt.Scale(domain=[-0.03, 1.03], nice=False)  # a dot at 0 stays off the labels
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
Hits = tuple[str, bool, Evidence, Evidence, str]
Held = tuple[str, bool, Evidence | None, float | None]


@dataclass(frozen=True)
class Grade:
    """One method on the card.

    Attributes:
        name, lesson, reports, null, trap: Of its trial.
        right: Mean of hits and of correctly silent; null: a coin, and always yes.
        hits: Share reported where planted; null: a coin's.
        alarms: Share reported where not planted; null: the level that is stated, .05.
        coverage: Share of intervals that hold the planted number; null: the level that they state.
            None where the method gives none.
        width: Median width of the intervals, in units of the median planted number; None likewise.
        verdict: "good", "better than a coin" or "not told from a coin"; and, where there are
            intervals, whether they are too narrow.
    """

    name: str
    lesson: str
    reports: str
    null: str
    trap: bool
    right: Evidence
    hits: Evidence
    alarms: Evidence
    coverage: Evidence | None
    width: float | None
    verdict: str


class OfWorlds:
    """What settings that name fresh worlds have in common."""

    worlds: int
    seed: int

    def __post_init__(self) -> None:
        require(1 <= self.worlds <= 1000, f"worlds is a number from 1 to 1000; got {self.worlds}.")
        require(self.seed >= 0, f"A seed is a whole number >= 0; got {self.seed}.")

    @property
    def seeds(self) -> range:
        """Seeds of the worlds."""
        return range(self.seed, self.seed + self.worlds)


@dataclass(frozen=True)
class Settings(OfWorlds):
    """Which methods, on how many worlds.

    A method of your own: `report-card --own FILE.py:NAME --as attribution`, see
    `report-card --own --help`.

    Attributes:
        worlds: Fresh worlds, each with cases of both kinds.
        seed: Of the first world; the others follow.
        methods: Names on the card; none means all.
    """

    worlds: int = 20
    seed: int = 0
    methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportCardResult(AsJson):
    """The card.

    Attributes:
        settings: Which methods and worlds.
        grades: One for each method, in the order of the lessons.
        seconds: CPU seconds that each method took over all worlds, when it was examined.
        code: Hash of the code that was examined.
    """

    settings: Settings
    grades: tuple[Grade, ...]
    seconds: dict[str, float]
    code: str

    def of(self, name: str) -> Grade:
        """One method."""
        return next(one for one in self.grades if one.name == name)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Hits against false alarms, one row a method; coin and always-yes beside them."""
        rows = [(g.name, g.trap, g.hits, g.alarms, g.verdict) for g in self.grades]
        return card_chart(rows, dark=dark)

    def coverage_chart(self, *, dark: bool = False) -> Drawing:
        """How often intervals hold the truth, beside what they state."""
        rows = [(g.name, g.trap, g.coverage, g.width) for g in self.grades if g.coverage]
        return coverage_chart(rows, dark=dark)


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
    said = "; ".join(f"{n}: {h.value:z.2f} and {a.value:z.2f}" for n, _, h, a, _ in rows)
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
    said = "; ".join(f"{name} {e.value:z.2f}" for name, _, e, _ in rows if e)
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
