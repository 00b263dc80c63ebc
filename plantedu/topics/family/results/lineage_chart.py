"""The lineage of runs: a bar a run over the steps that its weights have seen, and its branches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require


@dataclass(frozen=True)
class Kin:
    """One run of a family.

    Attributes:
        id: Of the run.
        name: As people call it.
        parent: The run that it started from; "" where there is none in the family.
        left_at: Step of the parent at which it branched off.
        steps: How many it has done.
        state: Of the run.
    """

    id: str
    name: str
    parent: str = ""
    left_at: int = 0
    steps: int = 0
    state: str = "done"


def lineage_chart(family: Sequence[Kin], *, chosen: str = "", dark: bool = False) -> Drawing:
    """Runs below one another, a branch under its parent, each from the step at which it left.

    Args:
        family: The runs, in any order.
        chosen: The run to mark.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without runs, or where a run is its own ancestor.
    """
    require(bool(family), "There are no runs yet; start one, and branch from it.")
    order, begins = in_tree(family)
    rows = []
    for place, one in enumerate(order):
        start = begins[one.id]
        kind = "chosen" if one.id == chosen else "run"
        said = {"name": one.name or one.id, "run": one.id, "state": one.state}
        bar = {"kind": kind, "begin": start, "end": start + max(one.steps, 1), "row": place}
        rows.append(bar | said)
        if one.parent in begins:
            above = next(k for k, other in enumerate(order) if other.id == one.parent)
            rows.append({"kind": "branch", "begin": start, "row": above, "to": place} | said)
    summary = "; ".join(
        f"{one.name or one.id}"
        + (f" from {one.parent} at step {one.left_at}" if one.parent in begins else "")
        for one in order
    )
    words = f"Lineage of {len(order)} runs: {summary}."
    return Drawing(_spec(len(order), dark), pd.DataFrame(rows), words)


def in_tree(family: Sequence[Kin]) -> tuple[list[Kin], dict[str, int]]:
    """The runs, each branch under its parent, and the step at which each one begins.

    Raises:
        PlantEduError: where a run is its own ancestor.
    """
    known = {one.id: one for one in family}
    roots = [one for one in family if one.parent not in known]
    order: list[Kin] = []
    begins: dict[str, int] = {}
    waiting = [(one, 0) for one in reversed(roots)]
    while waiting:
        one, start = waiting.pop()
        order.append(one)
        begins[one.id] = start
        branches = [other for other in family if other.parent == one.id]
        waiting += [(other, start + other.left_at) for other in reversed(branches)]
    lost = sorted(set(known) - set(begins))
    require(not lost, f"The runs {', '.join(lost)} are their own ancestors.")
    return order, begins


@lru_cache(maxsize=32)
def _spec(runs: int, dark: bool) -> dict[str, Any]:
    ink, null, mark = (colour(name, dark=dark) for name in ("event", "null", "floor"))
    y = alt.Y("row:O", axis=None)
    x = alt.X("begin:Q", title="steps since the first run's start", axis=alt.Axis(grid=False))
    tips = ["name:N", "run:N", "state:N"]
    layers = [
        only("branch").mark_rule(color=null, strokeDash=[3, 3]).encode(x, y, y2="to:O"),
        only("run").mark_bar(color=ink, height=6).encode(x, y, x2="end:Q", tooltip=tips),
        only("chosen").mark_bar(color=mark, height=10).encode(x, y, x2="end:Q", tooltip=tips),
    ]
    for kind in ("run", "chosen"):
        words = only(kind).mark_text(align="left", baseline="bottom", dy=-8, color=ink)
        layers.append(words.encode(y, x=alt.value(2), text="name:N"))
    return built(alt.layer(*layers).properties(height=90 + 36 * runs))
