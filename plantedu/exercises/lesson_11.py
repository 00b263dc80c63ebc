"""Code exercises of lesson 11: the parts of a Brier score, a bootstrap over plants, an exact test.

Lesson: 11_report. The package's own versions are statistics/brier.py and statistics/evidence.py.
"""

import numpy as np

from plantedu.exercises import checks_11 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "11_report"


def brier_parts(
    confidence: np.ndarray, right: np.ndarray, bins: np.ndarray
) -> tuple[float, float, float]:
    """Half of Brier's score, of right or wrong, taken apart: reliability, resolution, uncertainty.

    With c_i, o_i the n forecasts and outcomes, and c_k, o_k, n_k the mean confidence, share right
    and number of those in bin k; o is the share right of all:

        reliability = 1/n sum_k n_k (c_k - o_k)^2
        resolution  = 1/n sum_k n_k (o_k - o)^2  -  within
        uncertainty = o (1 - o)
        within      = 1/n sum_i ((c_i - c_k)^2 - 2 (c_i - c_k) (o_i - o_k)),   k the bin of i

    so that 1/n sum_i (c_i - o_i)^2 = reliability - resolution + uncertainty, exactly.

    Args:
        confidence: c, "forecasts", from 0 to 1.
        right: o, "forecasts", 1 where the answer was right, else 0.
        bins: Bin of each forecast, whole numbers, "forecasts"; some numbers may be missing.

    Returns:
        Reliability, resolution, uncertainty.

    Source: Murphy 1973 [murphy1973]; within: Stephenson et al. 2008 [stephenson2008].
    """
    n, o = len(confidence), right.mean()
    reliability = resolution = 0.0
    for k in np.unique(bins):
        c_i, o_i = confidence[bins == k], right[bins == k]
        c_k, o_k = c_i.mean(), o_i.mean()
        reliability += len(c_i) * (c_k - o_k) ** 2 / n
        within = ((c_i - c_k) ** 2 - 2 * (c_i - c_k) * (o_i - o_k)).sum()
        resolution += (len(c_i) * (o_k - o) ** 2 - within) / n
    return float(reliability), float(resolution), float(o * (1 - o))


def plants_bootstrap(
    values: np.ndarray,
    plants: np.ndarray,
    *,
    resamples: int,
    level: float,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Percentile interval of a mean over plants, each of which has some pictures.

    The number of a plant is the mean over its pictures; the mean over plants counts each plant
    once. A resample draws as many plants as there are, with repeats; a plant that is drawn twice
    counts twice. The interval holds the middle `level` of the resamples' means.

    (With few plants it is too narrow: lesson 11 counts how often it holds the truth.)

    Args:
        values: One number for each picture, "pictures".
        plants: Which plant each picture shows, whole numbers, "pictures".
        resamples: How many.
        level: Share of the resamples' means inside, in (0, 1).
        generator: Draws the plants.

    Returns:
        Low and high end.

    Source: Efron & Tibshirani 1993 [efron1993].
    """
    each = np.array([values[plants == one].mean() for one in np.unique(plants)])
    means = generator.choice(each, size=(resamples, len(each))).mean(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def calibration_tails(confidence: np.ndarray, right: int) -> tuple[float, float]:
    """Chance of as few, and of as many right answers, if every confidence is meant.

    If a forecaster means what she says, answer i is right with the chance c_i, and the number S of
    right answers is a sum of unequal coins (a Poisson-binomial). Overconfident is for whom so few
    are unlikely, underconfident for whom so many are. Exactly, by one coin after the other:

        P(s of i + 1 coins) = P(s of i) (1 - c_i) + P(s - 1 of i) c_i

    Args:
        confidence: c, "answers", from 0 to 1.
        right: How many were right.

    Returns:
        P(S <= right) and P(S >= right).

    Source: Hong 2013 [hong2013].
    """
    chance = np.ones(1)
    for c in confidence:
        chance = np.append(chance, 0) * (1 - c) + np.append(0, chance) * c
    return float(chance[: right + 1].sum()), float(chance[right:].sum())


EXERCISES = (
    Exercise(
        key="11.5",
        title="The parts of a Brier score",
        lesson=LESSON,
        reference=brier_parts,
        checks=(checks.ten_at_ninety, checks.adds_up, checks.always_the_base_rate),
        mistakes={
            "absolute gaps": "This is the expected calibration error. Brier's parts are squares: "
            "only they add up to a mean of squares.",
            "sums": "Divide by the number of forecasts, or many answers look unreliable for being "
            "many.",
            "no bins": "(c - o)^2 of each forecast is half of Brier's score itself. Reliability "
            "compares a bin's mean word with its share right.",
            "divided by n - 1": "Uncertainty is o (1 - o). np.var with ddof=1 is a little more, "
            "and the parts no longer add up.",
            "spread within bins left out": "Where the words of a bin are unequal, Murphy's three "
            "parts do not add up. What the bin hides belongs to the resolution.",
            "spread within bins the wrong way": "The term within is taken from the resolution. "
            "Check that the three parts add up.",
            "bins weigh alike": "A bin counts by its forecasts. With equal weights, one answer "
            "alone in its bin weighs as much as thirty in another.",
            "around the mean word": "Resolution is the spread of shares right around the share "
            "right of all, not around the mean confidence.",
            "resolution turned round": "Resolution is a virtue and is not negative by itself; it "
            "is taken off when the parts are put together.",
        },
    ),
    Exercise(
        key="11.6",
        title="A bootstrap over plants",
        lesson=LESSON,
        reference=plants_bootstrap,
        checks=(
            checks.one_picture_each,
            checks.copies_add_nothing,
            checks.uneven_plants,
            checks.generator_decides,
        ),
        mistakes={
            "pictures drawn": "Pictures of one plant are no independent witnesses. Drawn one by "
            "one, six pictures of a plant pass for six plants, and the interval is too narrow.",
            "as many plants as pictures": "A resample has as many plants as the data. With more, "
            "its mean is steadier than the one you have.",
            "twice is once": "A plant that is drawn twice counts twice. np.isin and np.unique drop "
            "the second one, and the interval is too narrow.",
            "pictures weigh": "Every plant counts once, also one with many pictures: take each "
            "plant's mean first.",
            "pictures within plants": "You draw pictures and keep the plants. Other plants are "
            "what the interval is about.",
            "spread of the plants": "These are quantiles of plants. The interval is about their "
            "mean, which moves far less than a plant.",
            "without repeats": "All plants in another order have the same mean. Draw with repeats.",
            "tails of 1 - level each": "Half of what is left out lies on each side: (1 - level) / "
            "2 below, and as much above.",
            "the level is not used": "The level is an argument; .95 is one choice of it.",
            "another generator": "Draw from the generator that was given, or nobody can repeat "
            "your interval.",
        },
    ),
    Exercise(
        key="11.7",
        title="An exact test of calibration",
        lesson=LESSON,
        reference=calibration_tails,
        checks=(checks.two_coins, checks.sure_and_right, checks.beside_all_outcomes),
        mistakes={
            "own count left out": "As few means as few or fewer: the count that came out belongs "
            "to both tails.",
            "one less the other": "Both tails hold the count that came out, so together they are "
            "more than 1.",
            "one coin for all": "Ten answers with 50 % and ten with 100 % are not twenty with 75 "
            "%: unequal coins spread less than a binomial of their mean.",
            "few and many swapped": "The first is the chance of as few right answers, which is "
            "small for the overconfident.",
            "both doubled": "Each tail has a question of its own and is held beside .025. Doubled, "
            "it is counted twice.",
        },
    ),
)
