"""Code exercises of lesson 03: a drop in a noisy loss, its null by blocks, two objectives.

Lesson: 03_bump. The package's own versions are in topics/bump/changepoints and
topics/bump/objectives.py.
"""

from collections.abc import Callable

import numpy as np

from plantedu.exercises import checks_03 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "03_bump"


def largest_drop(losses: np.ndarray, half: int) -> tuple[int, float]:
    """Where a noisy loss falls most, and by how much.

        drop(t) = mean of the `half` losses before t  -  mean of the `half` losses from t on

    for every t at which both windows fit into the curve, the first and the last such t included.

    Args:
        losses: One loss a step, shape (steps,), floating.
        half: Steps of each window, 1 or more; `losses` has 2 half steps or more.

    Returns:
        The t with the largest drop, counted from 0: the first step *after* the fall; among equal
        ones the earliest. And that drop: above 0 for a fall, in units of the loss.

    Source: binary segmentation's contrast, as in Fryzlewicz 2014 [fryzlewicz2014].
    """
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    means = (sums[half:] - sums[:-half]) / half  # of losses[k : k + half]
    drops = means[:-half] - means[half:]
    best = int(drops.argmax())
    return best + half, float(drops[best])


def block_p_value(
    losses: np.ndarray,
    statistic: Callable[[np.ndarray], float],
    block: int,
    shuffles: int,
    rng: np.random.Generator,
) -> float:
    """How often a curve in which nothing happened gives a statistic as large: a null by blocks.

    The losses of one run are not independent. So the curve is cut into consecutive blocks, the
    blocks are put in another order at random, each block as it is, and the statistic is computed
    again:

        p = (1 + number of shuffled curves whose statistic >= that of the curve) / (1 + shuffles)

    Args:
        losses: One loss a step, shape (steps,).
        statistic: Takes a curve, gives a number; large is striking. The same one for all curves.
        block: Steps of a block; what is left over at the end is cut off, also for the curve itself.
        shuffles: How many shuffled curves.
        rng: Where chance comes from.

    Returns:
        p, from 1 / (1 + shuffles) to 1.

    Source: blocks: Künsch 1989 [kunsch1989]; the 1 in p: Phipson & Smyth 2010 [phipson2010].
    """
    blocks = losses[: len(losses) // block * block].reshape(-1, block)
    observed = statistic(blocks.ravel())
    null = [statistic(rng.permutation(blocks).ravel()) for _ in range(shuffles)]
    return (1 + sum(one >= observed for one in null)) / (1 + shuffles)


def two_objectives(
    scores: np.ndarray,
    queue: np.ndarray,
    codes_of: Callable[[np.ndarray], np.ndarray],
    temperature: float,
) -> tuple[float, float]:
    """The same weights and the same plants under two objectives: without and with a queue.

        log p = log softmax(scores / temperature)                       over prototypes
        L(q)  = mean over the plants of the batch of  - sum_k q_k log p_k

    Without the queue, q are the codes of the batch alone. With it, codes are made of the batch and
    the queue *together* (batch first), and those of the batch are kept. p is the same.

    Args:
        scores: Of the batch, shape (N plants, K prototypes).
        queue: Scores of earlier plants, shape (M, K).
        codes_of: Gives codes of scores, row by row; rows are shared out over prototypes, so a row's
            code depends on the others.
        temperature: Of the prediction, above 0.

    Returns:
        The loss without and with the queue, in nats.

    Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]; lesson 03, "fix the ruler".
    """
    s = scores / temperature
    top = s.max(1, keepdims=True)
    log_p = s - top - np.log(np.exp(s - top).sum(1, keepdims=True))
    alone = codes_of(scores)
    queued = codes_of(np.concatenate([scores, queue]))[: len(scores)]
    without, with_queue = (float(-(q * log_p).sum(1).mean()) for q in (alone, queued))
    return without, with_queue


EXERCISES = (
    Exercise(
        key="03.6",
        title="The drop in a noisy loss",
        lesson=LESSON,
        reference=largest_drop,
        checks=(checks.a_step, checks.at_both_ends, checks.a_rise, checks.slow_drop),
        mistakes={
            "the last step before the fall": (
                "A schedule changes something *at* a step; the first loss under it is the step "
                "after the fall. One off, and the cause that you name is another one."
            ),
            "t counts windows": (
                "The first t at which a window fits before it is `half`, not 0. Forgotten, every "
                "drop is found half a window too early."
            ),
            "a rise counts as well": (
                "The largest |change| is not the largest fall. A loss that rises after a change "
                "of the data would be called a drop."
            ),
            "the largest difference of neighbours": (
                "Two neighbouring losses differ by noise. A step shows in the means of many, and "
                "in noise the largest single difference lies anywhere."
            ),
            "the last window is left out": (
                "range(half, len - half) ends one too early: a fall just before the end of the "
                "curve is not seen."
            ),
        },
    ),
    Exercise(
        key="03.7",
        title="A null by blocks",
        lesson=LESSON,
        reference=block_p_value,
        checks=(
            checks.never_zero,
            checks.ties_count,
            checks.blocks_stay_whole,
            checks.the_rest_is_cut,
            checks.a_drop_is_found,
        ),
        mistakes={
            "p can be 0": (
                "The curve itself is one of the possible orders. p = 0 would claim what no number "
                "of shuffles can show, and fails under every correction for many tests."
            ),
            "ties do not count": (
                "A shuffled curve that is exactly as striking speaks against the finding. With > "
                "in place of >= a curve of equal losses would be significant."
            ),
            "single losses are shuffled": (
                "That destroys the wandering of the curve, so the null is too calm and nearly "
                "every run has a significant drop."
            ),
            "losses are shuffled inside blocks": (
                "The slow course of the curve stays where it is in every shuffle, so a real drop "
                "is in the null as well and nothing is ever found."
            ),
            "blocks are drawn with repeats": (
                "That is a bootstrap: it asks how sure a number is. A null asks what order would "
                "do to the same losses, so each block occurs once."
            ),
            "the rest is kept in the curve alone": (
                "Curve and null must have the same losses. With a rest in the one and not in the "
                "other, a last loss that stands out is significant by itself."
            ),
        },
    ),
    Exercise(
        key="03.8",
        title="One loss under two objectives",
        lesson=LESSON,
        reference=two_objectives,
        checks=(checks.sharper_with_a_queue, checks.slow_objectives, checks.large_scores),
        mistakes={
            "the queue's plants are in the mean": (
                "The queue only helps to make codes. Its plants are not predicted: with them in "
                "the mean, two different sets of plants are compared."
            ),
            "the queue's codes are kept": (
                "Batch first, so the first N rows are the batch's. Each plant is else predicted by "
                "another plant's code."
            ),
            "the queue never reaches the codes": (
                "Codes of batch and queue made apart are those without a queue. The rows must be "
                "shared out together."
            ),
            "the temperature is left out": (
                "The prediction is softmax(scores / temperature). Both losses are then read under "
                "a third objective that nobody trained."
            ),
            "exp overflows": (
                "exp(1 / .001) is infinite. Take off the largest score of each row first; the "
                "softmax does not change."
            ),
        },
    ),
)
