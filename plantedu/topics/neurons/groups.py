"""Are units used by what the network itself has above them? Held one by one, and in groups.

    moved(G) = E |g(h) - g(h')|^2 / E |g(h) - mean g|^2,    h' = h with the units of G at rest

g is the network's own head (a classifier's logits, a projector's z): nothing is fitted. Units are
ordered by their selectivity and cut into groups of equal size; does a group of selective units move
the head more than one of units that are not?

A rank correlation cannot be larger than the orders are reliable: with r_1 and r_2 the correlations
of each order with itself on other plants, at most sqrt(r_1 r_2) of a true 1 is seen. So every order
stands beside its reliability. The order of single units by what a *fitted* reader loses has next to
none: with hundreds of units that say the same, the reader's choice among them is chance, and near 0
is all that such an order can show.

Source: single directions held: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]; attenuation:
Spearman 1904, doi:10.2307/1412159 [spearman1904]. Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantedu.errors import require
from plantedu.topics.neurons.ablation import agreement, reader_of
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units, dead
from plantedu.topics.neurons.selectivity import selectivity

GROUPS = 32
LEAST = 0.5  # reliability below which a correlation is not corrected: it would be mostly noise
Head = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Order:
    """How well the order by selectivity agrees with an order by effect.

    Attributes:
        agrees: Spearman's correlation of the two orders.
        luck: Its 95th percentile for units in another order.
        selective: Reliability of the order by selectivity: its correlation between two halves of
            the plants.
        effect: Reliability of the order by effect.
    """

    agrees: float
    luck: float
    selective: float
    effect: float

    @property
    def corrected(self) -> float | None:
        """Correlation of what the two orders would be without noise; None below .5 of reliability.

        r / sqrt(r_1 r_2), at most 1 either way.
        """
        if min(self.selective, self.effect) < LEAST:
            return None
        return float(np.clip(self.agrees / np.sqrt(self.selective * self.effect), -1, 1))


@dataclass(frozen=True, eq=False)
class Used:
    """Selective beside used.

    Attributes:
        by_reader: Units, by what a ridge reader of the factor loses.
        by_head: Units, by how far the network's own head moves.
        by_groups: Groups of units, by how far the head moves.
        selectivity: Mean of each group, the least selective first.
        moved: Share of the head's spread that each group moves.
        at_random: The same for groups at random, mean.
    """

    by_reader: Order
    by_head: Order
    by_groups: Order
    selectivity: np.ndarray
    moved: np.ndarray
    at_random: float


def moved_by(units: np.ndarray, head: Head, groups: Sequence[np.ndarray]) -> np.ndarray:
    """How far the head moves when each group of units is held at its mean, "groups".

    Args:
        units: h, "plants units".
        head: h to the head's output, "plants out".
        groups: Places in h.

    Raises:
        PlantEduError: where the head says the same of every plant.
    """
    before = head(units)
    size = float(((before - before.mean(axis=0)) ** 2).sum())
    require(size > 0, "The head says the same of every plant; nothing can move it.")
    found = np.zeros(len(groups))
    for k, group in enumerate(groups):
        held = units.copy()
        held[:, group] = units[:, group].mean(axis=0)
        found[k] = ((head(held) - before) ** 2).sum() / size
    return found


def used(
    units: np.ndarray,
    one: DiscreteTarget,
    head: Head,
    *,
    generator: np.random.Generator,
    groups: int = GROUPS,
) -> Used:
    """Selective beside used, with the reliability of every order.

    Args:
        units: h >= 0, "plants units".
        one: The factor that units are selective for.
        head: What the network has above h.
        generator: Draws halves, orders and groups at random.
        groups: Into how many groups the live units are cut.

    Raises:
        PlantEduError: for fewer live units than groups, negative activations, or a factor with one
            value.
    """
    units = checked_units(units)
    live = np.flatnonzero(~dead(units))
    few = f"{groups} groups need as many live units; there are {len(live)}."
    require(2 <= groups <= len(live), few)
    half = generator.permutation(len(units)) < len(units) // 2
    parts = (half, ~half)
    how_selective = [_selective(units[p][:, live], _part(one, p), generator) for p in parts]
    whole = _selective(units[:, live], one, generator)
    loses = [reader_of(units[:, live], one, fitted=p).effects(units[:, live]) for p in parts]
    alone = [moved_by(units[p], head, [np.array([j]) for j in live]) for p in parts]
    cut = [live[g] for g in np.array_split(np.argsort(whole, kind="stable"), groups)]
    lots = np.array_split(generator.permutation(live), groups)
    together = [moved_by(units[p], head, cut) for p in parts]
    mean = lambda rows: np.array([rows[np.isin(live, g)].mean() for g in cut])  # noqa: E731
    luck = lambda a, b: _luck(a, b, generator)  # noqa: E731
    sides = {
        "by_reader": (whole, np.mean(loses, 0), how_selective, loses),
        "by_head": (whole, np.mean(alone, 0), how_selective, alone),
        "by_groups": (
            *(mean(whole), np.mean(together, 0), [mean(x) for x in how_selective], together),
        ),
    }
    orders = {
        name: Order(agreement(a, b), luck(a, b), agreement(*twice), agreement(*again))
        for name, (a, b, twice, again) in sides.items()
    }
    lot = float(np.mean([moved_by(units[p], head, lots).mean() for p in parts]))
    return Used(**orders, selectivity=mean(whole), moved=np.mean(together, 0), at_random=lot)


def _selective(
    units: np.ndarray, one: DiscreteTarget, generator: np.random.Generator
) -> np.ndarray:
    return selectivity(units, [one], generator=generator, shuffles=1).value[:, 0]


def _part(one: DiscreteTarget, rows: np.ndarray) -> DiscreteTarget:
    """The factor of some of the plants."""
    shown = None if one.shown is None else one.shown[rows]
    return replace(one, values=one.values[rows], shown=shown)


def _luck(a: np.ndarray, b: np.ndarray, generator: np.random.Generator) -> float:
    """What one order of the units in twenty passes."""
    found = [agreement(a, generator.permutation(b)) for _ in range(199)]
    return float(np.quantile(found, 0.95))
