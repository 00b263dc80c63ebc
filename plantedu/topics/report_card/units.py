"""Trials on units: what do they tell, and are they used?

Activations are planted over the factors of a fresh world's plants: a unit tells a factor by a
strength that is drawn, or not at all; a unit is read by the head above it, or not at all.

Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]; information of codes: Chen et al. 2018,
arXiv:1802.04942 [chen2018]. Lesson: 10_neurons.
"""

import numpy as np
import scipy.stats

from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.statistics.auroc import auroc
from plantedu.topics.neurons.ablation import moved
from plantedu.topics.neurons.dictionary_scores import best_unit
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.disentanglement import dci
from plantedu.topics.neurons.information import Information, information
from plantedu.topics.neurons.selectivity import selectivity
from plantedu.topics.neurons.top_inputs import top_inputs
from plantedu.topics.neurons.unit_report import turned
from plantedu.topics.report_card.trial import Mark, drawn

FACTORS = ("severity", "chlorophyll", "angle", "width", "bend", "soil_rgb")
PLANTS, UNITS = 192, 8
NATS = 0.1
SEARCHED, LOOKED_AT = 256, 128
MOVED, EQUAL, TURNS = 0.01, 0.5, 19


def standard(seed: int, name: str, plants: int) -> np.ndarray:
    """A factor of a world's first plants, mean 0 and variance 1."""
    y = draw_factors(World(seed=seed), np.arange(plants))[name]
    return (y - y.mean()) / y.std()


def tested(seed: int) -> list[Mark]:
    """Mutual information above what one shuffle of the plants in a hundred passes."""
    found = _informed(seed)
    return [Mark(k % 2 == 0, bool(found.significant[k, 0]), None, v) for k, v in _values(found)]


def nats(seed: int) -> list[Mark]:
    """The same information, called knowledge from .1 nats on."""
    return [Mark(k % 2 == 0, v > NATS, None, v) for k, v in _values(_informed(seed))]


def _informed(seed: int) -> Information:
    """Information of units about one factor; every second unit tells none of it."""
    rng = drawn(seed, "told")  # the name of the stream: another one draws other worlds
    name = FACTORS[int(rng.integers(len(FACTORS)))]
    y = standard(seed, name, PLANTS)
    strength = rng.uniform(0.3, 1.0, size=UNITS) * (np.arange(UNITS) % 2 == 0)
    units = np.maximum(0.5 + y[:, None] * strength + rng.normal(size=(PLANTS, UNITS)), 0)
    return information(units, [DiscreteTarget(name, y)], generator=rng)


def _values(found: Information) -> list[tuple[int, float]]:
    return [(k, float(v)) for k, v in enumerate(found.value[:, 0])]


def other_half(seed: int) -> list[Mark]:
    """The best of 256 units for a question, chosen on one half and marked on the other."""
    marks = []
    for units, wanted, chosen, there in _searched(seed):
        value = best_unit(units, wanted, chosen)[1]
        marks.append(Mark(there, value > _by_luck(wanted[~chosen]), None, value))
    return marks


def same_half(seed: int) -> list[Mark]:
    """The same, marked where it was chosen."""
    marks = []
    for units, wanted, chosen, there in _searched(seed):
        found = auroc(units[chosen], wanted[chosen])
        value = float(np.maximum(found, 1 - found).max())
        marks.append(Mark(there, value > _by_luck(wanted[chosen]), None, value))
    return marks


