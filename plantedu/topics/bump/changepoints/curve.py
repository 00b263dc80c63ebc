"""A loss curve as two arrays, tidied: what was dropped, sorted or averaged is said.

Steps rise, values are finite, each step stands once. Where many rows are missing in a row, there
is a gap; a bump that falls into one cannot be placed better than the gap is wide.
"""

from dataclasses import dataclass

import numpy as np

from plantedu.errors import require

FEWEST = 30  # rows; fewer hold no trend, no noise and no step at once
WIDE = 4.0  # times the usual distance of two rows: a gap


@dataclass(frozen=True, eq=False)
class Curve:
    """One quantity over the steps.

    Attributes:
        name: What it is ("train", "loss", ...).
        steps: "rows", rising.
        values: "rows", finite.
        notes: What was mended on the way, a sentence each.
        spacing: Usual distance of two rows, in steps.
    """

    name: str
    steps: np.ndarray
    values: np.ndarray
    notes: tuple[str, ...]
    spacing: float

    def __len__(self) -> int:
        return len(self.steps)

    def gaps(self) -> list[tuple[float, float]]:
        """Where rows are missing: the last step before and the first step after."""
        wide = np.flatnonzero(np.diff(self.steps) > WIDE * self.spacing)
        return [(float(self.steps[k]), float(self.steps[k + 1])) for k in wide]


def tidy(steps: np.ndarray, values: np.ndarray, *, name: str = "loss") -> Curve:
    """Sort, average repeated steps, drop what is no number.

    Args:
        steps: "rows", any order; NaN where a cell could not be read.
        values: "rows"; NaN where a cell could not be read.
        name: What the curve is called in messages.

    Raises:
        PlantEduError: with fewer than 30 usable rows, or values that never change.
    """
    steps, values = np.asarray(steps, np.float64), np.asarray(values, np.float64)
    require(
        steps.shape == values.shape and steps.ndim == 1,
        f"Curve {name!r} has {steps.size} steps and {values.size} values; it needs one of each.",
    )
    notes: list[str] = []
    good = np.isfinite(steps) & np.isfinite(values)
    if not good.all():
        endless = int(np.isinf(values).sum() + np.isinf(steps).sum())
        rest = int((~good).sum()) - endless
        notes += [f"{rest} rows without a number were dropped."] if rest > 0 else []
        notes += [f"{endless} rows with an infinite value were dropped."] if endless else []
    steps, values = steps[good], values[good]
    if (np.diff(steps) < 0).any():
        notes.append("The steps were not in order; they were sorted.")
        order = np.argsort(steps, kind="stable")
        steps, values = steps[order], values[order]
    steps, values, repeated = merged(steps, values)
    if repeated:
        notes.append(f"{repeated} rows repeat a step; rows of one step were averaged.")
    require(
        len(steps) >= FEWEST,
        f"Curve {name!r} has {len(steps)} usable rows; {FEWEST} are needed to tell a step from "
        "trend and noise. Log more often, or give the whole run.",
    )
    require(
        float(np.ptp(values)) > 0,
        f"Curve {name!r} never changes: it is {values[0]:g} in all {len(steps)} rows. Check "
        "that the right column was logged.",
    )
    curve = Curve(name, steps, values, (), float(np.median(np.diff(steps))))
    if gaps := curve.gaps():
        widest = max(gaps, key=lambda gap: gap[1] - gap[0])
        notes.append(
            f"{len(gaps)} gaps in the steps, the widest from {widest[0]:,.0f} to "
            f"{widest[1]:,.0f}; a bump inside one cannot be placed any closer, and may pass for "
            "trend."
        )
    return Curve(name, steps, values, tuple(notes), curve.spacing)


def merged(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Each step once, with the mean of its values; how many rows that saved."""
    once, where, counts = np.unique(steps, return_inverse=True, return_counts=True)
    if len(once) == len(steps):
        return steps, values, 0
    return once, np.bincount(where, values) / counts, len(steps) - len(once)
