"""How far readings of one factor spread: within a condition, over the world, and at one value.

    W_i = sum_d var_s r_isd            readings of the samples of condition i
    V   = sum_d var_j r_jd             readings of pictures of the world
    N   = mean_v sum_d var_j r_jd      the same where do(f = v): the factor fixed, all else free

    pinned = (V - mean_i W_i) / (V - N)

0: the samples of a condition differ in the factor as plants of the world do. 1: they differ no more
than pictures which share the factor exactly and nothing else, so that what is left is the reader's
own noise. More than 1: they share more than the factor. A category's reading is its vector of
probabilities, a number's is one standardised number; the sum goes over its entries.

`pinned` by the world's spread misleads where the painter is dull: pictures that all look alike are
narrow whatever the condition. So what a condition settles is measured within the painter's own
pictures, as an intraclass correlation, 0 where samples of one condition differ like samples of any
two:

    settled = B / (B + W),     W = mean_i W_i,     B = sum_d var_i mean_s r_isd - W / S

That is a consistency: readings of one factor answer to others too, so a factor that the condition
cannot hold is settled as well (the layers of the mesophyll, conditioned on X1, .2). Its null is
what stays between conditions when every conditioning picture has the same value of the factor
(`omission.py`). Whether what is settled is the source's own value is another question, and another
number:

    R2 = 1 - (n - 1) / (n - p - 1) * SSE / SST     of the source's factor on the mean readings

(V - N) / V is the first-order Sobol index of the reading, the share of its variance that the factor
alone accounts for. Where it is small the reader cannot read the factor and `pinned` means nothing.

Source: Sobol' index by picked and frozen draws: Jansen 1999, doi:10.1016/S0010-4655(98)00154-4
[jansen1999]; intraclass correlation: Shrout and Fleiss 1979 [shrout1979]. Lesson: 05_generation.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import require
from plantedu.models.factor_regressor import SHOWN, FactorReader

Readings = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Ground:
    """What the reader says of real pictures, by column.

    Attributes:
        world: V, the spread over plants.
        floor: N, the spread where the factor is fixed by do() and all else is free.
    """

    world: dict[str, float]
    floor: dict[str, float]

    def readable(self, column: str) -> float:
        """(V - N) / V, the share of the reading's variance that the factor accounts for."""
        return 1 - self.floor[column] / self.world[column] if self.world[column] > 0 else 0.0

    def pinned(self, column: str, within: float) -> float:
        """(V - W) / (V - N); NaN where V is no more than N."""
        room = self.world[column] - self.floor[column]
        return (self.world[column] - within) / room if room > 0 else float("nan")


def within(readings: Tensor) -> Tensor:
    """W_i of readings "plants samples width", unbiased, float64 "plants".

    Raises:
        PlantEduError: for fewer than two samples, or readings that are not finite.
    """
    require(readings.shape[1] >= 2, f"A spread needs 2 samples; got {readings.shape[1]}.")
    require(bool(readings.isfinite().all()), "Some readings are not finite: look at the samples.")
    return readings.double().var(1, correction=1).sum(1)


def over(readings: Tensor) -> float:
    """V of readings "plants width", unbiased."""
    return float(within(readings[None])[0])


def read_pairs(reader: FactorReader, pictures: Tensor) -> dict[str, Tensor]:
    """Readings of samples, "plants samples 6 side side" in [0, 1] -> "plants samples width".

    Raises:
        PlantEduError: for pictures that are no pairs, or hold NaN or infinity.
    """
    shape = tuple(pictures.shape)
    require(len(shape) == 5 and shape[2] == 6, f"Samples are pairs of 6 channels; got {shape}.")
    require(bool(pictures.isfinite().all()), "Some samples are not finite: nothing is read.")
    flat = pictures.flatten(0, 1)
    found = reader.read(flat[:, :3].contiguous(), flat[:, 3:].contiguous())
    return {name: one.unflatten(0, shape[:2]) for name, one in found.items()}


