"""Four rules that read a learning rate off the curve of a learning-rate finder.

    valley   longest strictly falling subsequence of the smoothed loss; half way into it
    steep    the rate at which d loss / d ln rate is lowest
    minimum  a tenth of the rate at the lowest loss
    slide    from the right, 15 points at a time, while the slopes at both ends differ by > .005

smoothed_i = lerp of the losses, beta .98, divided by 1 - .98^i. The first tenth and the last five
points are left out. Each is what fastai 2.8 does, its habits included: valley counts its start
back from the end by the subsequence's *length*, slide's .005 is in units of the loss.

A rule always answers: `on_flat_curves` shows what it says where there is nothing to find.

Source: Smith 2015 [smith2015], who reads the curve by eye; the rules are fastai's
(fastai/callback/schedule.py). Lesson: 04_family.
"""

from collections.abc import Callable, Mapping

import numpy as np

from plantedu.errors import require

BETA = 0.98
LAST = 5  # points left out at the end
FEWEST = 17  # slide looks 15 points back from the last one


def smoothed(losses: np.ndarray) -> np.ndarray:
    """Exponentially smoothed losses, without the bias of starting at zero."""
    found, value = np.empty(len(losses)), 0.0
    for k, loss in enumerate(losses):
        value = BETA * value + (1 - BETA) * float(loss)
        found[k] = value / (1 - BETA ** (k + 1))
    return found


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """Half way into the longest falling subsequence."""
    lengths = np.ones(len(losses), dtype=int)
    for i in range(1, len(losses)):
        above = lengths[:i][losses[:i] > losses[i]]
        lengths[i] = 1 + (above.max() if len(above) else 0)
    end = int(lengths.argmax())
    start = end - int(lengths[end])
    third = (end - start) / 3
    return float(rates[start + int(third) + int(third / 2)])


def steep(rates: np.ndarray, losses: np.ndarray) -> float:
    """Where the loss falls fastest per factor of the rate."""
    return float(rates[(np.diff(losses) / np.diff(np.log(rates))).argmin()])


def minimum(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate at the lowest loss."""
    return float(rates[losses.argmin()]) / 10


def slide(rates: np.ndarray, losses: np.ndarray) -> float:
    """Left end of the last interval whose two slopes still differ."""
    slopes = np.gradient(losses)
    right, left = -1, -16
    chosen = rates[left]
    while left >= -len(losses) and abs(slopes[right] - slopes[left]) > 0.005:
        chosen = rates[left]
        right, left = right - 1, left - 1
    return float(chosen)


RULES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "valley": valley,
    "steep": steep,
    "minimum": minimum,
    "slide": slide,
}


def suggestions(rates: np.ndarray, losses: np.ndarray, *, iterations: int) -> dict[str, float]:
    """What each rule says of a curve.

    Args:
        rates: Learning rate of each step, rising.
        losses: Smoothed loss of each step.
        iterations: Steps that the whole ramp has; a curve that diverged is shorter.

    Raises:
        PlantEduError: if too few points are left to look at.
    """
    kept = slice(iterations // 10, -LAST)
    rates, losses = np.asarray(rates)[kept], np.asarray(losses)[kept]
    require(
        len(rates) >= FEWEST and bool(np.isfinite(losses).all()),
        f"{len(rates)} finite points are left of the learning-rate curve after its ends are cut; "
        f"the rules need {FEWEST}: lower the start or raise the iterations.",
    )
    return {name: rule(rates, losses) for name, rule in RULES.items()}


def on_flat_curves(
    rates: np.ndarray,
    *,
    level: float,
    noise: float,
    generator: np.random.Generator,
    draws: int = 200,
) -> Mapping[str, np.ndarray]:
    """What each rule says where the learning rate does nothing: the null.

    Args:
        rates: Learning rate of each step of the whole ramp.
        level: The flat loss.
        noise: Standard deviation of the loss from batch to batch, before smoothing.
        generator: Draws the noise.
        draws: How many curves.

    Returns:
        Suggestions by rule, "draws".
    """
    curves = level + noise * generator.standard_normal((draws, len(rates)))
    found = [suggestions(rates, smoothed(curve), iterations=len(rates)) for curve in curves]
    return {name: np.array([one[name] for one in found]) for name in RULES}


def batch_noise(losses: np.ndarray) -> float:
    """Standard deviation from batch to batch, from neighbours, so that a slope counts little."""
    half = np.asarray(losses, dtype=float)[: max(len(losses) // 2, 3)]
    return float(np.sqrt(np.mean(np.diff(half) ** 2) / 2))
