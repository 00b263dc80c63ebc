"""Code exercises of lesson 04: the valley rule, the calibration error, the best of many by luck.

Lesson: 04_family. The package's own versions are in training/lr_finder/rules.py,
statistics/temperature.py and sweeps/power.py.
"""

import numpy as np

from plantedu.exercises import checks_04 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "04_family"


def valley(rates: np.ndarray, losses: np.ndarray) -> float:
    """The learning rate that the valley rule reads off the curve of a learning-rate finder.

        L_i   = length of the longest strictly falling subsequence of losses that ends at point i
        end   = the point with the largest L_i, the first of equals
        start = end - L_end
        rate  = rates[start + int(third) + int(third / 2)],      third = (end - start) / 3

    A subsequence may leave points out: losses 5, 9, 4, 3 hold 5, 4, 3, of length 3. So one bump of
    noise does not cut the valley in two. (That `start` is counted back by the length, and not to
    where the subsequence begins, is fastai's habit; keep it, so that your rates are theirs.)

    Args:
        rates: Learning rates, ascending, shape (points,).
        losses: Smoothed losses at these rates, same shape.

    Returns:
        One of the rates, about half way into the valley.

    Source: fastai/callback/schedule.py; Smith 2015 [smith2015].
    """
    lengths = np.ones(len(losses), dtype=int)
    for i in range(1, len(losses)):
        higher = lengths[:i][losses[:i] > losses[i]]
        lengths[i] = 1 + higher.max(initial=0)
    end = int(lengths.argmax())
    start = end - int(lengths[end])
    third = (end - start) / 3
    return float(rates[start + int(third) + int(third / 2)])


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """ECE: how far a network's confidence is from how often it is right.

        confidence_i = max_k p_ik,     right_i = whether argmax_k p_ik is the label
        bin b        = rows whose confidence is in ((b - 1) / bins, b / bins],  b = 1 .. bins
        ECE          = sum over bins  (n_b / n) |mean right of b - mean confidence of b|

    Empty bins count nothing.

    Args:
        probabilities: Shape (n rows, classes); rows sum to 1.
        labels: Right classes, shape (n,), integers.
        bins: How many bins of equal width, 1 or more.

    Returns:
        A number from 0 to 1.

    Source: Guo et al. 2017, arXiv:1706.04599 [guo2017].
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    place = np.ceil(confidence * bins).astype(int)
    error = 0.0
    for b in range(1, bins + 1):
        inside = place == b
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def best_by_luck(scores: np.ndarray, shuffles: int, rng: np.random.Generator) -> float:
    """How often settings that are truly alike would have a best one as good as ours: a p-value.

    If no setting mattered, any run could as well have had any other setting. So deal all scores to
    settings and seeds at random, and look each time at the *best* setting, whichever it is:

        best = largest over settings of the mean over seeds
        p    = (1 + number of deals whose best >= the observed best) / (1 + shuffles)

    Two bests that differ by less than 1e-12 are equal: sums in another order round differently.

    Args:
        scores: Larger is better, shape (settings, seeds), floating.
        shuffles: How many deals.
        rng: Where chance comes from.

    Returns:
        p, from 1 / (1 + shuffles) to 1.

    Source: Phipson & Smyth 2010 [phipson2010]; lesson 04, "The best of many".
    """
    observed = scores.mean(1).max()
    larger = 0
    for _ in range(shuffles):
        shuffled = rng.permutation(scores.ravel()).reshape(scores.shape)
        larger += shuffled.mean(1).max() >= observed - 1e-12
    return (1 + int(larger)) / (1 + shuffles)


EXERCISES = (
    Exercise(
        key="04.5",
        title="The valley rule",
        lesson=LESSON,
        reference=valley,
        checks=(
            checks.one_valley,
            checks.a_bump_in_the_valley,
            checks.flat_stretches,
            checks.slow_valley,
        ),
        mistakes={
            "the rate at the lowest loss": (
                "There the loss has stopped to fall: a little more and it diverges. The rule goes "
                "half way into the valley, where it still falls."
            ),
            "the steepest point": (
                "That is another rule. The steepest point is one difference of two noisy losses, "
                "and moves with the seed."
            ),
            "neighbouring points only": (
                "One bump of noise then cuts the valley in two, and the rule reads the longer "
                "half. A subsequence may leave points out."
            ),
            "equal losses count as falling": (
                "On a flat start, before anything is learned, the subsequence grows by every "
                "point, and the valley begins at the first rate."
            ),
            "the first falling step is taken at once": (
                "Taking each next lower loss is not the longest subsequence: one early dip "
                "swallows the rest. Keep the longest length that ends at each point."
            ),
        },
    ),
    Exercise(
        key="04.6",
        title="The calibration error",
        lesson=LESSON,
        reference=calibration_error,
        checks=(
            checks.one_bin,
            checks.two_bins_of_different_size,
            checks.confidence_of_one,
            checks.slow_error,
        ),
        mistakes={
            "each row by itself": (
                "|right - confidence| of one row is never 0, since a row is right or wrong. "
                "Calibration is about groups: of those with .8, four in five."
            ),
            "gaps cancel": (
                "Too sure in one bin and not sure enough in another add up to 0 without the "
                "absolute value, and a badly calibrated network looks perfect."
            ),
            "every bin weighs the same": (
                "A bin with one row would count as much as a bin with a thousand, and the error "
                "would be that of the few."
            ),
            "the probability of the label": (
                "Confidence is what the network says of its *own* answer. The probability of the "
                "label needs the label, and nobody has it when the network is used."
            ),
            "the middle of the bin": (
                "The mean confidence of the rows in a bin is not its middle: networks put most of "
                "the last bin near 1."
            ),
            "a confidence of 1 falls out": (
                "With bins closed on the left, int(confidence * bins) puts exactly 1 into a bin "
                "that is not there. The surest rows are lost, and they are many."
            ),
        },
    ),
    Exercise(
        key="04.7",
        title="The best of many, by luck",
        lesson=LESSON,
        reference=best_by_luck,
        checks=(
            checks.all_alike,
            checks.one_stands_out,
            checks.somebody_is_first,
            checks.one_seed_each,
        ),
        mistakes={
            "p can be 0": (
                "The deal that was observed is one of the possible ones, so p is at least "
                "1 / (1 + shuffles)."
            ),
            "the winner is fixed beforehand": (
                "The null must choose as you chose. Somebody has to be first: compared with what "
                "one given setting scores by luck, the best of many is nearly always significant."
            ),
            "shuffled within settings": (
                "Scores that stay in their setting have the same mean in every deal. Nothing is "
                "tested, and p is 1."
            ),
            "scores are drawn with repeats": (
                "That is a bootstrap. A deal has the same scores in another order; drawn with "
                "repeats, the best score is missing from a third of the tables."
            ),
        },
    ),
)
