"""Where one run's loss drops, and how long the dip lasts: found in the curve alone.

    z = (mean of the next ten - line through the hundred before) / its standard error

A drop is the first step with z below the limit at which the ten lie below every mean of ten in
those hundred (or the end of a rise would count). Its place is refined by the best fit of two lines
with a step between them. The losses of one run are not independent: z is a score and no p value.

Lesson: 03_bump.
"""

from typing import Any

import numpy as np
import pandas as pd

from plantedu.errors import require
from plantedu.topics.bump.results.switch import ArmRun
from plantedu.topics.bump.results.switch_arms import arm_recipe, switch_step
from plantedu.training.recipe import Recipe

LIMIT = 4.5
BEFORE, AFTER = 100, 10  # steps of the line, and of the mean that is compared with it
COLUMNS = {
    "loss": "loss",
    "entropy": "entropy",
    "ruler/none": "none",
    "ruler/none/entropy": "none_entropy",
    "ruler/queue": "queue",
    "ruler/queue/entropy": "queue_entropy",
    "probe/disease/both": "disease",
    "null/disease/both": "disease_null",
}


def arm_run(arm: str, seed: int, curve: pd.DataFrame, *, recipe: Recipe | None = None) -> ArmRun:
    """What one curve says.

    Args:
        arm: One of ARMS.
        seed: Its seed.
        curve: Data frame with columns loss, none, disease, disease_null, by step.
        recipe: What was trained, where it is not the arm's own.
    """
    recipe = arm_recipe(arm, seed) if recipe is None else recipe
    switch = switch_step(recipe)
    loss = curve["loss"].dropna()
    steps, values = loss.index.to_numpy(), loss.to_numpy()
    place, lowest = find_drop(values)
    at = switch or recipe.steps // 2 + 1
    probed = curve["disease"].dropna() if "disease" in curve else ()
    return ArmRun(
        arm,
        seed,
        switch,
        None if place is None else int(steps[place]),
        round(float(lowest), 2),
        _around(curve["loss"], at),
        _jump(curve["none"], at) if switch else None,
        dip_length(values, switch - int(steps[0])) if switch else None,
        (float(curve["disease"].dropna().iloc[-1]), float(curve["disease_null"].dropna().iloc[-1]))
        if len(probed)
        else None,
    )


def scores(loss: np.ndarray) -> np.ndarray:
    """z of every step: how far the next ten losses lie off the line through the hundred before.

    Args:
        loss: One value a step, "steps".

    Returns:
        z, "steps"; NaN where there are not enough steps on either side.
    """
    found = np.full(len(loss), np.nan)
    t = np.arange(-BEFORE, AFTER) / BEFORE
    line = np.stack([np.ones_like(t), t], 1)
    past, ahead = line[:BEFORE], line[BEFORE:].mean(0)
    solve = np.linalg.pinv(past)
    spread = np.sqrt(ahead @ np.linalg.inv(past.T @ past) @ ahead + 1 / AFTER)
    for step in range(BEFORE, len(loss) - AFTER + 1):
        window = loss[step - BEFORE : step]
        fitted = solve @ window
        sd = np.sqrt(((window - past @ fitted) ** 2).sum() / (BEFORE - 2))
        found[step] = (loss[step : step + AFTER].mean() - ahead @ fitted) / (sd * spread)
    return found


def find_drop(loss: np.ndarray, *, limit: float = LIMIT) -> tuple[int | None, float]:
    """Place of the first drop, None where there is none, and the lowest z of a new low.

    The ten steps that give it away may begin before it, so the place is the one, up to ten steps
    on either side, at which two lines with a step between them fit best.

    Raises:
        PlantEduError: for a curve too short to have a past and a future.
    """
    enough = len(loss) >= BEFORE + AFTER
    require(enough, f"A drop needs {BEFORE + AFTER} steps to be looked for in, got {len(loss)}.")
    z, tens = scores(loss), np.full(len(loss), np.nan)
    tens[AFTER - 1 :] = np.convolve(loss, np.ones(AFTER) / AFTER, mode="valid")  # up to each step
    lows: Any = pd.Series(tens).rolling(BEFORE - AFTER + 1).min()
    least = lows.shift(1).to_numpy()
    ahead = np.append(tens[AFTER - 1 :], np.full(AFTER - 1, np.nan))  # of the ten from each on
    z = np.where(ahead < least, z, np.nan)
    below = np.flatnonzero(z < -limit)
    lowest = float(np.nanmin(z)) if np.isfinite(z).any() else 0.0
    if not len(below):
        return None, lowest
    first = int(below[0])
    low, high = max(0, first - 60), min(len(loss), first + 2 * AFTER)
    window, t = loss[low:high], np.arange(low, high)
    places = range(max(low + 3, first - AFTER), min(high - 3, first + AFTER + 1))
    return min(places, key=lambda place: _misfit(window, t - place)), lowest


def _misfit(values: np.ndarray, t: np.ndarray) -> float:
    """Squared residuals of two lines with a step at t = 0."""
    after = (t >= 0).astype(float)
    design = np.stack([np.ones(len(t)), t, after, after * t], 1)
    fitted, *_ = np.linalg.lstsq(design, values, rcond=None)
    return float(((values - design @ fitted) ** 2).sum())


def dip_length(loss: np.ndarray, switch: int) -> int | None:
    """Steps from the switch until a mean of ten is back half way from its lowest.

    Args:
        loss: One value a step.
        switch: Place of the first loss under the new objective.
    """
    before = loss[max(0, switch - 50) : switch].mean()
    smooth = np.convolve(loss[switch:], np.ones(AFTER) / AFTER, mode="valid")
    lowest = int(smooth.argmin())
    back = np.flatnonzero(smooth[lowest:] > (before + smooth[lowest]) / 2)
    return int(lowest + back[0] + AFTER // 2) if len(back) else None


def _around(series: Any, at: int) -> float:
    """Mean of ten steps from `at` on minus the mean of the ten before."""
    after, before = series.loc[at : at + 9].mean(), series.loc[at - 10 : at - 1].mean()
    return float(after - before)


def _jump(series: Any, at: int) -> float | None:
    """Change in one step; None where one of both was not read."""
    change = float(series.get(at, np.nan)) - float(series.get(at - 1, np.nan))
    return change if np.isfinite(change) else None
