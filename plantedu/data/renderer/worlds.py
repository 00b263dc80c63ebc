"""Worlds: how the factors of a planted pair are drawn.

A *world* says how the factors of its plants are drawn: uniform in their range, unless fixed,
narrowed, shared between the sensors or, for the decoy, correlated with disease. The draws of plant
k depend on the world's seed and on k alone (`draws.py`).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from plantedu.data.renderer.factors import COLUMNS, FACTORS, Factor, factor
from plantedu.data.renderer.random_streams import uniforms
from plantedu.errors import PlantEduError, require

RENDERER = 2  # raise it with every change of a rendered byte: banks and cards are keyed by it


@dataclass(frozen=True)
class World:
    """How the factors of a plant are drawn.

    Attributes:
        name: Letters, digits, - and _; part of every plant's id.
        seed: Another seed, another population.
        fixed: Columns or factors that do not vary, ("disease", "blast").
        ranges: Factors drawn in a narrower range, ("light", 0.9, 1.1).
        shared: Per-sensor factors drawn once per plant, the same for both sensors.
        decoy_strength: Correlation of the mark with being diseased, 0 (independent) to 1.
    """

    name: str = "field"
    seed: int = 0
    fixed: tuple[tuple[str, float | str], ...] = ()
    ranges: tuple[tuple[str, float, float], ...] = ()
    shared: tuple[str, ...] = ()
    decoy_strength: float = 0.0

    def __post_init__(self) -> None:
        named = isinstance(self.name, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,40}", self.name)
        require(bool(named), f"A world's name has letters, digits, - and _; got {self.name!r}.")
        whole = isinstance(self.seed, int) and 0 <= self.seed < 2**63
        require(whole, f"A seed is a whole number >= 0; got {self.seed!r}.")
        for name, value in self.fixed:
            factor(name).code(value)
        for name, low, high in self.ranges:
            _check_range(factor(name), low, high)
        for name in self.shared:
            per_sensor = factor(name).role == "per_sensor" and name not in COLUMNS
            names = ", ".join(f.name for f in FACTORS if f.role == "per_sensor")
            require(per_sensor, f"Sensors can share {names}; got {name!r}.")
        between = 0 <= self.decoy_strength <= 1
        require(between, f"decoy_strength is between 0 and 1; got {self.decoy_strength!r}.")


def world(name: str, seed: int = 0) -> World:
    """The named world with another seed; `world:NAME` is the same.

    Raises:
        PlantEduError: for a name that is not there; lists those that are.
    """
    name = name.removeprefix("world:")
    require(
        not name.startswith(("images:", "folder:", "npz:")),
        f"{name} are pictures of your own, and this asks a planted world, whose truth is known: "
        f"{', '.join(WORLDS)}. For your own: `python -m plantedu own`, or `import plantedu as pe`.",
    )
    require(name in WORLDS, f"No world is called {name!r}. There are: {', '.join(WORLDS)}.")
    return World(**{**vars(WORLDS[name]), "seed": seed})


def world_hash(world: World) -> str:
    """16 hex digits that change with the world, the factors' ranges or the renderer."""
    facts = {"world": asdict(world), "factors": [asdict(f) for f in FACTORS], "renderer": RENDERER}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def plant_id(world: World, index: int | np.integer) -> str:
    """Name of plant `index`, such as field-0-000123."""
    return f"{world.name}-{world.seed}-{int(index):06d}"


def draw_factors(world: World, indices: ArrayLike) -> dict[str, np.ndarray]:
    """The factors of the plants, without rendering them.

    mark = diseased with probability rho = decoy_strength, else its own coin with P(present) = 2/3;
    as P(diseased) = 2/3 too, corr(mark, diseased) = rho and P(present) does not depend on rho.

    Args:
        world: How they are drawn.
        indices: Plants, "plant", whole numbers >= 0.

    Returns:
        One array per column, "plant": float64 for numbers, int64 codes into `Factor.levels` for
        categories.
    """
    plants = plant_indices(indices)
    table = {column: _draw(world, column, plants) for column in COLUMNS}
    for name, value in world.fixed:
        set_factor(table, name, value)
    if "mark" not in dict(world.fixed):
        table["mark"] = _mark(world, table, plants)
    return table


def set_factor(table: dict[str, np.ndarray], name: str, value: float | str) -> None:
    """Put `value` in every row of the factor's columns (or of the one column named).

    Raises:
        PlantEduError: for an unknown factor or a value out of range.
    """
    f = factor(name)
    for column in (name,) if name in COLUMNS else f.columns:
        table[column] = np.full_like(table[column], f.code(value))


def plant_indices(indices: ArrayLike) -> np.ndarray:
    """`indices` as an int64 vector; refuses anything but whole numbers >= 0."""
    plants = np.atleast_1d(np.asarray(indices))
    whole = np.issubdtype(plants.dtype, np.integer) or plants.size == 0
    good = whole and plants.ndim == 1 and not (plants < 0).any()
    if not good:
        raise PlantEduError(f"Plants are whole numbers >= 0 in one row; got {indices!r}.")
    return plants.astype(np.int64)


def _draw(world: World, column: str, plants: np.ndarray) -> np.ndarray:
    """One column: uniform in the world's range, at the column's own address."""
    f = COLUMNS[column]
    stream = f.columns[0] if f.name in world.shared else column
    u = uniforms(world.seed, stream, plants)
    if f.kind == "category":
        return np.floor(u * len(f.levels)).astype(np.int64)
    narrowed = {name: (low, high) for name, low, high in world.ranges}
    low, high = narrowed.get(column, narrowed.get(f.name, (f.low, f.high)))
    return low + np.floor(u * (high - low + 1)) if f.whole else low + u * (high - low)


def _mark(world: World, table: dict[str, np.ndarray], plants: np.ndarray) -> np.ndarray:
    """The decoy: follows disease with probability `decoy_strength`, else a coin of its own."""
    follows = uniforms(world.seed, "mark follows", plants) < world.decoy_strength
    coin = uniforms(world.seed, "mark", plants) < 2 / 3
    return np.where(follows, table["disease"] > 0, coin).astype(np.int64)


def _check_range(f: Factor, low: float, high: float) -> None:
    numbers = f.kind == "number" and f.code(low) <= f.code(high)
    require(numbers, f"The range of {f.name} is two numbers, low <= high; got {low}, {high}.")


_CALM = (
    ("light", 0.95, 1.1),
    ("warmth", -0.15, 0.15),
    ("noise", 0.5, 1.5),
    ("shift_x", -0.01, 0.01),
    ("shift_y", -0.01, 0.01),
    ("rotation", -1.0, 1.0),
    ("scale", 0.98, 1.02),
    ("vignetting", 0.0, 0.1),
    ("jpeg_quality", 95, 100),
)

WORLDS: Mapping[str, World] = {
    w.name: w
    for w in (
        World("field"),
        World("shared_light", shared=("light", "warmth", "vignetting", "noise", "soil")),
        World("decoy", decoy_strength=0.9),
        World("calm", ranges=_CALM),
        World("nursery", fixed=(("disease", "healthy"),)),
    )
}