def withins(readings: Readings, disease: Tensor) -> dict[str, np.ndarray]:
    """W_i by column, "plants"; NaN where a plant does not show the factor.

    Args:
        readings: Of samples, "plants samples width" by column.
        disease: Code of each source's disease.
    """
    return {
        name: np.where(showing(name, disease).numpy(), within(one).numpy(), np.nan)
        for name, one in readings.items()
    }


def settled(readings: Tensor, rows: np.ndarray | None = None) -> float:
    """Share of the samples' variance that their condition accounts for, B / (B + W).

    Args:
        readings: "plants samples width" of plants that show the factor.
        rows: Which plants, with repeats for a bootstrap; all by default.

    Raises:
        PlantEduError: for fewer than two plants.
    """
    b, w = variances(readings, rows)
    return b / (b + w) if b + w > 0 else 0.0


def variances(readings: Tensor, rows: np.ndarray | None = None) -> tuple[float, float]:
    """B between conditions, which an estimate can put below 0, and W within.

    Args:
        readings: "plants samples width" of plants that show the factor.
        rows: Which plants, with repeats for a bootstrap; all by default.

    Raises:
        PlantEduError: for fewer than two plants.
    """
    chosen = readings if rows is None else readings[torch.from_numpy(rows)]
    require(len(chosen) >= 2, f"A share between conditions needs 2 of them; got {len(chosen)}.")
    b, w = resampled(chosen, np.arange(len(chosen))[None])
    return float(b[0]), float(w[0])


