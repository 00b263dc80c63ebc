"""Code exercises of lesson 06: debiased CKA, a permutation p-value, shared neighbours.

Lesson: 06_similarity. The package's own versions are in statistics/cka.py and, in
topics/similarity, permutation.py and neighbourhood.py.
"""

from collections.abc import Callable

import numpy as np

from plantedu.exercises import checks_06 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "06_similarity"


def debiased_cka(x: np.ndarray, y: np.ndarray) -> float:
    """How alike the geometry of two representations of the same plants is; 0 for noise.

    With K = X X^T and L = Y Y^T, inner products of plants, both U-centred: set the diagonal to 0,
    then from K_ij take

        row i's sum / (n - 2),  column j's sum / (n - 2),  and add the whole sum / ((n - 1)(n - 2)),

    and set the diagonal to 0 again. Then

        CKA = sum K L / sqrt(sum K^2  sum L^2)          (products of entries, sums over all of them)

    Args:
        x: One representation, "plants p", float64; four plants or more.
        y: Another one of the same plants, in the same order, "plants q".

    Returns:
        A number, at most about 1; for independent noise 0 on average, so it may be negative.

    Source: Murphy et al. 2024, arXiv:2405.01012 [murphy2024]; U-centring: Szekely & Rizzo 2014
        [szekely2014].
    """

    def u_centred(table: np.ndarray) -> np.ndarray:
        k = table @ table.T
        n = len(k)
        np.fill_diagonal(k, 0)
        rows = k.sum(axis=1) / (n - 2)
        k = k - rows[:, None] - rows[None, :] + k.sum() / ((n - 1) * (n - 2))
        np.fill_diagonal(k, 0)
        return k

    k, m = u_centred(x), u_centred(y)
    return float((k * m).sum() / np.sqrt((k**2).sum() * (m**2).sum()))


def permutation_p(
    statistic: Callable[[np.ndarray, np.ndarray], float],
    x: np.ndarray,
    y: np.ndarray,
    *,
    shuffles: int,
    generator: np.random.Generator,
) -> float:
    """How often plants in another order look at least as alike as they do in their own.

        p = (1 + #{shuffles with a statistic at least as large}) / (1 + shuffles)

    A shuffle gives the plants of one side another order; the numbers of a plant stay together. The
    order that you have counts as one of those that chance could give, so p is never 0.

    Args:
        statistic: Takes x and y; larger means more alike.
        x: One representation, "plants p".
        y: Another one of the same plants, "plants q".
        shuffles: How many orders are drawn, each anew.
        generator: Draws them.

    Returns:
        p, from 1 / (1 + shuffles) to 1.

    Source: Phipson & Smyth 2010, arXiv:1603.05766 [phipson2010].
    """
    value = statistic(x, y)
    passed = 0
    for _ in range(shuffles):
        order = generator.permutation(len(y))
        passed += statistic(x, y[order]) >= value
    return (1 + passed) / (1 + shuffles)


def knn_jaccard(x: np.ndarray, y: np.ndarray, *, k: int) -> float:
    """Which part of its nearest plants a plant keeps from one representation to the other.

        J = mean over plants i of  |N_x(i) and N_y(i)| / |N_x(i) or N_y(i)|

    N(i) holds the k plants, i itself left out, whose rows have the largest cosine with row i, after
    each column's mean is taken off. "and": plants in both sets; "or": plants in one at least.

    Args:
        x: One representation, "plants p"; no two cosines are equal.
        y: Another one of the same plants, "plants q".
        k: Neighbours of a plant, fewer than plants - 1.

    Returns:
        From 0 to 1; at random about s / (2 k - s) with s = k^2 / (plants - 1).

    Source: Klabunde et al. 2025, arXiv:2305.06329 (survey) [klabunde2025].
    """

    def near(table: np.ndarray) -> np.ndarray:
        rows = table - table.mean(axis=0)
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        cosine = rows @ rows.T
        np.fill_diagonal(cosine, -np.inf)
        return np.argsort(-cosine, axis=1)[:, :k]

    shared = [len(set(a) & set(b)) for a, b in zip(near(x), near(y), strict=True)]
    return float(np.mean([s / (2 * k - s) for s in shared]))


