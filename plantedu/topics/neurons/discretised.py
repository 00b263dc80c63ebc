"""Factors and units as a few codes each, and the doors that refuse what has no meaning.

A number becomes b codes of equally many plants (edges are quantiles; equal values share a code, so
a unit that is 0 for half of the plants keeps fewer codes). A category keeps its levels. A factor
that shows on some plants alone (no lesions on a healthy leaf) is only asked about there.

Lesson: 10_neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import require

CONTROLS = {"rgb": "mesophyll", "rgn": "bloom"}  # what the other camera alone can see


@dataclass(frozen=True, eq=False)
class DiscreteTarget:
    """One factor that units are asked about.

    Attributes:
        name: The factor's column.
        values: One number or code a plant.
        levels: How many levels a category has; 0 for a number.
        shown: Plants on which the factor shows.
        control: It cannot show in these pictures: what units seem to know of it is luck.
    """

    name: str
    values: np.ndarray
    levels: int = 0
    shown: np.ndarray | None = None
    control: bool = False

    @property
    def rows(self) -> np.ndarray:
        """Plants on which it shows, as positions."""
        return np.arange(len(self.values)) if self.shown is None else np.flatnonzero(self.shown)

    def codes(self, bins: int) -> np.ndarray:
        """Codes of `rows`, from 0.

        Raises:
            PlantEduError: where the factor has one value.
        """
        values = self.values[self.rows]
        found = values.astype(int) if self.levels else binned(values[:, None], bins)[:, 0]
        kinds = np.unique(found)
        require(
            len(kinds) > 1,
            f"The factor {self.name!r} has one value in all of these {len(values)} plants: no unit "
            "can tell it. Take more plants, or a world where it varies.",
        )
        return np.searchsorted(kinds, found)

    def wide(self) -> np.ndarray:
        """One column for a number, one a level for a category, "plants columns".

        Raises:
            PlantEduError: where the factor has one value.
        """
        self.codes(2)
        values = self.values[:, None].astype(np.float64)
        return (
            (values == np.unique(self.values[self.rows])).astype(float) if self.levels else values
        )


def binned(values: np.ndarray, bins: int) -> np.ndarray:
    """Codes of each column by its own quantiles, "n columns".

    Raises:
        PlantEduError: for fewer than 2 bins.
    """
    require(bins >= 2, f"Numbers need 2 bins or more; got {bins}.")
    edges = np.quantile(values, np.arange(1, bins) / bins, axis=0)
    codes = np.empty(values.shape, dtype=int)
    for k in range(values.shape[1]):
        found = np.searchsorted(np.unique(edges[:, k]), values[:, k], side="right")
        codes[:, k] = np.unique(found, return_inverse=True)[1]
    return codes


def checked_units(units: np.ndarray, what: str = "These units") -> np.ndarray:
    """Activations as float64, "plants units".

    Raises:
        PlantEduError: for another shape, fewer than 8 plants, or numbers that are not finite.
    """
    found = np.asarray(units, dtype=np.float64)
    require(found.ndim == 2, f"{what}: activations are plants by units; got {found.shape}.")
    require(len(found) >= 8, f"{what}: 8 plants or more are needed; got {len(found)}.")
    wrong = int((~np.isfinite(found)).any(axis=0).sum())
    require(
        wrong == 0,
        f"{what}: {wrong} of {found.shape[1]} units have activations that are not finite (NaN or "
        "infinity). The encoder diverged, or its pictures were not in [0, 1].",
    )
    return found


def dead(units: np.ndarray) -> np.ndarray:
    """Units that say the same of every plant: they can mean nothing."""
    return np.ptp(units, axis=0) == 0


def named(targets: Sequence[DiscreteTarget]) -> tuple[str, ...]:
    """Names of the factors, each once.

    Raises:
        PlantEduError: without factors, or with one of them twice.
    """
    names = tuple(one.name for one in targets)
    require(len(names) > 0, "There is no factor to ask about; name one or more.")
    require(len(set(names)) == len(names), f"A factor is named twice: {', '.join(names)}.")
    return names
