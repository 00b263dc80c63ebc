"""Code exercises of lesson 10: a sparse autoencoder's forward pass, selectivity beside a shuffle.

Lesson: 10_neurons. The package's own versions are, in topics/neurons, sparse_autoencoder.py and
selectivity.py.
"""

import numpy as np
import torch

from plantedu.exercises import checks_10 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "10_neurons"


def topk_autoencoder(
    x: torch.Tensor,
    reader: torch.Tensor,
    shift: torch.Tensor,
    directions: torch.Tensor,
    middle: torch.Tensor,
    *,
    k: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Activations as sums of few directions out of many.

        a     = keep_k(relu((x - b) W_e + c))     the k largest codes of each row, the others 0
        x_hat = a W_d + b

    Both sides are trained, so the error of x_hat has a slope with all of them.

    Args:
        x: Activations, "n dim".
        reader: W_e, "dim width".
        shift: c, "width".
        directions: W_d, rows of length 1, "width dim".
        middle: b, "dim".
        k: Codes that are kept of a row, 1 to width. A row with fewer codes above 0 keeps fewer; of
            equal codes any may be kept, and no more than k.

    Returns:
        The codes a, "n width", and the rebuilt activations x_hat, "n dim".

    Source: Gao et al. 2024, arXiv:2406.04093 [gao2024].
    """
    codes = torch.relu((x - middle) @ reader + shift)
    largest = codes.topk(k, dim=1)
    kept = torch.zeros_like(codes).scatter(1, largest.indices, largest.values)
    return kept, kept @ directions + middle


def selectivity(
    units: np.ndarray, classes: np.ndarray, *, shuffles: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """How much more each unit says of one class than of the others, beside plants in other orders.

        S = (mu_max - mu_rest) / (mu_max + mu_rest)

    mu_max is the largest of the unit's class means, mu_rest the mean of the means of the other
    classes. A unit that never fires has S = 0.

    The level of a unit is what one order in a hundred passes: the .99 quantile of its S over
    `shuffles` random orders of the plants' classes.

    Args:
        units: Activations, not negative, "plants units".
        classes: Each plant's class, whole numbers, "plants"; two classes or more.
        shuffles: How many orders are drawn, each anew.
        generator: Draws them.

    Returns:
        S and the level of each unit, "units" each.

    Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b].
    """

    def of(labels: np.ndarray) -> np.ndarray:
        means = np.stack([units[labels == one].mean(axis=0) for one in np.unique(labels)])
        largest = means.max(axis=0)
        rest = (means.sum(axis=0) - largest) / (len(means) - 1)
        both = largest + rest
        return (largest - rest) / np.where(both > 0, both, 1)

    null = np.stack([of(generator.permutation(classes)) for _ in range(shuffles)])
    return of(classes), np.quantile(null, 0.99, axis=0)


EXERCISES = (
    Exercise(
        key="10.5",
        title="A TopK autoencoder",
        lesson=LESSON,
        reference=topk_autoencoder,
        checks=(
            checks.one_row_by_hand,
            checks.many_rows,
            checks.no_more_than_k,
            checks.gradient_arrives,
        ),
        mistakes={
            "middle not taken off": "The reader sees x - b. Without it a part of every code only "
            "says where all activations lie.",
            "middle not added": "What was taken off before has to come back, or the dictionary "
            "rebuilds differences and not activations.",
            "largest of the batch": "k n codes shared out over n rows is BatchTopK. There a row's "
            "codes depend on its neighbours.",
            "largest of the column": "topk along the rows of the table keeps k activations for "
            "each direction, not k directions for each activation.",
            "the smallest": "You keep the smallest codes; most of them are 0.",
            "no ReLU": "Codes are not negative. A row with fewer than k codes above 0 keeps fewer.",
            "largest sizes": "Chosen by size, a code far below 0 takes the place of one above it, "
            "and the ReLU (or you) then has a wrong direction.",
            "ones in place of codes": "A code says how much of its direction there is, not only "
            "whether.",
            "nothing dropped": "Without keep_k this is a plain autoencoder: every direction "
            "answers a little, and none can be read alone.",
            "the reader turned round": "What reads a direction need not be what writes it: the "
            "directions are a table of their own.",
            "all that tie": "Keeping all codes at or above the k-th keeps more than k where codes "
            "are equal. Keep the places that topk names.",
            "no gradient": "detach, no_grad or a way through numpy cut the slope, and half of the "
            "dictionary never learns.",
        },
    ),
    Exercise(
        key="10.6",
        title="Selectivity beside a shuffle",
        lesson=LESSON,
        reference=selectivity,
        checks=(
            checks.classes_by_hand,
            checks.silent_units,
            checks.level_of_noise,
            checks.level_of_each_unit,
        ),
        mistakes={
            "the rest by plants": "mu_rest is the mean of the other classes' means. The mean of "
            "their plants follows the largest class.",
            "the next best": "The rest are all other classes, not the next best alone.",
            "the best in the rest": "The best class is no part of the rest: S of a unit that fires "
            "for one class only would never reach 1.",
            "the lowest class": "Beside the lowest class, nearly every unit looks selective.",
            "not divided": "Divide by the sum: otherwise S is large for units that are large.",
            "silent units are NaN": "0 divided by 0. A silent unit selects nothing: give 0, or its "
            "NaN is in the mean over units.",
            "one level for all": "Each unit has its own null: a rare one reaches by luck what a "
            "steady one never does. Take quantiles over shuffles, not over units.",
            "the mean of the shuffles": "Half of all units of noise lie above the mean of their "
            "shuffles. The level is what one in a hundred passes.",
            "drawn once": "One order gives one number of luck for each unit, not what luck can "
            "reach. Draw anew, many times.",
            "the largest of the shuffles": "The largest of the shuffles grows with their number. "
            "A quantile settles.",
            "shuffled across units": "Give the plants another order, not the units: mixed with "
            "other units, a unit is beside a null of other numbers.",
        },
    ),
)