EXERCISES = (
    Exercise(
        key="06.5",
        title="Debiased CKA",
        lesson=LESSON,
        reference=debiased_cka,
        checks=(
            checks.noise_is_zero,
            checks.beside_itself_is_one,
            checks.shift_is_unseen,
            checks.beside_the_slow_sum,
        ),
        mistakes={
            "biased": "This is CKA with its diagonal. Every plant is like itself in any data, so "
            "with many columns the diagonals are all there is, and two tables of noise agree "
            "about them.",
            "ordinary centring": "Ordinary centring (take off the means over all n) fits a table "
            "with its diagonal. Where the diagonal is 0, a row holds n - 1 numbers and the right "
            "divisors are n - 2 and (n - 1)(n - 2).",
            "diagonal comes back": "Centring puts numbers on the diagonal again. They belong to "
            "no pair of plants: set it to 0 once more at the end.",
            "not centred": "Without centring the mean of all plants is part of every inner "
            "product, and two tables are alike because both lie far from 0.",
            "not normalised": "The sum of products has to be divided by the square root of both "
            "sums of squares, multiplied; otherwise the number knows how large the tables are.",
        },
    ),
    Exercise(
        key="06.6",
        title="A permutation p-value",
        lesson=LESSON,
        reference=permutation_p,
        checks=(
            checks.smallest_p,
            checks.ties_count,
            checks.plants_stay_whole,
            checks.generator_decides,
            checks.beside_all_orders,
        ),
        mistakes={
            "p of zero": "The order that you have is one of those that chance could give: without "
            "the 1 above and below, 19 shuffles claim a certainty that no number of them shows.",
            "ties left out": "A shuffle that looks exactly as alike speaks against you: count at "
            "least as large, not larger.",
            "1 above alone": "The 1 stands above and below: with it above alone p can exceed 1.",
            "counts the less alike": "You count shuffles that are less alike than the plants' own "
            "order, or you give 1 - p.",
            "two sides": "Larger means more alike. With absolute values plants that are opposites "
            "pass as alike, which was not asked.",
            "plants torn apart": "Shuffling single numbers, or every column by itself, also "
            "destroys what the columns have in common within y. Give whole rows another order.",
            "with repeats": "Drawing plants with repeats is a bootstrap. The null is about order: "
            "every plant once.",
            "both sides shuffled": "If both sides get the same order, every plant still stands "
            "beside itself, and every shuffle looks as alike as the data.",
            "drawn once": "One order, used again and again, is one draw of chance and not a "
            "distribution. Draw anew for every shuffle.",
            "another generator": "Draw from the generator that was given. One made inside the "
            "function gives every p the same orders, or orders that nobody can draw again.",
        },
    ),
    Exercise(
        key="06.7",
        title="Shared neighbours",
        lesson=LESSON,
        reference=knn_jaccard,
        checks=(
            checks.neighbours_by_angle,
            checks.unrelated_is_chance,
            checks.beside_the_slow_sets,
        ),
        mistakes={
            "counts itself": "A plant is its own nearest neighbour in any data. Counted in, noise "
            "agrees with noise: leave it out of its set.",
            "not centred": "With the mean left in, all plants point the same way and cosines tell "
            "them apart badly. Take off each column's mean first.",
            "by inner product": "An inner product is largest for long rows, so the few longest "
            "plants become everybody's neighbours. Divide each row by its length.",
            "the farthest": "argsort sorts from small to large: its first k are the k least alike.",
            "divided by k": "Shared over k is another measure. Two sets that share s of k hold "
            "2 k - s different plants.",
        },
    ),
)
