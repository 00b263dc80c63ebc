"""What recorders share: results with the command that makes them, and parts run by their names."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from plantedu.course.family import read_results
from plantedu.jobs.threads import share_cores
from plantedu.whole_files import write_whole

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
Result = TypeVar("Result", covariant=True)


class Kind(Protocol[Result]):
    """A result's class."""

    def from_json(self, found: Any, /) -> Result: ...


def write(
    name: str,
    found: Mapping[str, Any],
    command: str,
    *,
    indent: int | None = 1,
    folder: Path | None = None,
) -> None:
    """lessons/results/`name`.json: the command that makes it, then what was found.

    Args:
        name: Of the file.
        found: Plain values.
        command: Module and words, such as `experiments.bump fork`.
        indent: Of JSON; None is one line.
        folder: Another one, for results that are not committed; that of the lessons by default.
    """
    whole = {"command": f"uv run python -m {command}", **found}
    folder = folder or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.json", (json.dumps(whole, indent=indent) + "\n").encode())


def write_by_line(name: str, found: Mapping[str, Any]) -> None:
    """The same with a line for each part, for results that are long; their command among them."""
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items())
    write_whole(RESULTS / f"{name}.json", f"{{\n{lines}\n}}\n".encode())


def read(name: str) -> dict[str, Any]:
    """A committed result, its command among it.

    Raises:
        PlantEduError: if it is not there.
    """
    return read_results(RESULTS, name)


def read_as(kind: Kind[Result], name: str) -> Result:
    """A committed result as the class that wrote it.

    Raises:
        PlantEduError: if it is not there, or was written by another version.
    """
    return kind.from_json({k: v for k, v in read(name).items() if k != "command"})


def run(parts: Mapping[str, Callable[[], None]], words: Sequence[str]) -> None:
    """Run the parts that are named, all of them by default, on half of the cores.

    Raises:
        SystemExit: for a word that names none; it says which there are.
    """
    strange = [word for word in words if word not in parts]
    if strange:
        raise SystemExit(f"There is no part {', '.join(strange)}; there are {', '.join(parts)}.")
    share_cores()
    for word in words or parts:
        parts[word]()
