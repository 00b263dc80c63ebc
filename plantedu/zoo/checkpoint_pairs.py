"""Two checkpoints with an event between them, and two without: how commands and pages name them.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from plantedu.errors import require
from plantedu.training.weights_spec import file_of, parse_start

Files = tuple[Path, Path]


@dataclass(frozen=True)
class Paired:
    """Options of a command that compares two checkpoints.

    Attributes:
        pair: Files before and after the event; the shipped ones by default.
        control: Two files without the event between them; needed where a pair is named.
        json: Print the result as one JSON object on the last line.
    """

    pair: tyro.conf.Positional[tuple[Path, ...]] = ()
    control: tuple[Path, ...] = ()
    json: bool = False


def shipped_file(name: str) -> Path:
    """Where a checkpoint that ships lies, by a name such as stages/0200.

    Raises:
        PlantEduError: if there is none of that name.
    """
    path = file_of(parse_start(f"shipped:{name}"))
    require(path is not None, f"No checkpoint {name!r} ships with this copy.")
    return Path(str(path))


def files_of(
    pair: Sequence[Path],
    control: Sequence[Path],
    shipped_pair: Sequence[str],
    shipped_control: Sequence[str],
) -> tuple[Files, Files]:
    """Before and after, of an event and of its control; what ships where nothing is named.

    Raises:
        PlantEduError: for another number of files, or a pair without its control.
    """
    if not pair and not control:
        pair, control = (
            [shipped_file(name) for name in names] for names in (shipped_pair, shipped_control)
        )
    require(len(pair) == 2, f"Name two checkpoints, before and after the event; got {len(pair)}.")
    require(
        len(control) == 2,
        "A change says nothing by itself: name two checkpoints about as far apart without the "
        f"event, --control BEFORE AFTER; got {len(control)}.",
    )
    return (pair[0], pair[1]), (control[0], control[1])


def asked_files(
    asked: dict[str, Any], shipped_pair: Sequence[str], shipped_control: Sequence[str]
) -> tuple[Files, Files]:
    """The same from a page's request, which names what ships; "pair" and "control" are taken out.

    Raises:
        PlantEduError: for a name that does not ship, or a pair without its control.
    """
    named = [[shipped_file(str(n)) for n in asked.pop(key, ())] for key in ("pair", "control")]
    return files_of(named[0], named[1], shipped_pair, shipped_control)
