"""Which checkpoint a command or a page means: a file, a shipped name, or a step of a run.

    cross-0        a shipped one, by its name      a/b.safetensors     a file
    shipped:NAME   the same                        run:ID@WHEN         a step of a run, or last

Lesson: 07_spectrum.
"""

import re
from collections.abc import Callable
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.training.weights_spec import file_of, parse_start

ENDING = ".safetensors"


def checkpoint_file(words: str, run_folder: Callable[[str], Path]) -> Path:
    """The file that some words mean.

    Args:
        words: As above.
        run_folder: Folder of a run by its id.

    Raises:
        PlantEduError: for words that mean none, or a file that is not there.
    """
    if words.endswith(ENDING):
        require(Path(words).is_file(), f"There is no file {words}.")
        return Path(words)
    start = parse_start(words if ":" in words else f"shipped:{words}")
    if start.kind == "run":
        run, when = start.moment
        return _of_run(run_folder(run) / "checkpoints", run, when)
    path = file_of(start)
    require(path is not None, f"{words} is no checkpoint; name a file, a shipped one, or a run's.")
    return Path(str(path))


def asked_file(words: str, run_folder: Callable[[str], Path]) -> Path:
    """The same for a page, which may name what ships or what a run made, and no other file.

    Raises:
        PlantEduError: for any other words.
    """
    mayhem = words.endswith(ENDING) or words.startswith("file:")
    require(not mayhem, "A page names shipped checkpoints and runs, not files.")
    return checkpoint_file(words, run_folder)


def _of_run(folder: Path, run: str, when: str) -> Path:
    steps = {
        int(found[1]): path
        for path in folder.glob(f"step-*{ENDING}")
        if (found := re.fullmatch(rf"step-(\d+)\{ENDING}", path.name))
    }
    require(bool(steps), f"Run {run} has no checkpoint yet; let it go on, or train one that does.")
    step = max(steps) if when == "last" else int(when) if when.isdecimal() else -1
    if step not in steps:
        known = ", ".join(str(one) for one in sorted(steps)[:12])
        raise PlantEduError(f"Run {run} has no checkpoint {when}; it has those of {known}.")
    return steps[step]
