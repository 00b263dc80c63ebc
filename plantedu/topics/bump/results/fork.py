"""The result of `bump fork`: two arms from one checkpoint, what differs in windows, and the chart.

All panels share their axes, so that a loss which falls under one ruler is seen to rise under
another. The floor ln(K/N) of the objective without a queue is drawn where it holds.

Lesson: 03_bump.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import tyro

from plantedu.charts.chart import Drawing, built, table
from plantedu.charts.palette import colour, colours
from plantedu.charts.training_curves import thinned
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.store.series import Series

SAYS = {
    "loss": "logged loss",
    "ruler/none": "pack without a queue",
    "ruler/queue": "pack with a fresh queue",
    "ruler/kept": "pack with the queue that training keeps",
}
RESULTS = results()


@dataclass(frozen=True)
class Window:
    """What was read in some steps after the fork: D and the level of the control, by name.

    Attributes:
        first, last: Steps after the fork.
        differences: D of each of READ that was read there.
        off, on: Mean of either arm over seeds.
    """

    first: int
    last: int
    differences: dict[str, Evidence]
    off: dict[str, float]
    on: dict[str, float]


@dataclass(frozen=True)
class ForkResult(AsJson):
    """A fork, over one seed of continuing draws or more.

    Attributes:
        checkpoint: What was forked.
        step: Its step.
        steps: How far the arms went on.
        prototypes, batch, queue: Sizes of the run.
        seeds: Of the draws.
        same_weights: D of the logged loss at the first step, on equal weights and batches.
        windows: D afterwards.
        curves: "SEED/NAME": steps and values of all that was read.
    """

    checkpoint: str
    step: int
    steps: int
    prototypes: int
    batch: int
    queue: int
    seeds: tuple[int, ...]
    same_weights: Evidence
    windows: tuple[Window, ...]
    curves: dict[str, tuple[tuple[float, float], ...]]

    def chart(self, *, seed: int | None = None, dark: bool = False) -> Drawing:
        """Both arms under every ruler, of one seed."""
        chosen = self.seeds[0] if seed is None else seed
        runs = {
            name.partition("/")[2]: _series(points)
            for name, points in self.curves.items()
            if name.startswith(f"{chosen}/")
        }
        return fork_chart(
            runs,
            start=self.step,
            prototypes=self.prototypes,
            batch=self.batch,
            queue=self.queue,
            last=self.step + self.steps,
            dark=dark,
        )


def _series(points: Sequence[tuple[float, float]]) -> Series:
    """A curve as charts want it."""
    steps, values = np.array(points, dtype=float).reshape(-1, 2).T
    none = np.full(len(values), math.nan)
    return Series(steps.astype(np.int64), values, none, none, none)


@dataclass(frozen=True)
class Settings:
    """How far a fork goes, and how it is read.

    Attributes:
        steps: Steps that both arms go on.
        every: Steps between readings of the pack, in the first hundred.
        plants: Held-out plants in the pack.
        queue: Pictures in the pack's fresh queue.
    """

    steps: int = 300
    every: int = 5
    plants: int = 128
    queue: int = 512


@dataclass(frozen=True)
class Request(Settings):
    """Fork a training: one arm goes on without the queue, the other switches it on.

    Attributes:
        checkpoint: What is forked: a checkpoint with its optimiser and a full, unused queue.
        seed: Seed of the continuing draws.
        seeds: How many: seed, seed + 1, ...
    """

    checkpoint: tyro.conf.Positional[str] = "bump-0"
    seed: int = 0
    seeds: int = 1

    def __post_init__(self) -> None:
        require(self.seeds >= 1, f"--seeds must be 1 or more, got {self.seeds}.")


def write_recorded(found: ForkResult, command: str, *, folder: Path = RESULTS) -> None:
    """Keep a result: what it says as JSON, its curves as a table beside it."""
    said = found.as_json()
    curves: dict[str, Any] = said.pop("curves")
    rows = [
        (int(seed), name, step, value)
        for key, points in curves.items()
        for seed, _, name in [key.partition("/")]
        for step, value in points
    ]
    table = pd.DataFrame(rows, columns=["seed", "name", "step", "value"])
    squeezed = {"method": "gzip", "mtime": 0}
    table.to_csv(folder / "03_fork.csv.gz", index=False, compression=squeezed)  # type: ignore[arg-type]
    text = json.dumps({"command": command, **said}, indent=1) + "\n"
    (folder / "03_fork.json").write_text(text, encoding="utf-8")


def recorded(*, folder: Path = RESULTS) -> ForkResult:
    """The fork that is kept with the lessons.

    Raises:
        PlantEduError: if it is missing.
    """
    path = folder / "03_fork.json"
    require(path.is_file(), f"{path.name} is missing: `python -m experiments.bump fork`.")
    said = json.loads(path.read_text(encoding="utf-8"))
    said.pop("command")
    table = pd.read_csv(folder / "03_fork.csv.gz")
    said["curves"] = {
        f"{seed}/{name}": list(zip(own["step"].tolist(), own["value"].tolist(), strict=True))
        for (seed, name), own in table.groupby(["seed", "name"], sort=False)  # type: ignore[misc]
    }
    return ForkResult.from_json(said)


ARMS = {"off": "queue off", "on": "queue on"}


PANELS = {
    "loss": "logged loss: what each arm trains on",
    "ruler/none": "fixed plants, no queue",
    "ruler/queue": "fixed plants, fresh queue",
    "ruler/kept": "fixed plants, the queue that training keeps",
}


MOST = 250  # points of one line


def fork_chart(
    runs: Mapping[str, Series],
    *,
    start: int,
    prototypes: int,
    batch: int,
    queue: int,
    last: int = 0,
    dark: bool = False,
) -> Drawing:
    """Both arms of a fork under every ruler, a panel each, on the same axes.

    Args:
        runs: Series "off/loss", "on/loss", "off/ruler/none", ... as a fork logs them; what is
            not there yet is left out.
        start: Step of the checkpoint.
        prototypes, batch, queue: Sizes of the run, for the floor.
        last: Last step, where the axis ends; 0 for the data's own end.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: before the first numbers are there.
    """
    shown = [(p, arm) for p in PANELS for arm in ARMS if len(runs.get(f"{arm}/{p}", ())) > 0]
    require(bool(shown), "This fork has recorded nothing yet.")
    tables = [
        table([thinned(runs[f"{arm}/{panel}"], MOST, "line", ARMS[arm])]).assign(
            panel=PANELS[panel]
        )
        for panel, arm in shown
    ]
    floor = max(0.0, math.log(prototypes / batch))
    panels = list(dict.fromkeys(PANELS[panel] for panel, _ in shown))
    marks = [{"kind": "switch", "panel": panel, "step": start + 0.5} for panel in panels]
    below = [PANELS["loss"], PANELS["ruler/none"]]
    marks += [
        {"kind": "floor", "panel": p, "value": floor, "name": f"no queue: ln(K/N) = {floor:z.2f}"}
        for p in panels
        if p in below
    ]
    rows = pd.concat([*tables, pd.DataFrame(marks)], ignore_index=True)
    said = "; ".join(_in_words(runs, panel) for panel in PANELS if f"off/{panel}" in runs)
    with_queue = max(0.0, math.log(prototypes / (batch + queue)))
    words = (
        f"Two arms from one checkpoint at step {start}, the queue on in one of them. {said}. "
        f"No loss without a queue goes below ln(K/N) = {floor:z.2f} "
        f"(with the queue {with_queue:z.2f})."
    )
    return Drawing(_fork_spec(start, last, dark), rows, words)


def _in_words(runs: Mapping[str, Series], panel: str) -> str:
    """First and last value of both arms; of the logged loss also where it was least."""
    words = []
    for arm, name in ARMS.items():
        series = runs.get(f"{arm}/{panel}")
        if series is not None and len(series):
            values = series.values
            words.append(f"{name} {values[0]:z.2f} to {values[-1]:z.2f}, least {values.min():z.2f}")
    return f"{PANELS[panel]}: {', '.join(words)}"


@lru_cache(maxsize=32)
def _fork_spec(start: int, last: int, dark: bool) -> dict[str, Any]:
    names = list(ARMS.values())
    paint = alt.Scale(domain=names, range=colours("first", "second", dark=dark))
    dash = alt.Scale(domain=names, range=[[5, 3], [1, 0]])
    legend = alt.Legend(orient="top", title=None, symbolSize=400)
    ends = alt.Scale(domain=[start, last]) if last else alt.Scale(zero=False)
    x = alt.X("step:Q", title="step", scale=ends, axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title="nats", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    base = alt.Chart(alt.Data(name="rows"))  # one table for all layers, or panels cannot share it
    lines, switch, level = (
        base.transform_filter(f"datum.kind == '{kind}'") for kind in ("line", "switch", "floor")
    )
    event, floor = colour("event", dark=dark), colour("floor", dark=dark)
    words = level.mark_text(color=floor, align="right", baseline="top", dx=-4, dy=3)
    layers = alt.layer(
        lines.mark_line(strokeWidth=1.6).encode(
            x,
            y,
            alt.Color("name:N", scale=paint, legend=legend),
            alt.StrokeDash("name:N", scale=dash, legend=legend),
            tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".2f")],
        ),
        switch.mark_rule(color=event, strokeDash=[2, 3]).encode(x),
        level.mark_rule(color=floor, strokeDash=[6, 4]).encode(y),
        words.encode(y, x=alt.value("width"), text="name:N"),
    ).properties(width=310, height=165)
    facet = alt.Facet("panel:N", title=None, sort=list(PANELS.values()))
    return built(layers.facet(facet=facet, columns=2))
