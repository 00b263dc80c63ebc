"""Does a representation move when one factor is changed? The total effect of each, by do().

    T_f = mean_i |phi(x_i) - phi(x_i; do f = f_j)|^2 / (2 V),     V = mean_i |phi(x_i) - mean phi|^2

with j another plant, drawn at random: the plant stays as it is, camera and noise too, and factor f
alone takes a value that the world could have given it. T_f is the total-order Sobol index of phi: 0
where the factor moves nothing, 1 where nothing else does; over all factors the indices add up to 1
or more. Setting a factor to the value that it has moves nothing, exactly: the null.

It says how far phi moves, not how much phi tells: a factor that moves a few coordinates a little
may still be read off them.

Source: Jansen 1999, doi:10.1016/S0010-4655(98)00154-4 [jansen1999]; do(): Pearl 2009
[pearl2009]. Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import require
from plantedu.models.factor_regressor import SHOWN
from plantedu.topics.generation.variance_components import word

Phi = Callable[[np.ndarray, np.ndarray], Tensor]  # uint8 X1 and X2 of plants -> "plants dim"


@dataclass(frozen=True, eq=False)
class Effects:
    """Share of each plant in T_f, by representation and column; NaN where the factor is not shown.

    Attributes:
        moved: By representation and column, |phi - phi'|^2 / (2 V), "plants".
        unmoved: The same for do(f = its own value), the mean.
    """

    moved: dict[str, dict[str, np.ndarray]]
    unmoved: dict[str, dict[str, float]]

    def total(self, phi: str, column: str) -> float:
        """T_f of one representation."""
        return float(np.nanmean(self.moved[phi][column]))


def effects(
    world: World,
    plants: np.ndarray,
    phis: dict[str, Phi],
    *,
    side: int,
    columns: Sequence[str] = tuple(COLUMNS),
    generator: np.random.Generator,
    check: Callable[[], None] = lambda: None,
) -> Effects:
    """Total effect of every column on every representation.

    Args:
        world: Where the plants are drawn.
        plants: Indices of plants, 8 or more.
        phis: Representations by name.
        side: Pixels a side of the pictures.
        columns: What is changed.
        generator: Draws which plant gives which its value.
        check: Called between columns; may raise to stop.

    Raises:
        PlantEduError: for fewer than 8 plants, or a representation that does not vary.
    """
    require(len(plants) >= 8, f"Effects need at least 8 plants; got {len(plants)}.")
    drawn = draw_factors(world, plants)
    pairs = render(world, plants, size=side)
    before = {name: phi(pairs.x1, pairs.x2).double() for name, phi in phis.items()}
    size = {name: _size(name, one) for name, one in before.items()}
    moved: dict[str, dict[str, np.ndarray]] = {name: {} for name in phis}
    unmoved: dict[str, dict[str, float]] = {name: {} for name in phis}
    for column in columns:
        check()
        shown = _showing(drawn, column)
        after = redrawn(world, plants, column, other_plants(drawn, column, generator), side)
        same = redrawn(world, plants[:4], column, drawn[column][:4], side)
        for name, phi in phis.items():
            far = (phi(*after).double() - before[name]).square().sum(1).numpy() / (2 * size[name])
            moved[name][column] = np.where(shown, far, np.nan)
            still = (phi(*same).double() - before[name][:4]).square().sum(1) / (2 * size[name])
            unmoved[name][column] = float(still.mean())
    return Effects(moved, unmoved)


def _size(name: str, phi: Tensor) -> float:
    """V: mean squared distance from the mean, unbiased."""
    found = float(phi.var(0, correction=1).sum())
    require(found > 0, f"The representation {name!r} is the same for every plant.")
    return found


def _showing(drawn: Mapping[str, np.ndarray], column: str) -> np.ndarray:
    """Which plants show the factor: of lesions' factors, those that are not healthy."""
    return drawn["disease"] > 0 if column in SHOWN else np.ones(len(drawn[column]), dtype=bool)


def other_plants(
    drawn: Mapping[str, np.ndarray], column: str, generator: np.random.Generator
) -> np.ndarray:
    """For each plant the value of another one, among those that show the factor.

    Args:
        drawn: Factors by column, "plants".
        column: Which.
        generator: Draws who gets whose.
    """
    own = drawn[column]
    order = generator.permutation(np.flatnonzero(_showing(drawn, column)))
    values = own.copy()
    values[order] = own[np.roll(order, 1)]
    return values


def redrawn(
    world: World, plants: np.ndarray, column: str, values: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """X1 and X2 of plants, uint8 "plants 3 side side", each with its own value of the column."""
    each = [
        render(world, [plant], size=side, do={column: word(column, value)})
        for plant, value in zip(plants.tolist(), values, strict=True)
    ]
    return np.concatenate([p.x1 for p in each]), np.concatenate([p.x2 for p in each])


def spread_of(phi: Tensor) -> Tensor:
    """Standard deviation of each coordinate over plants, never less than a tenth of the median."""
    spread = phi.std(0)
    return spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))


def scaled(phi: Tensor, spread: Tensor) -> Tensor:
    """Coordinates in units of their spread."""
    return phi / spread.to(torch.float32)
