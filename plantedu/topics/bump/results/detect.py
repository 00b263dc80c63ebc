"""The result of `bump detect`: where a loss steps, what could have done it, and the charts.

Lesson: 03_bump.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import tyro

from plantedu.charts.chart import Drawing, Part, built, mark, only, table
from plantedu.charts.palette import colour, words_ink
from plantedu.charts.training_curves import thinned
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.store.series import Series, buckets
from plantedu.topics.bump.changepoints.causes import Candidate, Happening, candidates
from plantedu.topics.bump.changepoints.curve import Curve
from plantedu.topics.bump.changepoints.finding import Bump, Search

PUBLISHED = Path(__file__).with_name("published-loss-curve.csv")
RECIPE = {"epochs": 600, "steps_per_epoch": 83, "queue_start_pct": 0.5}
NO_EVENTS = (
    "No events are known for this curve, so causes cannot be ruled out. The missing record: when "
    "queue, prototypes, epsilon, data, batch size, BatchNorm mode, learning rate or logging "
    "changed. Say it under *What changed when?* on the page; in a terminal by --events FILE.json, "
    "or the recipe by --epochs and its companions."
)
EXPLAINED = "; the steps accepted, or a bend of the trend, explain it about as well"
SAME = ("level", "null", "strongest", "within", "notes")  # of a search, plain already


TABLE = "table"  # where a request names the file that a learner brought
NONE = -1  # no column was chosen: its name says so
MOST = 1500  # points of a line
Marks = Sequence[tuple[float, str]]  # step and name of an event


@dataclass(frozen=True)
class Settings:
    """Where a loss steps abruptly, and which scheduled event could have done it.

    Attributes:
        source: A CSV with columns step,loss (and split), the id of a run, or the name or folder
            of a recording; the published curve with its recipe if nothing is named.
        split: Which split of the file; all of them by default.
        column: Which column of the file is the loss, where it is not called so.
        metric: Which number of a run or a recording.
        events: A JSON file of events: [{"step": 120, "name": "queue on"}, ...].
        epochs: Length of the recipe, for recipes of the published library; 0 for none.
        steps_per_epoch: Batches an epoch.
        queue_start_pct: Share of the run after which its queue is used.
        lr_peak_pct: Share of the run at which its learning rate peaks.
        level: Share of curves without a step in which one is found.
        within: Rows in which the trend may bend once; what it cannot follow is abrupt.
        draws: Draws of the null; p is at least 1 / (draws + 1).
        seed: Draws the null.
    """

    source: tyro.conf.Positional[str] = ""
    split: str = ""
    column: str = ""
    metric: str = "loss"
    events: Path | None = None
    epochs: int = 0
    steps_per_epoch: int = 0
    queue_start_pct: float = 0.5
    lr_peak_pct: float = 0.25
    level: float = 0.05
    within: int = 48
    draws: int = 299
    seed: int = 0


@dataclass(frozen=True, eq=False)
class BumpResult:
    """What was found in one curve, with what could have made it.

    Attributes:
        search: Bumps, null and notes.
        evidence: The strongest step's T beside the null's quantile.
        timeline: What is known to have happened.
        causes: Of each bump, its candidates, the likeliest first.
        notes: What was mended, and what cannot be said.
    """

    search: Search
    evidence: Evidence
    timeline: tuple[Happening, ...]
    causes: tuple[tuple[Candidate, ...], ...]
    notes: tuple[str, ...]

    @property
    def bumps(self) -> tuple[Bump, ...]:
        """In the order of their steps."""
        return self.search.bumps

    def as_json(self) -> dict[str, Any]:
        """Plain values: bumps with candidates, n, level, null, notes."""
        found = self.search
        bumps = [
            asdict(bump) | {"candidates": [asdict(one) for one in causes]}
            for bump, causes in zip(found.bumps, self.causes, strict=True)
        ]
        return {
            "bumps": bumps,
            "n": len(found.curve),
            "level": found.level,
            "null": {
                "quantile": found.null,
                "of": f"largest T of a curve without a step, 1 - {found.level:g} quantile",
                "block_rows": found.block,
                "draws": len(found.draws),
            },
            "strongest_not_accepted": dict(zip(("statistic", "p"), found.strongest, strict=True)),
            "trend_bends_once_in_steps": found.within,
            "evidence": self.evidence.as_json(),
            "notes": list(self.notes),
        }

    def chart(self, *, dark: bool = False) -> Drawing:
        """The curve, its bumps with their intervals, and the events."""
        names = [causes[0].name for causes in self.causes]
        return bump_chart(self.search, _marks(self.timeline), names, dark=dark)

    def null_chart(self, *, dark: bool = False) -> Drawing:
        """T at each row, with the level that it passes without a step in one curve of twenty."""
        return null_chart(self.search, _marks(self.timeline), dark=dark)


@dataclass(frozen=True, eq=False)
class DetectResult:
    """What was found in each curve of a source, by split."""

    curves: dict[str, BumpResult]

    def as_json(self) -> dict[str, Any]:
        """Plain values of the first curve, of all where there are several, and what is drawn."""
        every = {name: result.as_json() for name, result in self.curves.items()}
        found = next(iter(every.values())) | ({"splits": every} if len(every) > 1 else {})
        drawn = {
            name: shown(result) | {"timeline": [asdict(one) for one in result.timeline]}
            for name, result in self.curves.items()
        }
        return found | {"drawn": drawn}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "DetectResult":
        """Read a result that a run holds, its curves as thin as their charts draw them."""
        return cls(
            {
                name: shown_again(one, [revived(Happening, event) for event in one["timeline"]])
                for name, one in found["drawn"].items()
            }
        )


def lined_up(search: Search, timeline: Sequence[Happening], rows: int) -> BumpResult:
    """What was found in a curve of so many rows, beside what happened."""
    curve, level = search.curve, search.level
    largest = max((one.statistic for one in search.bumps), default=search.strongest[0])
    evidence = Evidence(
        question=f"How strong is the strongest step of {curve.name}, in standard errors?",
        value=largest,
        null=search.null,
        control=f"largest of a curve without a step, {1 - level:.0%} quantile",
        n=rows,
    )
    causes = tuple(candidates(one, timeline, spacing=curve.spacing) for one in search.bumps)
    notes = search.notes if timeline else (*search.notes, NO_EVENTS)
    return BumpResult(search, evidence, tuple(timeline), causes, notes)


def _marks(timeline: Sequence[Happening]) -> list[tuple[float, str]]:
    return [(event.step, event.name) for event in timeline]


def shown(result: BumpResult) -> dict[str, Any]:
    """Plain values of what the charts of a result show."""
    found = result.search
    return {
        "name": found.curve.name,
        "rows": len(found.curve),
        "spacing": found.curve.spacing,
        "curve": _thin(found.curve.steps, found.curve.values),
        "strength": _thin(found.steps, found.statistic),
        "bumps": [asdict(one) for one in found.bumps],
        "draws": found.draws.tolist(),
        **{name: getattr(found, name) for name in SAME},
    }


def shown_again(found: Mapping[str, Any], timeline: Sequence[Happening] = ()) -> BumpResult:
    """A result from what `shown` gave of it, lined up with what happened."""
    steps, values = np.array(found["curve"])
    places, statistic = np.array(found["strength"])
    same: dict[str, Any] = {n: tuple(v) if isinstance(v := found[n], list) else v for n in SAME}
    search = Search(
        curve=Curve(found["name"], steps, values, (), found["spacing"]),
        bumps=tuple(revived(Bump, one) for one in found["bumps"]),
        draws=np.array(found["draws"]),
        steps=places,
        statistic=statistic,
        **same,
    )
    return lined_up(search, timeline, found["rows"])


def _thin(steps: np.ndarray, values: np.ndarray) -> list[list[float]]:
    """As many points as a line is drawn of, with the first and the last."""
    none = np.full(len(steps), np.nan)
    thin = buckets(Series(steps, values, none, none, none), MOST - 2)
    rows = np.unique(np.concatenate(([0], np.searchsorted(steps, thin.steps), [len(steps) - 1])))
    return [steps[rows].tolist(), values[rows].tolist()]


def bump_chart(
    search: Search, events: Marks, causes: Sequence[str] = (), *, dark: bool = False
) -> Drawing:
    """The curve, each bump as a band over its interval with a rule at its step, and the events.

    Args:
        search: What was found.
        events: Step and name of what is known to have happened.
        causes: First candidate of each bump, for the words.
        dark: Whether the page is dark.
    """
    curve = search.curve
    name = curve.name
    parts = [thinned(_series(curve.steps, curve.values), MOST, "line", name)]
    parts += [_band(bump.step, bump.interval, f"{bump.size:+.2g}") for bump in search.bumps]
    parts += [mark("event", event, step=step) for step, event in events]
    found = "; ".join(
        f"one of {bump.size:+z.2f} at step {bump.step:,.0f}, between {bump.interval[0]:,.0f} and "
        f"{bump.interval[1]:,.0f}, p = {bump.p:.2g}"
        + (f", first candidate {cause}" if cause else "")
        for bump, cause in zip(search.bumps, [*causes, *[""] * len(search.bumps)], strict=False)
    )
    said = (
        f"The curve {name} over steps {curve.steps[0]:,.0f} to {curve.steps[-1]:,.0f}, from "
        f"{curve.values[0]:z.2f} to {curve.values[-1]:z.2f}. Bumps: {found or 'none'}. "
        f"{_events_in_words(events)}Null: a step this strong in one curve of "
        f"{1 / search.level:z.0f} without a step (T = {search.null:z.1f})."
    )
    return Drawing(_spec("loss", dark, None), table(parts), said)


def null_chart(search: Search, events: Marks, *, dark: bool = False) -> Drawing:
    """T at each row, and the level that the largest T passes with probability `level` by chance.

    Lobes beside a strong step are its echo in the trend: they are gone once it is cut out.

    Args:
        search: What was found.
        events: Step and name of what is known to have happened.
        dark: Whether the page is dark.
    """
    line = thinned(_series(search.steps, search.statistic), MOST, "line", "T")
    label = f"without a step, {1 - search.level:.0%} of curves stay below {search.null:z.1f}"
    parts = [line, mark("null", label, value=search.null)]
    parts += [mark("event", event, step=step) for step, event in events]
    best = int(search.statistic.argmax())
    said = (
        f"The strength T of a step at each row of {search.curve.name}, in standard errors: "
        f"largest {search.statistic[best]:z.1f} at step {search.steps[best]:,.0f}; null, by "
        f"{len(search.draws)} draws of a wild bootstrap (blocks of {search.block} rows): {label}. "
        f"{_events_in_words(events)}".rstrip()
    )
    return Drawing(_spec("T, standard errors", dark, "null"), table(parts), said)


def _series(steps: np.ndarray, values: np.ndarray) -> Series:
    none = np.full(len(steps), np.nan)
    return Series(steps, values, none, none, none)


def _band(step: float, interval: tuple[float, float], name: str) -> Part:
    """One bump; `low` and `high` are steps here."""
    return Part("bump", name, [step], [np.nan], [interval[0]], [interval[1]])


def _events_in_words(events: Marks) -> str:
    said = ", ".join(f"{name} at step {step:,.0f}" for step, name in events)
    return f"Marked: {said}. " if said else "No events are known. "


@lru_cache(maxsize=8)
def _spec(title: str, dark: bool, level: str | None) -> dict[str, Any]:
    step = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=6, grid=False))
    value = alt.Y("value:Q", title=title, scale=alt.Scale(zero=bool(level)))
    ink, floor, event, null = (
        colour(name, dark=dark) for name in ("loss", "floor", "event", "null")
    )
    layers = [
        only("bump").mark_rect(color=floor, opacity=0.25).encode(x=alt.X("low:Q"), x2="high:Q"),
        only("bump").mark_rule(color=floor, strokeWidth=1.5).encode(step),
        only("bump")
        .mark_text(color=floor, align="left", baseline="bottom", dx=6)
        .encode(step, y=alt.value("height"), text="name:N"),
        only("line")
        .mark_line(color=ink, strokeWidth=1.4)
        .encode(step, value, tooltip=["step:Q", alt.Tooltip("value:Q", format=".3f")]),
        only("event").mark_rule(color=event, strokeDash=[2, 3]).encode(step),
        only("event")
        .mark_text(color=event, align="right", baseline="top", dx=-5)
        .encode(step, y=alt.value(2), text="name:N"),
    ]
    if level:
        words = only("null").mark_text(
            color=words_ink(dark=dark), align="left", baseline="bottom", dx=4, dy=-2
        )
        layers += [
            only("null").mark_rule(color=null, strokeDash=[6, 4], strokeWidth=2).encode(value),
            words.encode(value, x=alt.value(0), text="name:N"),
        ]
    return built(alt.layer(*layers).properties(height=170 if level else 300))
