"""The result of `bump llc`: coefficients of four checkpoints in one landscape, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.zoo.checkpoint_pairs import Paired

BATCH = 16  # plants per step of a walk


@dataclass(frozen=True)
class Coefficient:
    """One checkpoint under one function.

    Attributes:
        stage: Its name.
        function: Whose codes under which ruler: coefficients of two functions are not comparable.
        start: L(w*), nats.
        value: Mean over chains; None where a walk diverged.
        chains: Of each walk; None for one that diverged.
        traces: L(w) - L(w*) of each walk, burn-in first.
        settled: Whether all walks have.
        says: What is wrong with it, in words; "" for nothing.
    """

    stage: str
    function: str
    start: float
    value: float | None
    chains: tuple[float | None, ...]
    traces: tuple[tuple[float, ...], ...]
    settled: bool
    says: str


@dataclass(frozen=True)
class Settings:
    """The function and the walk.

    Attributes:
        queue: Embeddings per sensor in the ruler that makes the targets; 0 is no queue.
        pack: Held-out plants that L is taken over.
        chains: Walks per checkpoint.
        draws: Steps of a walk that count.
        burn_in: Steps before them.
        step_size: SGLD's.
        localisation: Pull back to the checkpoint.
        sweep: Do it again at other step sizes and localisations.
        seed: Draws crops and walks.
    """

    queue: int = 0
    pack: int = 128
    chains: int = 2
    draws: int = 40
    burn_in: int = 20
    step_size: float = 1e-5
    localisation: float = 1e4
    sweep: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.chains >= 2, f"One walk shows no spread: chains must be 2 or more, "
                f"got {self.chains}.")  # fmt: skip
        require(self.pack >= BATCH, f"pack must be at least {BATCH} plants, got {self.pack}.")


@dataclass(frozen=True)
class Setting:
    """One row of the sweep: value of before, after, control before, control after."""

    step_size: float
    localisation: float
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class LlcResult(AsJson):
    """All four checkpoints under one function.

    Attributes:
        n_beta: Plants times inverse temperature.
        coefficients: Before, after, control before, control after.
        change: After less before; null: the control pair's; None where a walk diverged.
        sweep: The same at other settings.
        known: The walk in bowls and fourth powers, with the coefficient that is true there.
    """

    settings: Settings
    n_beta: float
    coefficients: tuple[Coefficient, ...]
    change: Evidence | None
    sweep: tuple[Setting, ...]
    known: tuple[Evidence, ...]

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every walk's trace, a panel a checkpoint, its coefficient in the panel's name."""
        walks = [(c.stage, c.value, c.traces, c.says) for c in self.coefficients]
        return trace_chart(walks, burn_in=self.settings.burn_in, change=self.change, dark=dark)


@dataclass(frozen=True)
class Request(Paired, Settings):
    """Local learning coefficients of checkpoints in one frozen landscape, by SGLD."""


Walk = tuple[str, float | None, Sequence[Sequence[float]], str]


def trace_chart(
    walks: Sequence[Walk], *, burn_in: int, change: Evidence | None, dark: bool = False
) -> Drawing:
    """How far the loss rises above the checkpoint's own, step by step; a line a walk.

    The control's panels stand beside the event's; a dashed rule marks no rise, and the burn-in is
    drawn pale.

    Args:
        walks: Checkpoint, coefficient, traces and what is wrong with it, event's pair first.
        burn_in: Steps that do not count.
        change: Change of the coefficient; its null is the control pair's.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without walks.
    """
    require(bool(walks), "There are no walks to draw yet.")
    rows = [row for walk in walks for row in _rows(walk, burn_in)]
    said = "; ".join(
        f"{stage} {'diverged' if value is None else f'{value:z.2f}'}"
        + (f" ({says})" if says else "")
        for stage, value, _, says in walks
    )
    verdict = ""
    if change is not None:
        verdict = f" Change {change.value:+z.2f}, control {change.null:+z.2f}. {change.caption()}."
    return Drawing(_spec(dark), pd.DataFrame(rows), f"Learning coefficients: {said}.{verdict}")


def _rows(walk: Walk, burn_in: int) -> list[dict[str, Any]]:
    stage, value, traces, _ = walk
    name = f"{stage}: " + ("diverged" if value is None else f"λ {value:z.2f}")
    return [
        {
            "stage": name,
            "walk": f"walk {k + 1}",
            "step": step,
            "rise": rise,
            "part": "burn-in" if step < burn_in else "counts",
            "zero": 0.0,
        }
        for k, trace in enumerate(traces)
        for step, rise in enumerate(trace)
    ]


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    walks = alt.Scale(
        range=[colour(name, dark=dark) for name in ("first", "second", "third", "fourth", "fifth")]
    )
    parts = alt.Scale(domain=["burn-in", "counts"], range=[0.35, 1.0])
    base = alt.Chart(alt.Data(name="rows"))
    x = alt.X("step:Q", title="step of the walk", axis=alt.Axis(tickCount=4, grid=False))
    y = alt.Y("rise:Q", title="L(w) - L(w*), nats")
    tips = ["stage:N", "walk:N", "step:Q", alt.Tooltip("rise:Q", format=".3f")]
    level = base.mark_line(color=colour("null", dark=dark), strokeDash=[4, 3], strokeWidth=1)
    line = base.mark_line(strokeWidth=1.5)
    layers = alt.layer(
        level.encode(x, alt.Y("zero:Q")),
        line.encode(
            x,
            y,
            color=alt.Color("walk:N", title=None, scale=walks, legend=alt.Legend(orient="top")),
            opacity=alt.Opacity("part:N", scale=parts, legend=None),
            tooltip=tips,
        ),
    ).properties(width=210, height=140)
    return built(layers.facet(facet=alt.Facet("stage:N", title=None, sort=None), columns=2))
