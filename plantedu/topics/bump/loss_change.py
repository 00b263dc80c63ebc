"""How a change of the loss is spread over plants, and who made it.

    d_i = L_i(after) - L_i(before),        share = sum of the tenth that moved most / sum of all

A ruler that changes shifts every plant alike; learning may come to a few first. But d_i is noisy,
and the tenth with the largest d_i holds more than a tenth of the sum even if every plant moved
alike. So the share is compared with that of an even shift plus the noise of a control,

    e_i = mean(d) + c_i - mean(c),

where c_i is the change of the same plants with no event between. A share among these is *uniform*,
one above nearly all of them *uneven*, and *concentrated* if it is more than half of the change as
well: with hundreds of plants a small unevenness is certain, and it is still no change of a few.
Where the mean shift is not distinguished from the control's, the share means nothing.

Lesson: 03_bump.
"""

import math

import numpy as np
import scipy.stats

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.bump.results.event import Shift, WhoMoved

DRAWS = 999
TENTH, HALF = 0.1, 0.5


def shift(
    name: str,
    change: np.ndarray,
    control: np.ndarray,
    *,
    against: str,
    classes: dict[str, np.ndarray] | None = None,
    seed: int = 0,
) -> Shift:
    """Describe a change of the loss.

    Args:
        name: What changed.
        change: d, "plants".
        control: c, the same plants, "plants".
        against: What the control is, in words.
        classes: Which plants belong to each class, "plants" of bool.
        seed: Draws the resamples.

    Raises:
        PlantEduError: for other plants in the control, or fewer than 20.
    """
    require(
        change.shape == control.shape and change.ndim == 1 and change.size >= 20,
        f"A shift needs the same >= 20 plants twice, got {change.shape} and {control.shape}.",
    )
    generator = np.random.default_rng((seed, 5))
    mean = _mean(name, change, control, against, generator)
    share, even = _share(name, change, control, against, generator)
    return Shift(
        name,
        mean,
        share,
        even,
        fell=int((change < 0).sum()),
        sign_p=sign_test(change),
        verdict=_verdict(mean, share, even),
        by_class={k: float(change[rows].mean()) for k, rows in (classes or {}).items()},
        plants=tuple(np.sort(change).round(4).tolist()),
        control=tuple(np.sort(control).round(4).tolist()),
    )


def top_share(change: np.ndarray) -> float:
    """Share of the whole change that the tenth which moved most has, in the change's direction.

    It is 0.1 if all move alike, 1 if the tenth has all of it, and above 1 if the others went back.
    """
    towards = np.sort(change * (np.sign(change.mean()) or 1.0))[::-1]
    most = towards[: math.ceil(TENTH * len(change))]
    whole = towards.sum()
    return float(most.sum() / whole) if whole else TENTH


def sign_test(change: np.ndarray) -> float:
    """Two-sided p of as many plants rising as falling; plants that stayed are left out."""
    fell, rose = int((change < 0).sum()), int((change > 0).sum())
    return float(scipy.stats.binomtest(fell, fell + rose).pvalue) if fell + rose else 1.0


def _mean(
    name: str, change: np.ndarray, control: np.ndarray, against: str, generator: np.random.Generator
) -> Evidence:
    """The interval is that of d - c, paired by plant, moved to the value."""
    low, high = mean_interval(change - control)
    null = float(control.mean())
    return Evidence(
        question=f"By how many nats does the loss change: {name}?",
        value=float(change.mean()),
        null=null,
        control=against,
        n=len(change),
        interval=(low + null, high + null),
    )


def _share(
    name: str, change: np.ndarray, control: np.ndarray, against: str, generator: np.random.Generator
) -> tuple[Evidence, tuple[float, float]]:
    n, noise = len(change), control - control.mean()
    even = [top_share(change.mean() + noise[generator.integers(0, n, n)]) for _ in range(DRAWS)]
    own = [top_share(change[generator.integers(0, n, n)]) for _ in range(DRAWS)]
    ends = [0.025, 0.975]
    low, high, down, up = (float(x) for k in (own, even) for x in np.quantile(k, ends))
    evidence = Evidence(
        question=f"Which share of the change has the tenth of plants that moved most: {name}?",
        value=top_share(change),
        null=float(np.median(even)),
        control=f"an even shift with the noise of {against}",
        n=n,
        interval=(low, high),
    )
    return evidence, (down, up)


def _verdict(mean: Evidence, share: Evidence, even: tuple[float, float]) -> str:
    if moved(mean) == 0:
        return "none"
    if share.value <= even[1]:
        return "uniform"
    return "concentrated" if share.value > HALF else "uneven"


def moved(found: Evidence) -> int:
    """-1 or 1 where the interval lies wholly below or above the null, else 0."""
    low, high = found.interval or (found.value, found.value)
    return -1 if high < found.null else int(low > found.null)


def who_moved(
    logged: Evidence,
    first_ruler: Evidence,
    *,
    jump: Evidence | None = None,
    followed: Evidence | None = None,
    age: Evidence | None = None,
) -> WhoMoved:
    """Decide between model and ruler.

    Ask the ruler that was there before the event. If it sees at least half of the logged change,
    the model moved; if it sees none of it (or sees the opposite), the ruler did; between, both.
    Where the ruler changed, the logged change is the sum of `jump`, `followed` and `age`.

    Args:
        logged: Each end scored as its own log scores it; null: a control pair.
        first_ruler: Both ends scored with the ruler of the first; null: the control pair.
        jump: The second ruler less the first at the *first* end, weights unchanged; None where the
            log kept one ruler.
        followed: Both ends with the second ruler, its queue embedded afresh.
        age: At the second end, the queue that the run had kept less a fresh one.
    """
    way, beyond = moved(logged), logged.value - logged.null
    seen = (first_ruler.value - first_ruler.null) / beyond if beyond else 0.0
    verb = "fell" if logged.value < 0 else "rose"
    sentence = f"The logged loss {verb} by {abs(logged.value):.2f} nats"
    if way == 0:
        return WhoMoved(
            "nobody", seen, f"{sentence}, not distinguished from the control's {logged.null:+.2f}."
        )
    if jump is None:
        return WhoMoved("model", seen, f"{sentence}, and the ruler stayed the same.")
    sentence += (
        f". The ruler from before the event sees {first_ruler.value:+.2f} (control "
        f"{first_ruler.null:+.2f}). The new ruler alone, weights unchanged, makes {jump.value:+.2f}"
    )
    if followed is not None:
        sentence += f"; what the weights then did under it, {followed.value:+.2f}"
    if age is not None:
        sentence += f"; a queue older than the weights, {age.value:+.2f}"
    who = "ruler" if moved(first_ruler) != way else "model" if seen >= 0.5 else "both"
    return WhoMoved(who, seen, f"{sentence}.")
