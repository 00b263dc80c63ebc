"""Trials on maps: does a map say that a network uses a cue?

Maps are made of fresh plants that have both cues, and asked about each network and each cue
(`networks.py`). For deletion the map is what is planted: it marks the cue that the network uses, or
the other one.

Source: Adebayo et al. 2022, arXiv:2212.04629 [adebayo2022]; Petsiuk et al. 2018, arXiv:1806.07421
[petsiuk2018]. Lesson: 09_attribution.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch

from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.attribution.deletion import areas
from plantedu.topics.attribution.methods import Attribution, method
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.results.method_comparison import ROWS
from plantedu.topics.attribution.results.names import BASELINES, CUES
from plantedu.topics.report_card.networks import HAS_CUE, Field, field_of
from plantedu.topics.report_card.trial import Mark, drawn

BARE, COMPLETE = "uniform", 0.1
Maps = Callable[[Field, str], np.ndarray]


@lru_cache(maxsize=16)
def map_of(seed: int, network: str, row: str) -> Attribution:
    """One method's map of one network."""
    name, knobs = ROWS[row]
    found = field_of(seed)
    generator = torch.Generator().manual_seed(seed)
    how = method(name, **knobs)
    return how(found.networks[network], found.batch, HAS_CUE, generator=generator)


def ig_beats(seed: int) -> list[Mark]:
    """Integrated gradients from blur beat the best map that knows no network."""
    return _asked(seed, "ig blur", tuple(BASELINES))


def slopes_beat(seed: int) -> list[Mark]:
    """Gradient x input, the same."""
    return _asked(seed, "gxi", tuple(BASELINES))


def occlusion_beats(seed: int) -> list[Mark]:
    """Occlusion by blur, the same."""
    return _asked(seed, "occlusion blur", tuple(BASELINES))


def guided_beats(seed: int) -> list[Mark]:
    """Guided backprop, the same."""
    return _asked(seed, "guided", tuple(BASELINES))


def above_uniform(seed: int) -> list[Mark]:
    """Integrated gradients from blur, called used where more of it lies there than by area."""
    return _asked(seed, "ig blur", (BARE,))


def difference(seed: int) -> list[Mark]:
    """|x - blur|, which knows no network, called used where it beats the other baselines."""
    found, marks = field_of(seed), []
    for network in found.networks:
        pair = zip(found.batch.both, reference(found.batch, "blur"), strict=True)
        own = np.stack([(x - r).abs().mean(1).double().numpy() for x, r in pair])
        own /= own.sum((2, 3), keepdims=True) * 2
        others = {k: v for k, v in found.plain.items() if not k.startswith("differs")}
        marks += _beats(found, network, own, others)
    return marks


def complete(seed: int) -> list[Mark]:
    """Integrated gradients whose sum is s(x) - s(x') within a tenth, read as "used"."""
    found, marks = field_of(seed), []
    for network in found.networks:
        one = map_of(seed, network, "ig blur")
        assert one.delta is not None  # integrated gradients have one
        off = float(np.abs(one.delta).mean() / np.abs(one.signed.sum((0, 2, 3))).mean())
        marks += [Mark(found.used(network, cue), off < COMPLETE, None, off) for cue in CUES]
    return marks


def _asked(seed: int, row: str, beside: tuple[str, ...]) -> list[Mark]:
    return asked(seed, of_family(seed, row), beside)


def of_family(seed: int, row: str) -> Maps:
    """The maps of one of our methods, by its row in the comparison of methods."""
    return lambda found, network: map_of(seed, network, row).relevance


def asked(seed: int, maps: Maps, beside: tuple[str, ...] = tuple(BASELINES)) -> list[Mark]:
    """Used, if the mass in the cue's mask surely beats the best of some baselines.

    Args:
        seed: Of the world.
        maps: Relevance, "2 plants height width", never negative, of a field and the name of one of
            its networks.
        beside: Maps that know no network.
    """
    found, marks = field_of(seed), []
    for network in found.networks:
        others = {name: found.plain[name] for name in beside}
        marks += _beats(found, network, maps(found, network), others)
    return marks


def _beats(
    found: Field, network: str, relevance: np.ndarray, others: dict[str, np.ndarray]
) -> list[Mark]:
    """Per cue: used, if its mask has surely more mass than the best of some other maps."""
    marks = []
    for cue in CUES:
        mask = found.masks[cue]
        masses = np.stack([grade("mass", other, mask) for other in others.values()])
        best = masses[masses.mean(1).argmax()]
        more = mean_over_plants(
            *("More than the best baseline?", grade("mass", relevance, mask) - best, 0.0, "best"),
            kind="mean",
        )
        low = (more.interval or (0.0, 0.0))[0]
        marks.append(Mark(found.used(network, cue), low > 0, None, more.value))
    return marks


def deletion(seed: int) -> list[Mark]:
    """Pixels handed over to the same plant rendered without the cue, beside a random order."""
    return _deleted(seed, holes=False)


def holes(seed: int) -> list[Mark]:
    """Pixels made black instead: a picture that no camera takes."""
    return _deleted(seed, holes=True)


def _deleted(seed: int, *, holes: bool) -> list[Mark]:
    """The map is of the used cue, if the area is surely below that of a random order."""
    found, rng, marks = field_of(seed), drawn(seed, "deletion"), []
    for network in CUES:
        scored = found.networks[network]
        for cue in CUES:
            noise = rng.random((2, *found.masks[cue].shape))
            planted = found.masks[cue] + 1.5 * noise[0]  # a third of the mask is not on top
            other = found.without[network]
            black, dark = reference(found.batch, "black")
            filling = PairBatch(black, dark) if holes else other
            own, null = (
                areas(scored, found.batch, filling, r, HAS_CUE) for r in (planted, noise[1])
            )
            less = (own - null)[np.isfinite(own - null)]
            said = False
            if less.size >= 2:
                area = mean_over_plants(
                    "Less than a random order?", less, 0.0, "random order", kind="mean"
                )
                said = (area.interval or (0.0, 0.0))[1] < 0
            marks.append(
                Mark(found.used(network, cue), said, None, less.mean() if less.size else None)
            )
    return marks