def _searched(seed: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, bool]]:
    """Units, a question, the half that chooses; in the second case no unit answers it."""
    rng, cases = drawn(seed, "searched"), []
    wanted = standard(seed, "severity", LOOKED_AT) > 0
    for there in (True, False):
        units = rng.normal(size=(LOOKED_AT, SEARCHED))
        units[:, int(rng.integers(SEARCHED))] += there * rng.uniform(0.6, 1.4) * wanted
        cases.append((units, wanted, rng.permutation(LOOKED_AT) < LOOKED_AT // 2, there))
    return cases


def _by_luck(wanted: np.ndarray) -> float:
    """AUROC that one unit in twenty passes by luck (the normal law of Mann and Whitney's U)."""
    yes, n = int(wanted.sum()), len(wanted)
    return 0.5 + scipy.stats.norm.ppf(0.95) * np.sqrt((n + 1) / (12 * yes * (n - yes)))


def held(seed: int) -> list[Mark]:
    """Held at its mean, a unit moves the head by a hundredth of its spread, or more."""
    units, _, _, weights, generator = _read(seed)
    mixed = generator.normal(size=(weights.shape[1], 4))
    found = moved(units, lambda h: np.tanh(h @ weights) @ mixed)
    return _read_marks(weights, found > MOVED, found)


def selective(seed: int) -> list[Mark]:
    """Selective beyond one shuffle in a hundred, read as used."""
    units, name, y, weights, generator = _read(seed)
    found = selectivity(units, [DiscreteTarget(name, y)], generator=generator)
    return _read_marks(weights, found.value[:, 0] > found.level[:, 0], found.value[:, 0])


def _read_marks(weights: np.ndarray, said: np.ndarray, value: np.ndarray) -> list[Mark]:
    there = np.abs(weights).sum(1) > 0
    return [Mark(*one) for one in zip(there, said, [None] * len(said), value, strict=True)]


def _read(seed: int) -> tuple[np.ndarray, str, np.ndarray, np.ndarray, np.random.Generator]:
    """Units that all tell a factor, and a head that reads every second one of them."""
    rng = drawn(seed, "read")
    name = FACTORS[int(rng.integers(len(FACTORS)))]
    y = standard(seed, name, PLANTS)
    strength = rng.uniform(0.7, 1.2, size=UNITS)
    units = np.maximum(0.5 + y[:, None] * strength + rng.normal(size=(PLANTS, UNITS)), 0)
    weights = rng.normal(size=(UNITS, 6)) * rng.uniform(0.05, 1.0, size=(UNITS, 1))
    return units, name, y, weights * (np.arange(UNITS) % 2 == 0)[:, None], rng


def twins(seed: int) -> list[Mark]:
    """Top plants fire a standard deviation more than twins, and have twins of equal mean colour."""
    marks = []
    for unit, _, means, there in _bright(seed):
        found = top_inputs(unit[:, None], means)
        equal = found.apart[0] <= EQUAL * means.std(0).mean()
        marks.append(Mark(there, equal and found.score[0] >= 1, None, found.score[0]))
    return marks


def top_plants(seed: int) -> list[Mark]:
    """The six plants that fire most share the factor, half a standard deviation above the mean."""
    marks = []
    for unit, y, means, there in _bright(seed):
        shared = float(y[top_inputs(unit[:, None], means).tops[0]].mean())
        marks.append(Mark(there, shared >= 0.5, None, shared))
    return marks


def _bright(seed: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, bool]]:
    """A unit of a factor that darkens pictures, and a unit of how bright pictures are."""
    rng = drawn(seed, "bright")
    y = standard(seed, "severity", PLANTS)
    means = -0.06 * y[:, None] + 0.04 * rng.normal(size=(PLANTS, 1)) + 0.01 * rng.normal(
        size=(PLANTS, 3)
    )  # fmt: skip
    dark = -means.mean(1) / means.mean(1).std()
    noise = 0.3 * rng.normal(size=(2, PLANTS))
    return [
        (np.maximum(tells + one, 0), y, means, there)
        for tells, one, there in ((y, noise[0], True), (dark, noise[1], False))
    ]


def axes(seed: int) -> list[Mark]:
    """Disentanglement above that of all of 19 turned copies: the axes are special."""
    rng, marks = drawn(seed, "axes"), []
    for units, asked, there in _mixed(seed):
        own = dci(units, asked, generator=rng).disentanglement
        null = [dci(turned(units, rng), asked, generator=rng).disentanglement for _ in range(TURNS)]
        marks.append(Mark(there, own > max(null), None, own))
    return marks


def clean(seed: int) -> list[Mark]:
    """Units that tell two factors or fewer, on average, called clean."""
    rng, marks = drawn(seed, "axes"), []
    for units, asked, there in _mixed(seed):
        found = information(units, asked, generator=rng, shuffles=100)
        index = float(found.index.mean())
        marks.append(Mark(there, index <= 2, None, index))
    return marks


def _mixed(seed: int) -> list[tuple[np.ndarray, list[DiscreteTarget], bool]]:
    """Units that serve one factor each, and as many mixtures of the factors."""
    rng = drawn(seed, "mixed")
    y = np.stack([standard(seed, name, PLANTS) for name in FACTORS], 1)
    asked = [DiscreteTarget(name, y[:, k]) for k, name in enumerate(FACTORS)]
    one_each = np.eye(len(FACTORS))[np.arange(12) % len(FACTORS)].T
    mixed = rng.normal(size=(len(FACTORS), 12)) / np.sqrt(len(FACTORS))
    spread = rng.uniform(1.0, 3.0)
    noise = spread * rng.normal(size=(2, PLANTS, 12))
    return [(y @ one_each + noise[0], asked, True), (y @ mixed + noise[1], asked, False)]
