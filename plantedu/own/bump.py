"""Where one's own loss steps abruptly: a file, a table, or numbers, beside curves without a step.

The search is `topics/bump/detect`'s; see there for what counts as abrupt, and for its null.

Source: Goncalves & Kilian 2004 [goncalves2004]; Hansen 2000 [hansen2000]. Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.own.finding import Finding
from plantedu.topics.bump.changepoints.curve import Curve, tidy
from plantedu.topics.bump.detect import bump as search
from plantedu.topics.bump.detect import curves_of
from plantedu.topics.bump.results.detect import BumpResult


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class BumpFinding(Finding):
    """The strongest step of each curve, and the whole search behind it.

    Attributes:
        curves: `topics.bump`'s own result of each curve: bumps, null, notes.
    """

    curves: dict[str, BumpResult]

    def chart(self, *, dark: bool = False) -> Drawing:
        """The first curve with its bumps."""
        return next(iter(self.curves.values())).chart(dark=dark)


def bump(
    curve: str | Path | Sequence[float] | np.ndarray | Any,
    *,
    steps: Sequence[float] | np.ndarray | None = None,
    column: str = "",
    split: str = "",
    draws: int = 299,
    seed: int = 0,
) -> BumpFinding:
    """Find where a loss steps abruptly.

    Args:
        curve: A CSV file, the id of a run, numbers, or a table of pandas with step and loss.
        steps: Of numbers; 0, 1, 2, ... by default.
        column: Which column is the loss, where it is not called so.
        split: Which split of a file.
        draws: Draws of the null.
        seed: Draws the null.

    Returns:
        The strongest step of each curve: its statistic T, beside what one curve in twenty without
        a step passes.

    Raises:
        PlantEduError: for a file that cannot be read, or a curve that is too short.

    Source: Hansen 2000 [hansen2000]. Lesson: 03_bump.
    """
    found = {name: search(one, draws=draws, seed=seed)
             for name, one in _curves(curve, steps, column, split).items()}  # fmt: skip
    return BumpFinding(
        title="Where does the loss step abruptly?",
        unit="T of the strongest step",
        lines=tuple((name or "loss", one.evidence) for name, one in found.items()),
        notes=tuple(dict.fromkeys(note for one in found.values() for note in one.notes)),
        settings={"draws": draws, "seed": seed},
        curves=found,
    )


def _curves(curve: Any, steps: Any, column: str, split: str) -> dict[str, Curve]:
    if isinstance(curve, str | Path):
        return curves_of(str(curve), split=split, metric="loss", column=column)[0]
    if hasattr(curve, "columns"):
        names = list(map(str, curve.columns))
        loss = column or next((n for n in ("loss", "value") if n in names), names[-1])
        require(loss in names, f"The table has no column {loss!r}; it has {', '.join(names)}.")
        steps = curve["step"] if "step" in names else steps
        curve = curve[loss]
    values = np.asarray(curve, float).ravel()
    places = np.arange(len(values)) if steps is None else np.asarray(steps, float).ravel()
    require(len(places) == len(values), f"{len(places)} steps for {len(values)} values.")
    return {"loss": tidy(places, values, name="loss")}
