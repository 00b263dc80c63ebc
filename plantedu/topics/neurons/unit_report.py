"""Units of one layer asked about every factor: each unit, and what they say together.

Turning h at random keeps all that h tells, linearly, and forgets its axes: what turned units do as
well is no property of neurons. A factor that the pictures cannot show is asked about too: units
that seem to tell it show how often the test errs.

Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.ablation import agreement, moved, reader_of
from plantedu.topics.neurons.discretised import DiscreteTarget, checked_units, dead
from plantedu.topics.neurons.disentanglement import dci, mig
from plantedu.topics.neurons.information import Information, information
from plantedu.topics.neurons.monosemanticity import baseline, factor_judge, monosemanticity
from plantedu.topics.neurons.results.units import Unit
from plantedu.topics.neurons.selectivity import selectivity
from plantedu.topics.neurons.top_inputs import TopInputs, top_inputs

HEAD_PLANTS = 256  # for what the head makes of each unit


@dataclass(frozen=True, eq=False)
class UnitReport:
    """Units of one layer, and what they say together.

    Attributes:
        names: Factors; those that cannot show stand last.
        level: What luck reaches one time in a hundred, share of H(f), median over units.
        units: Those that are alive.
        dead: How many say the same of every plant.
        head: Whether the network has something above h.
        numbers: Evidence by name.
    """

    names: tuple[str, ...]
    level: tuple[float, ...]
    units: tuple[Unit, ...]
    dead: int
    head: bool
    numbers: dict[str, Evidence]

    def profile(self) -> np.ndarray:
        """What each unit tells of each factor beyond luck, "units factors"."""
        found = np.zeros((len(self.units), len(self.names)))
        for k, unit in enumerate(self.units):
            chosen = list(unit.significant)
            found[k, chosen] = np.maximum(np.array(unit.excess)[chosen], 0)
        return found


@dataclass(frozen=True, kw_only=True)
class Way:
    """How units are asked.

    Attributes:
        use: The factor whose reader is asked what it leans on.
        bins: Codes of a number.
        shuffles: Orders of the null.
        seed: Draws orders, halves and the turn.
    """

    use: str = "disease"
    bins: int = 8
    shuffles: int = 199
    seed: int = 0


@dataclass(frozen=True, eq=False)
class _Parts:
    """What was measured of live units."""

    information: Information
    again: Information
    selectivity: np.ndarray
    shuffled: float
    effect: np.ndarray
    moved: np.ndarray
    ms: np.ndarray
    top_inputs: TopInputs


def unit_report(
    units: np.ndarray,
    targets: Sequence[DiscreteTarget],
    means: np.ndarray,
    rows: np.ndarray,
    *,
    way: Way,
    head: Callable[[np.ndarray], np.ndarray] | None = None,
    check: Callable[[], None] = lambda: None,
) -> UnitReport:
    """Ask the units of a layer.

    Args:
        units: Activations >= 0, "plants units".
        targets: The factors.
        means: Mean of each plant's picture by band, "plants bands".
        rows: Index of each plant.
        way: How it is asked.
        head: h to what the network has above it, "plants out".
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for activations that are not finite or negative, fewer than two live units, a
            factor with one value, or a factor of use that is not asked about.
    """
    rng = np.random.default_rng(way.seed)
    units = checked_units(units)
    live = np.flatnonzero(~dead(units))
    require(len(live) >= 2, f"{len(live)} of {units.shape[1]} units are alive; 2 are needed.")
    use = next((one for one in targets if one.name == way.use), None)
    if use is None:
        names = ", ".join(one.name for one in targets)
        raise PlantEduError(f"use is one of the factors asked about, {names}; got {way.use!r}.")
    x = units[:, live]
    found = _measured(x, targets, use, means, way, rng, check)
    if head is not None:
        found = replace(found, moved=moved(units[:HEAD_PLANTS], head)[live])
    check()
    info = found.information
    width = np.median((info.level - info.mean) / info.entropy, axis=0)
    return UnitReport(
        *(info.names, tuple(width.tolist())),
        tuple(_unit(found, k, int(number), rows) for k, number in enumerate(live)),
        *(units.shape[1] - len(live), head is not None, _numbers(x, targets, found, way, rng)),
    )


def turned(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Units in other axes: h - mean, turned by a random orthogonal matrix."""
    q, r = np.linalg.qr(generator.standard_normal((x.shape[1], x.shape[1])))
    return (x - x.mean(axis=0)) @ (q * np.sign(np.diag(r)))


