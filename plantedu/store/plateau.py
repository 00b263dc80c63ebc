"""The best plateau of a loss curve: where a second phase may start.

Around a checkpoint at step c take the window of a tenth of the run (50 steps at least, moved
inwards at the ends), cut it into 10 blocks of equal length, and fit a line to the blocks' means.

    flat at c      |slope| + t * stderr(slope) < (highest - lowest smoothed loss) / (2 * steps)
    smoothed at c  mean of the window

So a flat stretch surely falls (or rises) less than half as fast as the run did on average, and a
steady slope has no plateau anywhere. Blocks keep losses that resemble their neighbours from
counting twice. The best plateau is the flat checkpoint with the lowest smoothed loss.

When it misleads: a change of the objective (a queue that starts) moves the loss without anything
being learned, and the end of a one-cycle schedule is flat because the learning rate is nil.

Lesson: 04_family.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import PlantEduError, require

BLOCKS = 10
SHORTEST = 50  # steps of a window
SHARE = 0.5  # of the run's mean slope, which a flat stretch stays below
# Student's t at .975 with BLOCKS - 2 degrees of freedom; to import scipy.stats for it would take a
# first page a second.
QUANTILE = 2.3060041352


@dataclass(frozen=True)
class Stretch:
    """The loss around a checkpoint.

    Attributes:
        step: Of the checkpoint.
        smoothed: Mean loss of the window.
        steepest: Largest |slope| that the window allows, at 95 %, per step.
        flat: Whether that is less than half the run's mean slope.
    """

    step: int
    smoothed: float
    steepest: float
    flat: bool = False


def stretches(steps: np.ndarray, losses: np.ndarray, checkpoints: Sequence[int]) -> list[Stretch]:
    """The loss around each checkpoint.

    Args:
        steps: Steps with a loss, rising, "points".
        losses: Loss of each, "points".
        checkpoints: Steps of the checkpoints.

    Raises:
        PlantEduError: with fewer points than a window has.
    """
    kept = np.isfinite(losses)
    steps, losses = np.asarray(steps)[kept], np.asarray(losses, np.float64)[kept]
    width = max(SHORTEST, len(losses) // 10)
    require(
        len(losses) >= 2 * width,
        f"{len(losses)} steps are too few to tell a plateau from a slope; {2 * SHORTEST} are the "
        "least. Train it on, or choose a longer run.",
    )
    means = np.convolve(losses, np.ones(width) / width, "valid")
    limit = SHARE * (means.max() - means.min()) / len(losses)
    limit = max(limit, 1e-12 * abs(means).max())  # a constant is flat, rounded as it may be
    found = [_around(step, steps, losses, width) for step in checkpoints]
    return [Stretch(s.step, s.smoothed, s.steepest, bool(s.steepest <= limit)) for s in found]


def _around(step: int, steps: np.ndarray, losses: np.ndarray, width: int) -> Stretch:
    """Mean and steepest slope of the window around a step."""
    middle = int(np.searchsorted(steps, step))
    first = min(max(middle - width // 2, 0), len(losses) - width)
    pieces = np.array_split(np.arange(first, first + width), BLOCKS)
    x = np.array([steps[piece].mean() for piece in pieces])
    y = np.array([losses[piece].mean() for piece in pieces])
    x, y = x - x.mean(), y - y.mean()
    slope = (x @ y) / (x @ x)  # scipy's linregress has no stderr for a constant
    stderr = (np.square(y - slope * x).sum() / (BLOCKS - 2) / (x @ x)) ** 0.5
    steepest = abs(slope) + QUANTILE * stderr
    return Stretch(step, float(losses[first : first + width].mean()), float(steepest))


def plateau_checkpoint(steps: np.ndarray, losses: np.ndarray, checkpoints: Sequence[int]) -> int:
    """The checkpoint on the best plateau.

    Args:
        steps: Steps with a loss, rising, "points".
        losses: Loss of each, "points".
        checkpoints: Steps of the checkpoints.

    Raises:
        PlantEduError: if no checkpoint lies on a flat stretch, or the run is too short to tell.
    """
    flat = [one for one in stretches(steps, losses, checkpoints) if one.flat]
    if not flat:
        raise PlantEduError(
            f"None of the {len(checkpoints)} checkpoints lies on a plateau: around each, the loss "
            "may move half as fast as over the whole run. Start at last, or at a step."
        )
    return min(flat, key=lambda one: one.smoothed).step
