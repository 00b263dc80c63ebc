"""Code exercises of lesson 07: the eigenvalue score beside noise, the edge of noise.

Lesson: 07_spectrum. The package's own versions are, in topics/spectrum, score.py, nulls.py and
marchenko_pastur.py.
"""

import numpy as np

from plantedu.exercises import checks_07 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "07_spectrum"


def copying_score(
    matrix: np.ndarray, *, draws: int, generator: np.random.Generator
) -> tuple[float, np.ndarray]:
    """How much a square map copies, beside what matrices of noise say.

        S = sum lambda / sum |lambda|,    lambda: the eigenvalues of the map, complex

    A copy has S = 1, a turn by an angle its cosine, an inversion -1. (The eigenvalues of a real map
    come in conjugate pairs: their sum is real, up to rounding.)

    The null is S of matrices of the same size whose entries are independent normal numbers.

    Args:
        matrix: A map from a space to itself, "dim dim".
        draws: How many matrices of noise, each drawn anew.
        generator: Draws them.

    Returns:
        S of the map, in [-1, 1], and S of each matrix of noise, "draws".

    Source: Elhage et al. 2021 [elhage2021]; random matrices: Ginibre 1965 [ginibre1965].
    """

    def score(a: np.ndarray) -> float:
        values = np.linalg.eigvals(a)
        return float(values.real.sum() / np.abs(values).sum())

    noise = [score(generator.normal(size=matrix.shape)) for _ in range(draws)]
    return score(matrix), np.array(noise)


def directions_above_noise(x: np.ndarray) -> tuple[float, int]:
    """Where noise ends in a spectrum, and how many directions lie above.

    The eigenvalues of the correlation matrix of independent columns lie, for many plants, between

        (1 - sqrt(gamma))^2  and  (1 + sqrt(gamma))^2,     gamma = columns / plants

    The correlation matrix is Z^T Z / plants, where Z is X with each column brought to mean 0 and
    standard deviation 1.

    Args:
        x: Features, "plants columns", with more plants than columns; no column is constant.

    Returns:
        The upper edge, and the number of eigenvalues that are larger.

    Source: Marchenko & Pastur 1967 [marchenko1967].
    """
    plants, columns = x.shape
    edge = (1 + np.sqrt(columns / plants)) ** 2
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    values = np.linalg.eigvalsh(z.T @ z / plants)
    return float(edge), int((values > edge).sum())


EXERCISES = (
    Exercise(
        key="07.6",
        title="The eigenvalue score beside noise",
        lesson=LESSON,
        reference=copying_score,
        checks=(
            checks.known_maps,
            checks.copy_and_turn,
            checks.noise_spreads,
            checks.noise_knows_no_map,
        ),
        mistakes={
            "singular values": "Singular values are never negative, so their score is 1 for every "
            "map: a turn and an inversion look like a copy.",
            "as if symmetric": "eigvalsh reads one half of the matrix and takes the other half for "
            "its mirror image. A map that turns is not symmetric: eigvals knows complex numbers.",
            "real parts below": "Below the line stands the size of each eigenvalue, not of its "
            "real part: otherwise a turn by 60 degrees scores 1.",
            "size of the sum": "|a + b| is not |a| + |b|. With the size of the sum below the line "
            "every map scores 1 or -1.",
            "every eigenvalue alike": "This is a plain mean of cosines. In S each eigenvalue "
            "weighs as much as it is large, so that directions of rounding error have no vote.",
            "singular values below": "The trace over the sum of singular values is another score: "
            "in slanted axes singular values are larger than eigenvalues.",
            "sign lost": "With an absolute value the inversion passes for a copy, and noise seems "
            "to have a score above 0.",
            "one random matrix": "One matrix of noise, used for all draws, says where one draw "
            "lies and not how widely they spread. Draw anew for each.",
            "symmetric noise": "A A^T and a covariance are symmetric and positive, so S is 1 for "
            "them by construction. Noise is a matrix of independent numbers.",
            "noise without minus": "Numbers from 0 to 1 all push the same way: such a matrix has "
            "one large positive eigenvalue. Noise has the mean 0.",
            "the map shuffled": "Entries of the map in another order keep its mean and its far "
            "values, which is another null. Draw normal numbers.",
        },
    ),
    Exercise(
        key="07.7",
        title="The edge of noise",
        lesson=LESSON,
        reference=directions_above_noise,
        checks=(checks.edge_of_noise, checks.nothing_in_noise, checks.three_are_found),
        mistakes={
            "gamma upside down": "Gamma is columns over plants: many plants make the edge narrow. "
            "Upside down, nothing is ever above it.",
            "root left out": "The edge is (1 + the root of gamma) squared.",
            "square left out": "1 + sqrt(gamma) is the edge of singular values; eigenvalues are "
            "their squares.",
            "lower edge": "This is the lower edge. Noise reaches up to the one with a plus.",
            "covariances": "The edge is for columns of variance 1. With covariances the columns "
            "with the largest unit count as directions.",
            "not centred": "A mean that is not 0 is one more direction, the largest of all, and "
            "all plants share it.",
            "plants correlated": "np.corrcoef takes rows for variables. Yours are columns: the "
            "table that you get is plants by plants.",
            "not divided by n": "Z^T Z grows with the number of plants; divided by it, noise has "
            "eigenvalues around 1.",
            "small ones counted": "A direction counts if it is larger than noise. Where some "
            "directions are large the others must be small: they share one sum.",
        },
    ),
)
