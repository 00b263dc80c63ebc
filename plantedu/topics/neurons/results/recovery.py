"""What a dictionary finds of directions that are known, as a value; no torch here, pages read it.

Lesson: 10_neurons.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from plantedu.errors import require


@dataclass(frozen=True)
class Recovery:
    """What a dictionary finds of known directions.

    Attributes:
        settings: Whose width, k and rule, in words.
        recall: Mean largest cosine of a known direction.
        at_random: The same for as many random directions.
        found: Share of known directions with one near.
        precision: Share of live directions near a known one.
        luck: The same for as many random directions.
        duplicates: Share of live directions with another one near.
        dead: Share of directions that never fire.
        width, k: Directions, and codes at once.
        seeds: Draws behind each number.
    """

    settings: str
    recall: float
    at_random: float = field(metadata={"was": "by_lot"})
    found: float
    precision: float
    luck: float
    duplicates: float
    dead: float
    width: int
    k: int
    seeds: int = 1


def mean_of(found: Sequence[Recovery]) -> Recovery:
    """The mean of every share over seeds.

    Raises:
        PlantEduError: of nothing, or of other settings.
    """
    require(len({(x.width, x.k, x.settings) for x in found}) == 1, "These are several settings.")
    shares = [field.name for field in fields(Recovery) if field.type in (float, "float")]
    means = {name: sum(getattr(x, name) for x in found) / len(found) for name in shares}
    return replace(found[0], **means, seeds=len(found))
