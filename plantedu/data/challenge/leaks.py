"""Which plant of a rendered challenge folder stands where; and the leaks that a lesson plants.

An honest folder deals plants to Train and Test, each disease alike. With `leak`, four mistakes that
real data sets have are added, a few plants each, and noted in `plantedu.json` as the answer key:

    copy          a plant of Train stands in Test too, byte for byte, under another id
    saved_again   the same, but compressed once more, so that no byte is equal
    twin          a plant's RGB row is in Train and its RGN row in Test
    two_ids       a plant of Train stands in Train twice, under two ids
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from plantedu.data.challenge.layout import Side
from plantedu.data.renderer.factors import factor
from plantedu.data.renderer.random_streams import uniforms
from plantedu.data.renderer.worlds import World, draw_factors, plant_id
from plantedu.errors import require

Leak = Literal["", "copy", "saved_again", "twin", "two_ids"]
LEAKS: tuple[Leak, ...] = ("copy", "saved_again", "twin", "two_ids")
FEWEST_WITH_LEAKS = 16


@dataclass(frozen=True)
class Place:
    """One id of a rendered folder: which plant it shows, and which table holds its rows.

    Attributes:
        id: Name of its pictures without ending.
        index: Plant of the world.
        label: Its disease.
        rgb_side, rgn_side: The table that its row stands in; they differ only in a "twin" leak.
        leak: The mistake that it is part of; "" for none.
        original: Id that it is a copy of; "" for none.
    """

    id: str
    index: int
    label: str
    rgb_side: Side
    rgn_side: Side
    leak: Leak = ""
    original: str = ""


def places(world: World, pairs: int, *, test_share: float, leak: bool) -> tuple[Place, ...]:
    """Deal the first `pairs` plants of a world to Train and Test, sorted by id.

    Args:
        world: The world.
        pairs: How many plants.
        test_share: Share of each disease that goes to Test, in [0, 1).
        leak: Add the four mistakes.

    Raises:
        PlantEduError: for no pair, a share out of range, or too few pairs to leak.
    """
    whole = isinstance(pairs, int) and pairs >= 1
    require(whole, f"A folder has at least 1 pair; got {pairs!r}.")
    require(0 <= test_share < 1, f"The test share is in [0, 1); got {test_share!r}.")
    indices = np.arange(pairs)
    codes = draw_factors(world, indices)["disease"]
    levels = factor("disease").levels
    in_test = _in_test(codes, uniforms(world.seed, "side", indices), test_share)
    honest = [
        Place(_name(world, k), k, levels[codes[k]], side, side)
        for k in range(pairs)
        for side in (("test" if in_test[k] else "train"),)
    ]
    assigned = _leaky(world, honest) if leak else honest
    return tuple(sorted(assigned, key=lambda place: place.id))


def _in_test(codes: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """Which plants go to Test: of each disease those that come first in `order`."""
    chosen = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        first = members[np.argsort(order[members], kind="stable")]
        chosen[first[: round(share * len(members))]] = True
    return chosen


def _leaky(world: World, honest: list[Place]) -> list[Place]:
    """The honest places with each of the mistakes made on some plants of Train."""
    train = [place for place in honest if place.rgb_side == "train"]
    each = max(1, len(honest) // 32)
    require(
        len(honest) >= FEWEST_WITH_LEAKS and len(train) >= each * len(LEAKS),
        f"Leaks need {FEWEST_WITH_LEAKS} pairs, half of them in Train; got {len(honest)} pairs "
        f"with {len(train)} in Train. Ask for more pairs.",
    )
    order = np.argsort(uniforms(world.seed, "leak", np.array([p.index for p in train])))
    chosen = [train[k] for k in order[: each * len(LEAKS)]]
    assigned = {place.id: place for place in honest}
    for k, place in enumerate(chosen):
        for changed in _mistake(world, place, LEAKS[k % len(LEAKS)]):
            assigned[changed.id] = changed
    return list(assigned.values())


def _mistake(world: World, place: Place, leak: Leak) -> list[Place]:
    """The places that stand for one plant once the mistake was made."""
    if leak == "twin":
        return [replace(place, rgn_side="test", leak=leak)]
    side: Side = "train" if leak == "two_ids" else "test"
    again = _name(world, place.index, copy=1)
    return [
        replace(place, leak=leak),
        Place(again, place.index, place.label, side, side, leak, place.id),
    ]


def _name(world: World, index: int, copy: int = 0) -> str:
    """An id that tells neither the plant nor its order, such as id_x3k09a7q2m."""
    number = int(hashlib.sha256(f"{plant_id(world, index)}/{copy}".encode()).hexdigest(), 16)
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "id_" + "".join(digits[number // 36**k % 36] for k in range(10))
