"""How a measured number becomes the right option of a prediction, as the prediction's block says.

    settles="01_pairs.json#/mesophyll_in_rgb" bins="nothing 1 faint 2 plain" says="Largest change"

The number is the value of the Evidence at that place of a results file. It falls below 1 into
`nothing`, from 1 to below 2 into `faint`, and from 2 on into `plain`. `own` says where the same
number stands in a learner's own run, where runs have it.
"""

import math
import re
from dataclasses import dataclass

from plantedu.course.own_results import OwnPlace, own_place
from plantedu.errors import PlantEduError, require

PLACE = re.compile(r"(\w+\.json)#/(.+)")


@dataclass(frozen=True)
class AnswerBins:
    """Where the number is, and which option each value means.

    Attributes:
        file: Results file, in lessons/results.
        place: Names from its top to an Evidence; fields beside those of Evidence are left alone.
        bins: (upper end, option) from the lowest; the last upper end is infinite.
        says: What the number is; the sentence's beginning.
        own: Of the same number in a learner's own run; None where no run has it.
    """

    file: str
    place: tuple[str, ...]
    bins: tuple[tuple[float, str], ...]
    says: str
    own: OwnPlace | None = None

    def option(self, value: float) -> str:
        """The option whose bin holds a finite value."""
        return next(key for upper, key in self.bins if value < upper)


def answer_bins(given: dict[str, str], at: str) -> AnswerBins:
    """What a block's attributes say.

    Args:
        given: `settles`, `bins`, `says`, and `own` where runs have the number.
        at: Where the block stands, for what is said of a mistake.

    Raises:
        PlantEduError: for a place that is none, or bins that are not option number option ...,
            rising.
    """
    place = PLACE.fullmatch(given["settles"])
    if place is None:
        raise PlantEduError(f'{at}: settles="FILE.json#/PLACE"; got {given["settles"]!r}.')
    words = given["bins"].split()
    try:
        ends = [float(word) for word in words[1::2]]
    except ValueError as error:
        raise PlantEduError(f'{at}: bins="low 0.2 some 0.8 most"; {error}.') from error
    require(
        len(words) % 2 == 1 and len(words) >= 3 and ends == sorted(set(ends)),
        f'{at}: bins="low 0.2 some 0.8 most", with rising numbers; got {given["bins"]!r}.',
    )
    bins = tuple(zip([*ends, math.inf], words[::2], strict=True))
    own = own_place(given["own"], at) if "own" in given else None
    return AnswerBins(place[1], tuple(place[2].split("/")), bins, given["says"], own)
