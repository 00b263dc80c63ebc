"""Two checkpoints with an event between them, and two without: how commands and pages name them.

Lesson: 03_bump.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from plantedu.errors import require
from plantedu.training.weights_spec import file_of, parse_start

Files = tuple[Path, Path]


@dataclass(frozen=True)
class Paired:
    """What is asked of a method that compares two checkpoints.

    Attributes:
        pair: Names or files before and after the event; the shipped ones by default.
        control: Two without the event between them; needed where a pair is named.
    """

    pair: tyro.conf.Positional[tuple[str, ...]] = ()
    control: tuple[str, ...] = ()


def shipped_file(name: str) -> Path:
    """Where a checkpoint that ships lies, by a name such as stages/0200.

    Raises:
        PlantEduError: if there is none of that name.
    """
    path = file_of(parse_start(f"shipped:{name}"))
    require(path is not None, f"No checkpoint {name!r} ships with this copy.")
    return Path(str(path))


def files_of(
    asked: Paired,
    resolve: Callable[[str], Path],
    shipped_pair: Sequence[str],
    shipped_control: Sequence[str],
) -> tuple[Files, Files]:
    """Before and after, of an event and of its control; what ships where nothing is named.

    Args:
        asked: What was named.
        resolve: Gives the file that a name means.
        shipped_pair: Names of what ships.
        shipped_control: Names of its control.

    Raises:
        PlantEduError: for another number of names, or a pair without its control.
    """
    pair, control = tuple(asked.pair), tuple(asked.control)
    if not pair and not control:
        pair, control = tuple(shipped_pair), tuple(shipped_control)
    require(len(pair) == 2, f"Name two checkpoints, before and after the event; got {len(pair)}.")
    require(
        len(control) == 2,
        "A change says nothing by itself: name two checkpoints about as far apart without the "
        f"event, --control BEFORE AFTER; got {len(control)}.",
    )
    before, after, first, second = (resolve(name) for name in (*pair, *control))
    return (before, after), (first, second)
