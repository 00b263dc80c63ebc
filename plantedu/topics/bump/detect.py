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

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from tqdm import tqdm

from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.store.recording import read_recording, recordings
from plantedu.store.store import Store
from plantedu.topics.bump.changepoints.causes import (
    Candidate,
    Happening,
    candidates,
    kind_of,
    published_timeline,
    read_timeline,
)
from plantedu.topics.bump.changepoints.curve import Curve, tidy
from plantedu.topics.bump.changepoints.finding import Bump, Search, find_bumps
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.topics.bump.results.detect_chart import bump_chart, null_chart

PUBLISHED = Path(__file__).parent / "results" / "published-loss-curve.csv"
RECIPE = {"epochs": 600, "steps_per_epoch": 83, "queue_start_pct": 0.5}
QUIET = ("start", "checkpoint", "render done", "paused", "resumed")  # bookkeeping
NO_EVENTS = (
    "No events are known for this curve, so causes cannot be ruled out. The missing record: when "
    "queue, prototypes, epsilon, data, batch size, BatchNorm mode, learning rate or logging "
    "changed. Give --events FILE.json, or the recipe by --epochs and its companions."
)


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


@dataclass(frozen=True)
class Options:
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
        json: Print one JSON object on the last line.
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
    json: bool = False


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


def timeline_of(options: Options, recorded: Sequence[Happening]) -> list[Happening]:
    """Recorded events, those of a file, and those of a recipe, in step order."""
    found = list(recorded)
    if options.events is not None:
        found += read_timeline(options.events)
    if options.epochs or options.steps_per_epoch:
        found += published_timeline(
            epochs=options.epochs,
            steps_per_epoch=options.steps_per_epoch,
            queue_start_pct=options.queue_start_pct,
            lr_peak_pct=options.lr_peak_pct,
        )
    elif not options.source:
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
    )
    return lines + [f"  note: {note}" for note in result.notes]


def _at(step: float) -> str:
    """A step in words; loggers may count in fractions of an epoch."""
    return f"{step:,.0f}" if step == round(step) else f"{step:,.4g}"


def main(argv: list[str]) -> int:
    """`python -m plantedu bump detect [FILE.csv | RUN-ID | RECORDING] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump detect")
    which = {"split": options.split, "metric": options.metric, "column": options.column}
    curves, recorded = curves_of(options.source or str(PUBLISHED), **which)
    timeline = timeline_of(options, recorded)
    knobs = {name: getattr(options, name) for name in ("level", "within", "draws", "seed")}
    results: Mapping[str, BumpResult] = {
        name: bump(curve, timeline, **knobs)
        for name, curve in tqdm(curves.items(), "searching", unit="curve", leave=False)
    }
    for name, result in results.items():
        print("\n".join(said(name, result)))
    if options.json:
        first = next(iter(results.values())).as_json()
        splits = {name: result.as_json() for name, result in results.items()}
        print(json.dumps(first | ({"splits": splits} if len(splits) > 1 else {})))
    return 0