def resampled(readings: Tensor, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """B and W of many resamples of plants, "resamples plants", at once."""
    means, w = readings.double().mean(1).numpy()[rows], within(readings).numpy()[rows].mean(1)
    return means.var(1, ddof=1).sum(1) - w / readings.shape[1], w


def left(readings: Tensor, omitted: Sequence[Tensor]) -> float:
    """B' / (B + W): what stays settled when every conditioning picture has one value of the factor.

    Args:
        readings: "plants samples width".
        omitted: The same by encoders that omit the factor, of the same plants; B' is their mean.
    """
    b, w = variances(readings)
    rest = float(np.mean([variances(one)[0] for one in omitted]))
    return rest / (b + w) if b + w > 0 else 0.0


def explained(
    column: str, readings: Tensor, truth: np.ndarray, rows: np.ndarray | None = None
) -> float:
    """R2 of the sources' own factor on the mean readings, adjusted; below 0 where they say nothing.

    Args:
        column: What was read; a category is a vector of levels.
        readings: "plants samples width" of plants that show it.
        truth: The sources' factor, "plants".
        rows: Which plants, with repeats for a bootstrap; all by default.
    """
    chosen = np.arange(len(truth)) if rows is None else rows
    x, y = _regressed(column, readings, truth)
    x, y = x[chosen] - x[chosen].mean(0), y[chosen] - y[chosen].mean(0)
    n, p = x.shape
    total = float(np.square(y).sum())
    if total <= 0 or n <= p + 1:
        return 0.0
    fit = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - (n - 1) / (n - p - 1) * float(np.square(y - fit).sum()) / total


def shuffled_r2(
    column: str,
    readings: Tensor,
    truth: np.ndarray,
    generator: np.random.Generator,
    *,
    shuffles: int = 4999,
) -> np.ndarray:
    """The same with the sources shuffled, many times: its null, "shuffles"."""
    x, y = _regressed(column, readings, truth)
    x, y = x - x.mean(0), y - y.mean(0)
    n, p = x.shape
    total = float(np.square(y).sum())
    if total <= 0 or n <= p + 1:
        return np.zeros(shuffles)
    base, sizes, _ = np.linalg.svd(x, full_matrices=False)
    base = base[:, sizes > 1e-12 * max(sizes.max(), 1e-300)]
    orders = generator.permuted(np.tile(np.arange(n), (shuffles, 1)), axis=1)
    share = np.square(np.einsum("nb,snd->sbd", base, y[orders])).sum((1, 2)) / total
    return 1 - (n - 1) / (n - p - 1) * (1 - share)


def _regressed(column: str, readings: Tensor, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean readings, and the sources' factor as numbers, "plants width" each."""
    x = readings.double().mean(1).numpy()
    levels = COLUMNS[column].levels
    y = np.eye(len(levels))[truth.astype(int)] if levels else truth[:, None]
    return x[:, :-1] if levels else x, y.astype(np.float64)  # probabilities add up to 1


def free_spread(readings: Readings) -> dict[str, float]:
    """Spread of readings of pictures that share nothing, by column; NaN where too few show it.

    Args:
        readings: Of the samples of one condition that says nothing, "1 samples width" by column.
    """
    disease = readings["disease"][0].argmax(1)
    found = {}
    for name, one in readings.items():
        shown = one[0][showing(name, disease)]
        found[name] = over(shown) if len(shown) >= 4 else float("nan")
    return found


def pictures_of(x1: np.ndarray, x2: np.ndarray) -> Tensor:
    """Two uint8 sets of pictures as pairs in [0, 1], "plants 6 side side"."""
    return torch.cat([torch.from_numpy(x).float() / 255 for x in (x1, x2)], 1)


def showing(column: str, disease: Tensor) -> Tensor:
    """Which pictures show the column at all, by the disease's code, bool."""
    return disease > 0 if column in SHOWN else torch.ones_like(disease, dtype=torch.bool)


def ground(
    reader: FactorReader,
    world: World,
    plants: np.ndarray,
    *,
    side: int,
    values: int = 24,
    others: int = 8,
    columns: Iterable[str] = tuple(COLUMNS),
    generator: np.random.Generator,
    check: Callable[[], None] = lambda: None,
) -> Ground:
    """Spread of the reader's readings over real plants, and at fixed values of each factor.

    Args:
        reader: Reads the factors.
        world: Where the plants are drawn.
        plants: Indices of plants; those that show a factor stand for the world.
        side: Pixels a side of the pictures, as of the samples that stand beside them.
        values: Plants whose own value of a factor is fixed on others.
        others: On how many others.
        columns: What is read.
        generator: Draws who and on whom.
        check: Called between columns; may raise to stop.

    Raises:
        PlantEduError: for fewer than 8 plants.
    """
    require(len(plants) >= 8, f"A world's spread needs at least 8 plants; got {len(plants)}.")
    drawn = draw_factors(world, plants)
    pairs = render(world, plants, size=side)
    read = reader.read(*pictures_of(pairs.x1, pairs.x2).split(3, 1))
    disease = torch.from_numpy(drawn["disease"])
    spread, floor = {}, {}
    for column in columns:
        check()
        shown = showing(column, disease)
        rows = np.flatnonzero(shown.numpy())
        require(len(rows) >= 4, f"Too few plants show {column}: {len(rows)}.")
        spread[column] = over(read[column][shown])
        fixed = [drawn[column][k] for k in generator.permutation(rows)[:values]]
        others_of = partial(generator.choice, plants[rows], min(others, len(rows)), replace=False)
        floor[column] = _floor(reader, world, column, fixed, others_of, side)
    return Ground(spread, floor)


def _floor(
    reader: FactorReader,
    world: World,
    column: str,
    values: list[Any],
    others: Callable[[], np.ndarray],
    side: int,
) -> float:
    """N: mean spread of the readings of other plants on which the column is set to each value."""
    parts = []
    for value in values:
        pairs = render(world, others(), size=side, do={column: word(column, value)})
        parts.append(pictures_of(pairs.x1, pairs.x2))
    readings = read_pairs(reader, torch.stack(parts))[column]
    return float(within(readings).mean())


def word(column: str, value: np.generic | float) -> float | str:
    """A drawn value as `do` wants it: the name of a level, or a number."""
    levels = COLUMNS[column].levels
    return levels[int(value)] if levels else float(value)
