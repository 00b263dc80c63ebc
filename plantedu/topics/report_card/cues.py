"""Trials on use: does a model use a cue, or is the cue merely there?

A linear disease head reads the mean colours of 8 x 8 tiles of the RGB picture. It is fitted in a
world in which a mark in the corner goes with disease (strength .95), or is assigned at random.
Whether it uses the mark is what do(mark) does to its names on 200 other plants: used if a quarter
of them change, or more.

Source: do(): Pearl 2009 [pearl2009]; shortcuts: Geirhos et al. 2020 [geirhos2020]; what is there
need not be used: Elazar et al. 2021 [elazar2021]; Ravichander et al. 2021 [ravichander2021].
Lesson: 08_attacks.
"""

from functools import lru_cache

import numpy as np

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.statistics.intervals import share_interval
from plantedu.statistics.ridge_map import ridge_at
from plantedu.topics.report_card.encoders import PENALTY
from plantedu.topics.report_card.trial import Mark, drawn

SIZE, TILE = 64, 8
TRAIN, OTHERS = 160, 200
USED, STRONG = 0.25, 0.95
FAINT = (("lesion_count", 4, 6), ("lesion_size", 2.0, 2.4), ("severity", 0.0, 0.3))


def tiles(world: World, plants: np.ndarray, **do: str) -> np.ndarray:
    """Mean colours of the tiles of RGB pictures, "plants 192"."""
    x = render(world, plants, size=SIZE, do=do).x1.astype(float) / 255
    n, side = len(x), SIZE // TILE
    return x.reshape(n, 3, side, TILE, side, TILE).mean((3, 5)).reshape(n, -1)


@lru_cache(maxsize=4)
def head_of(seed: int, strength: float) -> tuple[np.ndarray, dict[str, np.ndarray], World]:
    """A linear disease head of a world with a mark, and features with the mark set by do()."""
    world = World("marked", seed, ranges=FAINT, decoy_strength=strength)
    train, others = np.arange(TRAIN), np.arange(1000, 1000 + OTHERS)
    h = tiles(world, train)
    sick = np.where(draw_factors(world, train)["disease"] > 0, 1.0, -1.0)
    middle = h.mean(0)
    weights = np.append(ridge_at(h, sick, PENALTY), 0.0)
    weights[-1] = sick.mean() - middle @ weights[:-1]
    seen = {m: tiles(world, others, mark=m) for m in ("present", "absent")}
    seen["train"] = h
    return weights, seen, world


def _names(weights: np.ndarray, h: np.ndarray) -> np.ndarray:
    return h @ weights[:-1] + weights[-1] > 0


def _used(seed: int, strength: float) -> tuple[np.ndarray, bool, float]:
    """Whose names do(mark) changes, whether that is enough, and the share."""
    weights, seen, _ = head_of(seed, strength)
    moved = _names(weights, seen["present"]) != _names(weights, seen["absent"])
    return moved, bool(moved.mean() >= USED), float(moved.mean())


def by_do(seed: int) -> list[Mark]:
    """do(mark) on 48 of the plants: used if a quarter of their names change."""
    rng, marks = drawn(seed, "used"), []
    for strength in (STRONG, 0.0):
        moved, used, share = _used(seed, strength)
        some = moved[rng.permutation(OTHERS)[:48]].astype(float)
        interval = share_interval(some)
        marks.append(Mark(used, bool(some.mean() >= USED), share, float(some.mean()), interval))
    return marks


def by_probe(seed: int) -> list[Mark]:
    """A probe for the mark, read as if what is there were used: above .8 right on held-out."""
    marks = []
    for strength in (STRONG, 0.0):
        _, used, _ = _used(seed, strength)
        _, seen, world = head_of(seed, strength)
        mark = np.where(draw_factors(world, np.arange(TRAIN))["mark"] > 0, 1.0, -1.0)
        h, cut = seen["train"], 3 * TRAIN // 4
        weights = ridge_at(h[:cut], mark[:cut], PENALTY)
        said = (h[cut:] - h[:cut].mean(0)) @ weights + mark[:cut].mean() > 0
        right = float((said == (mark[cut:] > 0)).mean())
        marks.append(Mark(used, right > 0.8, None, right))
    return marks


def mark_at_random(seed: int) -> list[Mark]:
    """Accuracy with the mark at random, less that of its own world: below -.05 is used."""
    marks = []
    for strength in (STRONG, 0.0):
        _, used, _ = _used(seed, strength)
        weights, _, world = head_of(seed, strength)
        plants = np.arange(2000, 2000 + 96)
        right = []
        for one in (world, World("marked", seed + 50_000, ranges=world.ranges)):
            sick = draw_factors(one, plants)["disease"] > 0
            right.append(float((_names(weights, tiles(one, plants)) == sick).mean()))
        marks.append(Mark(used, right[1] - right[0] < -0.05, None, right[1] - right[0]))
    return marks
