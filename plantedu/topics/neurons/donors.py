"""Plants that differ in one planted factor: a base, and donors with another level of it.

A plant stands there once a level: the same plant, rendered with do(), every other draw kept. Its
base is the level that it was assigned, its donor the same plant one level on. Where a second cue is
`beside` the factor, it is set to agree with the base in both: then following the factor and
following the other cue are two answers.

    level    0    1          a number has two: a tenth and nine tenths of its range
    base     the plant's own side of them
    donor    (base + 1) mod levels

Lesson: 10_neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from plantedu.data.renderer.factors import SENSORS, factor
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import require
from plantedu.training.online_probes import shrunk

SIZE = 64  # pixels a side of the rendered pictures
TENTHS = (0.1, 0.9)  # of a number's range: its two levels
CUE_LEVELS = {"disease": ("healthy", "blast"), "mark": ("absent", "present")}


@dataclass(frozen=True, eq=False)
class Donors:
    """Plants at every level of a factor.

    Attributes:
        pictures: "levels views n 3 side side", in [0, 1].
        base: Level of each plant.
        rows: Index of each plant.
    """

    pictures: Float[Tensor, "levels views n 3 side side"]
    base: Int[Tensor, " n"]
    rows: np.ndarray

    @property
    def levels(self) -> int:
        """How many there are."""
        return len(self.pictures)

    @property
    def to(self) -> Int[Tensor, " n"]:
        """Level of each donor."""
        return (self.base + 1) % self.levels

    def at(self, level: Tensor) -> Float[Tensor, "views n 3 side side"]:
        """The plants, each at a level of its own."""
        return self.pictures[level, :, torch.arange(len(level))].transpose(0, 1)


def levels_of(name: str, *, beside: str = "") -> tuple[float | str, ...]:
    """The levels of a factor: those of a category, two of a number.

    Args:
        name: A factor, or a column such as light_rgb.
        beside: A second cue; disease is then healthy or blast.

    Raises:
        PlantEduError: for a factor that is not there.
    """
    if beside:
        require(name in CUE_LEVELS, f"The cues are disease and mark; got {name!r}.")
        return CUE_LEVELS[name]
    one = factor(name)
    if one.kind == "category":
        return one.levels
    ends = (one.low + share * (one.high - one.low) for share in TENTHS)
    return tuple(float(round(value)) if one.whole else value for value in ends)


def donors(
    plants: World,
    rows: np.ndarray,
    name: str,
    *,
    sensors: Sequence[str],
    side: int,
    beside: str = "",
) -> Donors:
    """Render plants at every level of a factor.

    Args:
        plants: The world.
        rows: Indices of the plants, 8 or more.
        name: The factor, or a column.
        sensors: Views; a mark is only in RGN pictures where it stands beside the disease.
        side: Of the pictures, in pixels.
        beside: A second cue that is set to the level of the base.

    Raises:
        PlantEduError: for a factor that none of the sensors sees, too few plants, or plants that
            all have one level.
    """
    require(len(rows) >= 8, f"8 plants or more are needed; got {len(rows)}.")
    seen = [s for s in sensors if s in factor(name).sees and not name.endswith(f"_{_other(s)}")]
    require(bool(seen), f"Pictures of {' and '.join(sensors)} cannot show {name}: nothing to swap.")
    values = levels_of(name, beside=beside)
    base = _assigned(plants, rows, name, len(values))
    require(
        len(np.unique(base)) > 1,
        f"All {len(rows)} plants have one level of {name}: take more plants, or another world.",
    )
    found: np.ndarray | None = None
    for level in np.unique(base):
        mine = np.flatnonzero(base == level)
        held = {beside: CUE_LEVELS[beside][level]} if beside else {}
        for k, value in enumerate(values):
            shown = _views(plants, rows[mine], {**held, name: value}, sensors, bool(beside))
            if found is None:
                shape = (len(values), len(sensors), len(rows), *shown.shape[2:])
                found = np.empty(shape, dtype=np.uint8)
            found[k][:, mine] = shown
    assert found is not None  # there is a level
    small = torch.stack([torch.stack([shrunk(view, side) for view in one]) for one in found])
    return Donors(small, torch.from_numpy(base), rows)


def _assigned(plants: World, rows: np.ndarray, name: str, many: int) -> np.ndarray:
    """Level of each plant as it was assigned: a category's code, or the half of the range."""
    one, drawn = factor(name), draw_factors(plants, rows)
    column = drawn[name if name in drawn else one.columns[0]]
    if one.kind == "category":
        return np.minimum(column, many - 1).astype(np.int64)
    return (column > (one.low + one.high) / 2).astype(np.int64)


def _views(
    plants: World,
    rows: np.ndarray,
    do: dict[str, float | str],
    sensors: Sequence[str],
    bare_first: bool,
) -> np.ndarray:
    """Pictures by view, uint8 "views n 3 side side"; the RGB picture of the cues has no mark."""
    pairs = render(plants, rows, size=SIZE, do=do)
    bare = render(plants, rows, size=SIZE, do={**do, "mark": "absent"}) if bare_first else pairs
    both = {"rgb": bare.x1, "rgn": pairs.x2}
    return np.stack([both[sensor] for sensor in sensors])


def _other(sensor: str) -> str:
    return SENSORS[1 - SENSORS.index(sensor)]