def _measured(
    x: np.ndarray,
    targets: Sequence[DiscreteTarget],
    use: DiscreteTarget,
    means: np.ndarray,
    way: Way,
    rng: np.random.Generator,
    check: Callable[[], None],
) -> _Parts:
    how = {"bins": way.bins, "shuffles": way.shuffles, "check": check}
    info = information(x, targets, generator=rng, **how)
    again = information(turned(x, rng), targets, generator=rng, **how)
    chosen = selectivity(x, [use], generator=rng)
    fitted = rng.permutation(len(x)) < len(x) // 2
    return _Parts(
        *(info, again, chosen.value[:, 0], float(chosen.mean.mean())),
        reader_of(x, use, fitted=fitted).effects(x),
        np.zeros(x.shape[1]),
        monosemanticity(x, factor_judge(targets)),
        top_inputs(x, means),
    )


def _numbers(
    x: np.ndarray,
    targets: Sequence[DiscreteTarget],
    found: _Parts,
    way: Way,
    rng: np.random.Generator,
) -> dict[str, Evidence]:
    """What the units say together, each beside its null."""
    both, seen = (found.information, found.again), [one for one in targets if not one.control]
    one, two = dci(x, seen, generator=rng), dci(turned(x, rng), seen, generator=rng)
    real = ~found.information.control
    gaps = [mig(i.value[:, real], i.entropy[real]) for i in both]
    spread = [_mean(i.participation[i.index > 0]) for i in both]
    best = [_mean(i.share[:, real].max(axis=1)) for i in both]
    index = [_mean(i.index) for i in both]
    luck = [agreement(found.selectivity, rng.permutation(found.effect)) for _ in range(99)]
    lucky, false = (
        _mean(found.information.lucky),
        _mean(found.information.significant[:, found.information.control]),
    )
    turn, shuffled = "h turned at random", "plants in another order"
    said = {
        "index": ("How many factors does a unit tell?", index[0], lucky, shuffled),
        "index_turned": ("How many factors does a unit tell?", *index, turn),
        "participation": ("Over how many factors is what it tells spread?", *spread, turn),
        "best": ("What share of its best factor does a unit tell?", *best, turn),
        "false": ("Share of units that tell what cannot show", false, 0.01, "level of the test"),
        "disentanglement": (
            "Does a unit serve one factor (D)?",
            *(one.disentanglement, two.disentanglement, turn),
        ),
        "completeness": (
            "Does a factor need one unit (C)?",
            one.completeness,
            two.completeness,
            turn,
        ),
        "informativeness": (
            "R2 of the lasso on unseen plants (I)",
            *(_mean(one.informativeness), _mean(two.informativeness), turn),
        ),
        "mig": ("How far is the best unit before the second (MIG)?", *gaps, turn),
        "monosemanticity": (
            "Are the plants that make a unit fire alike (MS)?",
            *(_mean(found.ms), baseline(factor_judge(targets)), "plants in any order, closed form"),
        ),
        "selectivity": (
            f"How selective for {way.use} is a unit?",
            *(_mean(found.selectivity), found.shuffled, shuffled),
        ),
        "used": (
            f"Are units that are selective for {way.use} those that its reader loses most by?",
            *(agreement(found.selectivity, found.effect), float(np.quantile(luck, 0.95))),
            "95th percentile for units in another order",
        ),
    }
    return {
        name: Evidence(question=q, value=_number(v), null=_number(null), control=control, n=len(x))
        for name, (q, v, null, control) in said.items()
    }


def _mean(values: np.ndarray) -> float:
    """Mean of what is there; 0 of nothing."""
    there = np.asarray(values, float)[np.isfinite(values)]
    return float(there.mean()) if there.size else 0.0


def _number(value: float) -> float:
    """0 where nothing could be measured."""
    return float(value) if np.isfinite(value) else 0.0


def _unit(found: _Parts, k: int, number: int, rows: np.ndarray) -> Unit:
    info, shown = found.information, found.top_inputs
    excess = (info.value[k] - info.mean[k]) / info.entropy
    return Unit(
        number=number,
        excess=tuple(excess.tolist()),
        significant=tuple(np.flatnonzero(info.significant[k]).tolist()),
        participation=float(info.participation[k]),
        monosemanticity=float(found.ms[k]),
        selectivity=float(found.selectivity[k]),
        effect=float(found.effect[k]),
        moved=float(found.moved[k]),
        tops=tuple(rows[shown.tops[k]].tolist()),
        twins=tuple(rows[shown.twins[k]].tolist()),
        score=float(shown.score[k]),
    )
