"""Where a loss steps abruptly, how sure that is, and which scheduled event could have done it.

    T_k = |step fitted at row k| / its standard error,   p = P(max_k T_k of the null >= the largest)

The smooth trend is a spline that bends at most once in N rows; autocorrelation is filtered out;
the null gives what is left new signs, a block at a time, and searches all rows again, so p is for
the whole curve.
Found bumps are cut out and the rest is searched, given those. See `changepoints` for the
formulas and for what counts as abrupt.

Candidates are ordered by prior plausibility times nearness: objective, data, learning rate,
logging, and last of all learning. Coincidence is suspicion; the test is to move the event. Where
no events were recorded no cause can be ruled out, and the result says which record is missing. A
smoothed loss steps late and slowly: through a moving average that remembers 50 steps, a step of
four sd of the logged noise is placed within one logging interval in fewer than half of the series
logged every 50 steps, and hardly ever seen where every step is logged
(experiments/validity/bump_power.py, lessons/results/03_power.json). Search the raw numbers where
there are some.

Without a file, the published curve that the lesson begins with is searched, with its recipe.

Source: the null, Goncalves & Kilian 2004 [goncalves2004]; interval of the step, Hansen 2000
[hansen2000]; the curve, Muhia [muhia2022]. Lesson: 03_bump.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.errors import PlantEduError, require
from plantedu.store.recording import read_recording, recordings
from plantedu.store.store import Store
from plantedu.topics.bump.changepoints.causes import (
    Happening,
    kind_of,
    published_timeline,
    read_timeline,
)
from plantedu.topics.bump.changepoints.curve import Curve, tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.topics.bump.results.detect import (
    EXPLAINED,
    PUBLISHED,
    RECIPE,
    BumpResult,
    DetectResult,
    Settings,
    lined_up,
)
from plantedu.topics.method import Context, Method

QUIET = ("start", "checkpoint", "render done", "paused", "resumed")  # bookkeeping


def bump(
    curve: Curve,
    timeline: Sequence[Happening] = (),
    *,
    level: float = 0.05,
    within: int = 48,
    draws: int = 299,
    seed: int = 0,
) -> BumpResult:
    """Find the bumps of a curve and line them up with what happened.

    Args:
        curve: Steps and values.
        timeline: What is known to have happened; empty where nothing was recorded.
        level: Share of curves without a step in which one is found.
        within: N, rows in which the trend may bend once; what it cannot follow is abrupt.
        draws: Draws of the null.
        seed: Draws the null.
    """
    search = find_bumps(curve, level=level, within=within, draws=draws, seed=seed)
    return lined_up(search, timeline, len(curve))


def curves_of(
    source: str, *, split: str, metric: str, column: str = ""
) -> tuple[dict[str, Curve], list[Happening]]:
    """Curves by split, and the events that lie beside them.

    Raises:
        PlantEduError: if the source is no file, no run and no recording, or cannot be read.
    """
    path = Path(source)
    if path.is_file():
        return read_curves(path, split=split, column=column), []
    require(not column, f"{source} is no file; choose a number of a run by --metric.")
    require(not split, f"{source} is no file, so it has no split {split!r}.")
    folder = path if (path / "run.json").is_file() else recordings().get(source)
    if folder is not None:
        record = read_recording(folder)
        rows = [row for row in record.metrics() if row.name == metric]
        require(bool(rows), f"Recording {source} has no metric {metric!r}.")
        steps, values = np.array([(row.step, row.value) for row in rows]).T
        curve = tidy(steps, values, name=metric)
        return {metric: curve}, _recorded(record.events())
    if path.suffix or len(path.parts) > 1:
        raise PlantEduError(f"There is no file {source}.")
    store = Store()
    series = store.metrics(source, [metric]).get(metric)
    if series is None:
        known = ", ".join(store.metric_names(source)) or "nothing yet"
        raise PlantEduError(f"Run {source} has no metric {metric!r}; it recorded {known}.")
    curve = tidy(series.steps, series.values, name=metric)
    return {metric: curve}, _recorded(store.events(source))


def _recorded(events: Sequence[Any]) -> list[Happening]:
    """What changed the run, not its bookkeeping."""
    return [
        Happening(float(event.step), event.name, kind_of(event.name), event.detail)
        for event in events
        if event.name not in QUIET
    ]


def timeline_of(settings: Settings, recorded: Sequence[Happening]) -> list[Happening]:
    """Recorded events, those of a file, and those of a recipe, in step order."""
    found = list(recorded)
    if settings.events is not None:
        found += read_timeline(settings.events)
    if settings.epochs or settings.steps_per_epoch:
        found += published_timeline(
            epochs=settings.epochs,
            steps_per_epoch=settings.steps_per_epoch,
            queue_start_pct=settings.queue_start_pct,
            lr_peak_pct=settings.lr_peak_pct,
        )
    elif not settings.source:
        found += published_timeline(**RECIPE)
    return sorted(found, key=lambda event: event.step)


def said(name: str, result: BumpResult) -> list[str]:
    """The result in lines."""
    search = result.search
    found = len(search.bumps)
    lines = [f"{name}: {found} bump{'' if found == 1 else 's'} in {len(search.curve):,} rows"]
    for one, causes in zip(search.bumps, result.causes, strict=True):
        low, high = one.interval
        lines.append(
            f"  step {_at(one.step)} [{_at(low)}, {_at(high)}]  size {one.size:+.3g} "
            f"[{one.size_interval[0]:+.3g}, {one.size_interval[1]:+.3g}]  p {one.p:.3g}  "
            f"T {one.statistic:.1f} (null {one.null:.1f})"
        )
        for place, cause in enumerate(causes, 1):
            away = "" if cause.distance is None else f" ({cause.distance:+,.0f} steps)"
            lines.append(f"    {place}. {cause.name}{away}: {cause.why}")
    statistic, p = search.strongest
    lines.append(
        f"  strongest step not accepted: T {statistic:.1f}, p {p:.2g}, level {search.level:g}"
        + EXPLAINED * (p <= search.level)
    )
    return lines + [f"  note: {note}" for note in result.notes]


def _at(step: float) -> str:
    """A step in words; loggers may count in fractions of an epoch."""
    return f"{step:,.0f}" if step == round(step) else f"{step:,.4g}"


def _run(settings: Settings, context: Context) -> DetectResult:
    named = context.work is None or re.fullmatch(r"[\w-]*", settings.source) is not None
    require(named, "A page names a run or a recording, not a file.")
    which = {"split": settings.split, "metric": settings.metric, "column": settings.column}
    curves, recorded = curves_of(settings.source or str(PUBLISHED), **which)
    timeline = timeline_of(settings, recorded)
    knobs = {name: getattr(settings, name) for name in ("level", "within", "draws", "seed")}
    found = {}
    for name, curve in curves.items():
        context.check()
        found[name] = bump(curve, timeline, **knobs)
        context.step(len(found), len(curves))
    return DetectResult(found)


def tell(result: DetectResult) -> None:
    """Print a result."""
    for name, one in result.curves.items():
        print("\n".join(said(name, one)))


METHOD = Method(Settings, _run, tell, here_alone=("events",))
