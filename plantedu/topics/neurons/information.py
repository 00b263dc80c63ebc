"""How much each unit tells of each factor, beside the same for shuffled plants.

    I(u; f) = H(u) + H(f) - H(u, f)     in nats, of codes (`coded.py`)
    level   = what one shuffle of the plants in a hundred passes
    polysemy index of u    = number of factors with I(u; f) > level
    participation of u     = (sum_f r_f)^2 / sum_f r_f^2,   r_f = (I - mean of shuffles) / H(f)
                             where I > level, else 0

The index counts what stands out from luck, so it grows with n: with plants enough, a unit that
knows one thing well and ten a little has an index of eleven. Participation weighs: it says how many
factors share what the unit tells.

I of few plants is too large, by about (b_u - 1)(b_f - 1) / 2n: only its distance to shuffled plants
means anything.

Source: mutual information of codes as in Chen et al. 2018, arXiv:1802.04942 [chen2018]; shuffles:
Phipson & Smyth 2010 [phipson2010]. Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.discretised import DiscreteTarget, binned, checked_units, dead, named

LEVEL = 0.99


@dataclass(frozen=True, eq=False)
class Information:
    """What units tell of factors.

    Attributes:
        names: The factors.
        value: I(u; f) in nats, "units factors".
        mean, level: Mean of the shuffles, and what one in a hundred passes, "units factors".
        entropy: H(f) in nats, "factors".
        lucky: Polysemy index of the same units for plants in another order, "units".
        dead: Units that say the same of every plant.
        control: Factors that these pictures cannot show.
    """

    names: tuple[str, ...]
    value: np.ndarray
    mean: np.ndarray
    level: np.ndarray
    entropy: np.ndarray
    lucky: np.ndarray
    dead: np.ndarray
    control: np.ndarray

    @cached_property
    def significant(self) -> np.ndarray:
        """Whether a unit tells a factor beyond luck, "units factors"."""
        return self.value > self.level

    @cached_property
    def share(self) -> np.ndarray:
        """r_f: share of H(f) that a unit tells, less luck; 0 where it is luck."""
        return np.where(self.significant, (self.value - self.mean) / self.entropy, 0.0).clip(min=0)

    @property
    def index(self) -> np.ndarray:
        """Polysemy index of each unit; factors that cannot show do not count."""
        return (self.significant & ~self.control).sum(axis=1)

    @property
    def participation(self) -> np.ndarray:
        """Effective number of factors of each unit; 0 where it tells none."""
        r = np.where(self.control, 0.0, self.share)
        return r.sum(axis=1) ** 2 / np.maximum((r**2).sum(axis=1), 1e-12)


def information(
    units: np.ndarray,
    targets: Sequence[DiscreteTarget],
    *,
    generator: np.random.Generator,
    bins: int = 8,
    shuffles: int = 199,
    check: Callable[[], None] = lambda: None,
) -> Information:
    """Mutual information of every unit with every factor.

    Args:
        units: Activations, "plants units".
        targets: The factors.
        generator: Draws the orders of the plants.
        bins: Codes of a number.
        shuffles: Orders of the null, 100 or more; one more counts what is called by luck.
        check: Called between factors; may raise to stop.

    Raises:
        PlantEduError: for activations that are not finite, a factor with one value, too few
            shuffles.
    """
    units, names = checked_units(units), named(targets)
    require(shuffles >= 100, f"One in a hundred takes 100 shuffles or more; got {shuffles}.")
    columns = [_column(units, one, bins, shuffles, generator, check) for one in targets]
    value, mean, level, lucky = (
        np.stack([c[k] for c in columns], axis=1) for k in ("value", "mean", "level", "lucky")
    )
    return Information(
        names=names,
        value=value,
        mean=mean,
        level=level,
        entropy=np.array([c["entropy"] for c in columns]),
        lucky=lucky.sum(axis=1),
        dead=dead(units),
        control=np.array([one.control for one in targets]),
    )


def mutual_information(unit: np.ndarray, factor: np.ndarray) -> float:
    """I of two vectors of codes, in nats.

    Raises:
        PlantEduError: for vectors of two lengths.
    """
    require(len(unit) == len(factor), f"Codes of {len(unit)} and of {len(factor)} plants.")
    codes = _one_hot(unit[:, None]), _one_hot(factor[:, None])
    n = len(unit)
    return float(_entropies(*codes, n)[0, 0])


def _column(
    units: np.ndarray,
    one: DiscreteTarget,
    bins: int,
    shuffles: int,
    generator: np.random.Generator,
    check: Callable[[], None],
) -> dict[str, np.ndarray]:
    """One factor: I of every unit, and of every unit for shuffled plants."""
    check()
    factor, x = one.codes(bins), binned(units[one.rows], bins)
    n, hot = len(factor), _one_hot(x)
    orders = np.stack([factor, *(generator.permutation(factor) for _ in range(shuffles + 1))], 1)
    parts = [
        _entropies(hot, _one_hot(orders[:, k : k + 50]), n) for k in range(0, orders.shape[1], 50)
    ]
    found = np.concatenate(parts, axis=1)
    value, again, null = found[:, 0], found[:, 1], found[:, 2:]
    level = np.quantile(null, LEVEL, axis=1, method="higher")
    p = np.bincount(factor) / n
    lucky = (again > level) & (not one.control)
    numbers = {"value": value, "mean": null.mean(axis=1), "level": level, "lucky": lucky}
    return numbers | {"entropy": np.asarray(-(p * np.log(p)).sum())}


def _one_hot(codes: np.ndarray) -> np.ndarray:
    """ "n columns" codes as "n columns levels", float32 (counts to 2^24 are exact)."""
    return (codes[:, :, None] == np.arange(codes.max() + 1)).astype(np.float32)


def _entropies(unit: np.ndarray, factor: np.ndarray, n: int) -> np.ndarray:
    """I of every unit with every column of a factor, "units columns", from one-hot codes."""
    (_, u, b), (_, f, c) = unit.shape, factor.shape
    both = unit.reshape(n, -1).T @ factor.reshape(n, -1)
    x_log_x = np.concatenate([[0.0], np.arange(1, n + 1) * np.log(np.arange(1, n + 1))])
    joint = x_log_x[both.round().astype(np.int32)].reshape(u, b, f, c).sum(axis=(1, 3))
    of_units = x_log_x[unit.sum(axis=0).round().astype(int)].sum(axis=1)
    of_factor = x_log_x[factor.sum(axis=0).round().astype(int)].sum(axis=1)
    return ((joint - of_units[:, None] - of_factor[None, :]) / n + np.log(n)).clip(min=0)
