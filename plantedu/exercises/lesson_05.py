"""Code exercises of lesson 05: Euler's steps of flow matching, variance shares, who is found again.

Lesson: 05_generation. The package's own versions are in topics/generation/sampling.py and
variance_components.py, and in statistics/retrieval.py.
"""

from collections.abc import Callable

import numpy as np

from plantedu.exercises import checks_05 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "05_generation"


def euler(
    direction: Callable[[np.ndarray, float], np.ndarray], noise: np.ndarray, steps: int
) -> np.ndarray:
    """Walk from noise to a picture along the direction that flow matching has learned.

        x_t = (1 - t) x_0 + t noise,      direction(x_t, t) = dx/dt  ~  noise - x_0

    Noise is at t = 1, the picture at t = 0. From t to the earlier t' one Euler step is

        x_t' = x_t + (t' - t) direction(x_t, t)

    and the steps are equally long: t = 1, 1 - 1/steps, ..., 1/steps, 0.

    Args:
        direction: The network: takes x_t and t, gives an array like x_t.
        noise: x_1, any shape, floating. It is used again for other conditions, so leave it as it
            is.
        steps: How many, 1 or more.

    Returns:
        x_0, an array like `noise`.

    Source: Lipman et al. 2023, arXiv:2210.02747 [lipman2023].
    """
    x = noise
    for k in range(steps):
        now, later = 1 - k / steps, 1 - (k + 1) / steps
        x = x + (later - now) * direction(x, now)
    return x


def settled_share(readings: np.ndarray) -> float:
    """How far a condition settles a factor: the share of variance that lies between conditions.

        W = mean over conditions of the variance within its samples
        B = variance over conditions of the mean of their samples  -  W / S
        settled = B / (B + W)

    W / S is taken off since a mean of S samples scatters by itself. Both variances divide by the
    number of values minus 1. The share may be a little below 0 by chance; leave it so, or the mean
    over many factors is too high.

    Args:
        readings: One number read off each sample, shape (conditions, S samples); two or more of
            each.

    Returns:
        The intraclass correlation: 0 where samples of one condition differ like those of any two,
        1 where they agree exactly.

    Source: Shrout & Fleiss 1979, ICC(1) [shrout1979].
    """
    samples = readings.shape[1]
    within = readings.var(axis=1, ddof=1).mean()
    means = readings.mean(axis=1)
    between = means.var(ddof=1) - within / samples
    return float(between / (between + within))


def mean_reciprocal_rank(similarity: np.ndarray) -> float:
    """How well a picture finds its source among many: MRR, with ties as luck would break them.

    Query i's own source is column i. With

        b_i = number of other columns that are more similar to query i
        t_i = number of other columns that are exactly as similar

    and ties broken at random, its rank is b_i + 1, ..., b_i + t_i + 1, each as likely, and

        E_i = mean of 1 / rank over these ranks,       MRR = mean over queries of E_i

    Args:
        similarity: Query in the row, source in the column, shape (n, n); larger is more alike.

    Returns:
        A number above 0, at most 1.

    Source: plantedu/statistics/retrieval.py; lesson 05, exercise 05.1, has the value of chance.
    """
    own = np.diag(similarity)[:, None]
    before = (similarity > own).sum(1)
    ties = (similarity == own).sum(1) - 1
    pairs = zip(before, ties, strict=True)
    found = [np.mean([1 / rank for rank in range(b + 1, b + t + 2)]) for b, t in pairs]
    return float(np.mean(found))


EXERCISES = (
    Exercise(
        key="05.5",
        title="Euler's steps of flow matching",
        lesson=LESSON,
        reference=euler,
        checks=(checks.one_step, checks.asked_times, checks.slow_walk),
        mistakes={
            "the step goes away from the picture": (
                "t falls, so t' - t is negative. With the other sign every step adds noise."
            ),
            "t runs from 0 to 1": (
                "At t = 0 is the picture, at t = 1 the noise. A network that is given the wrong t "
                "expects a picture where noise is, and papers differ in the direction of t."
            ),
            "asked at the end of the step": (
                "Euler's step uses the direction where it stands, at t. Asked at t', the network "
                "takes x to hold less noise than it does."
            ),
            "one step too many": (
                "`steps` steps have steps + 1 times. With one step more the walk goes past t = 0, "
                "or each step is too short."
            ),
            "every step starts from the noise": (
                "Each step goes on from the last x_t. Started from the noise, all but the last "
                "direction is forgotten."
            ),
        },
    ),
    Exercise(
        key="05.6",
        title="Variance within and between conditions",
        lesson=LESSON,
        reference=settled_share,
        checks=(checks.all_within, checks.by_hand, checks.noise_is_zero, checks.slow_share),
        mistakes={
            "means scatter by themselves": (
                "The mean of S samples has the variance W / S even where the condition settles "
                "nothing. Not taken off, a factor that nobody knows looks settled by about 1 / S."
            ),
            "variances divide by n": (
                "With few samples a variance that divides by n is too small, by half for two. The "
                "share then depends on how many samples were drawn."
            ),
            "standard deviations": (
                "Variances of independent parts add up; standard deviations do not, and a share "
                "of them is a share of nothing."
            ),
            "rows and columns are exchanged": (
                "Samples of one condition stand in a row. Exchanged, it is asked whether the third "
                "sample of every plant is alike."
            ),
            "cut off at 0": (
                "An estimate whose truth is 0 must be below it half of the time. Cut off, the mean "
                "over factors is above 0 although nothing is settled."
            ),
        },
    ),
    Exercise(
        key="05.7",
        title="Who is found again",
        lesson=LESSON,
        reference=mean_reciprocal_rank,
        checks=(checks.found_first, checks.second_and_fourth, checks.all_equal, checks.slow_mrr),
        mistakes={
            "ties are won": (
                "An encoder that gives every picture the same vector then finds every source, with "
                "an MRR of 1."
            ),
            "ties are lost": (
                "An encoder that gives every picture the same vector then scores below chance, as "
                "if it knew something."
            ),
            "one over the mean rank": (
                "The mean of 1/rank is not 1 over the mean rank: one query at rank 1,000 ruins "
                "the latter, and chance is another number."
            ),
            "the smallest similarity is the best": (
                "argsort sorts upwards. Distances are small for what is alike; similarities are "
                "large."
            ),
            "sources look for queries": (
                "Ranks are taken within a row: a query looks through all sources. Within a column "
                "another question is asked, and some sources are near to everything."
            ),
        },
    ),
)
