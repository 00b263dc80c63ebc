"""The evaluation set: the plants that no shipped run was trained on, and the guard at its door.

    plants 0 to 4095 of a world       trained on, by any shipped run or by none
    plants 4096, 4097, ...            the evaluation set: numbers of the course rest on these

The draws of plant k depend on its world's seed and on k, not on the world's name: plant 5 of
`field` and plant 5 of `nursery` share their leaf. So an encoder has seen plant k if it was trained
on plant k of any world of that seed. Denoisers and dictionaries are trained on plants behind the
first 1,024 of the evaluation set; they are scored on those 1,024.

Lesson: 06_similarity.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from plantedu.data.renderer.worlds import World
from plantedu.errors import require

FIRST_HELD_OUT = 4096  # the first plant that no shipped run was trained on


@runtime_checkable
class Trained(Protocol):
    """A network that knows its plants: 0 to pairs - 1 of world `data`; "" for no planted world."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> str: ...
    @property
    def world_seed(self) -> int: ...
    @property
    def pairs(self) -> int: ...


@dataclass(frozen=True)
class Known:
    """The plants of a network whose own object does not know them, as `Trained`."""

    name: str
    data: str
    world_seed: int
    pairs: int


def held_out_rows(plants: int, first: int = FIRST_HELD_OUT) -> np.ndarray:
    """Indices of plants that are asked about, "plants".

    Args:
        plants: How many, 1 or more.
        first: Index of the first one.

    Raises:
        PlantEduError: for none.
    """
    require(plants >= 1, f"At least one plant is needed; got {plants}.")
    return np.arange(first, first + plants)


def require_unseen(one: Trained, planted: World, rows: np.ndarray) -> None:
    """Refuse plants that a network was trained on.

    Args:
        one: The network.
        planted: The world whose plants it is to be shown.
        rows: Their indices.

    Raises:
        PlantEduError: if one of them was trained on; says from which plant on there are others.
    """
    kin = one.data != "" and not one.data.startswith("folder:") and one.world_seed == planted.seed
    seen = np.asarray(rows)[np.asarray(rows) < one.pairs] if kin else np.empty(0)
    if seen.size:
        also = "" if one.data == planted.name else f", which share their draws with {planted.name}"
        require(
            False,
            f"{one.name} was trained on plants 0 to {one.pairs - 1} of {one.data!r}{also}, and it "
            f"is to be judged on plant {int(seen.min())}: a number from plants that it knows would "
            f"say nothing of others. Set first to {one.pairs} or more.",
        )
