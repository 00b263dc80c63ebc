"""The door of every measure here: two sets of rows that are the same plants, in the same order.

Lesson: 07_spectrum.
"""

from collections.abc import Sequence

import numpy as np

from plantedu.errors import require

LEAST = 4  # fewer plants leave nothing to estimate from


def check_features(x: np.ndarray, name: str = "features", *, least: int = LEAST) -> np.ndarray:
    """Features as float64, "plants dim".

    Args:
        x: One row a plant.
        name: What an error calls them.
        least: Fewest plants.

    Raises:
        PlantEduError: for another shape, too few plants, numbers that are not finite, or features
            that are the same for every plant.
    """
    x = np.asarray(x, dtype=np.float64)
    require(x.ndim == 2, f'{name} must be "plants dim", one row a plant; got shape {x.shape}.')
    require(len(x) >= least, f"{name}: at least {least} plants are needed, got {len(x)}.")
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    require(
        not len(bad),
        f"{name}: row {bad[0] if len(bad) else 0} holds NaN or infinity ({len(bad)} such rows); "
        "drop those plants, or find out why the encoder gave them.",
    )
    require(
        bool(np.ptp(x, axis=0).max(initial=0) > 0),
        f"{name} are constant: every plant has the same {x.shape[1]} numbers. A collapsed layer "
        "has no map and no spectrum.",
    )
    return x


def check_pairs(
    x: np.ndarray,
    y: np.ndarray,
    plants: tuple[Sequence[object], Sequence[object]] | None = None,
    *,
    square: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Both sets as float64, if they are the same plants.

    Args:
        x: One set, "plants dim".
        y: The other one.
        plants: Ids of the rows of either set; None where rows are known to correspond.
        square: Whether both must have the same width.

    Raises:
        PlantEduError: for what `check_features` refuses, different numbers of plants, different
            plants (names the first), a plant that is there twice, or different widths.
    """
    x, y = check_features(x, "the first set"), check_features(y, "the second set")
    require(
        len(x) == len(y),
        f"The two sets have {len(x)} and {len(y)} plants; a pair is one plant seen twice.",
    )
    require(
        not square or x.shape[1] == y.shape[1],
        f"The two sets are {x.shape[1]} and {y.shape[1]} wide: a map between them is rectangular "
        "and has no eigenvalues. Compare the same layer of the same encoder, or look at singular "
        "values.",
    )
    if plants is not None:
        check_plants(*plants, n=len(x))
    return x, y


def check_plants(first: Sequence[object], second: Sequence[object], *, n: int) -> None:
    """Refuse ids that do not correspond, row by row.

    Raises:
        PlantEduError: naming the first row that differs, or the first plant that is there twice.
    """
    require(
        len(first) == len(second) == n,
        f"{n} rows need {n} plant ids in either set, got {len(first)} and {len(second)}.",
    )
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        require(
            one == other,
            f"The two sets hold different plants: row {row} is plant {one} in the first and plant "
            f"{other} in the second. Put both in the same order.",
        )
    seen: set[object] = set()
    for row, one in enumerate(first):
        require(
            one not in seen,
            f"Plant {one} is there twice (again in row {row}): copies of a plant are no further "
            "evidence, and they flatter cross-validation. Keep one row a plant.",
        )
        seen.add(one)
