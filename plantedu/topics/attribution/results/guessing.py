"""The guessing game: two maps of one plant, one of a trained network and one of random weights.

Both are made by the same method, on the same pair, and drawn on the same scale; which side is the
trained one was drawn at random. Chance is half.

Lesson: 09_attribution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plantedu.errors import require
from plantedu.serialization import AsJson

Side = Literal["a", "b"]
SIDES: tuple[Side, ...] = ("a", "b")


@dataclass(frozen=True)
class Round:
    """One plant under one method.

    Attributes:
        row: The method, of ROWS; shown afterwards.
        plant: Whose pictures they are.
        pictures: Addresses: rgb, rgn, and of both sides: a rgb, a rgn, b rgb, b rgn.
        trained: Which side is of the trained network.
    """

    row: str
    plant: str
    pictures: dict[str, str]
    trained: str


@dataclass(frozen=True)
class Game(AsJson):
    """All rounds, in the order in which they are played."""

    network: str
    rounds: tuple[Round, ...]

    def right(self, guesses: Sequence[str]) -> tuple[bool, ...]:
        """Which guesses name the trained side.

        Raises:
            PlantEduError: for another number of guesses than rounds, or a guess that is no side.
        """
        known = len(guesses) == len(self.rounds) and all(one in SIDES for one in guesses)
        require(known, f"Say a or b for each of {len(self.rounds)} rounds; got {list(guesses)}.")
        return tuple(one == round.trained for one, round in zip(guesses, self.rounds, strict=True))
