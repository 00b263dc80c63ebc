"""Which checkpoint a command or a page means: a file, a shipped name, or a step of a run.

    cross-0        a shipped one, by its name      a/b.safetensors     a file, also file:PATH
    shipped:NAME   the same                        run:ID[@WHEN]       a step of a run, or last

Lesson: 07_spectrum.
"""

from collections.abc import Callable
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.store.store import Store
from plantedu.training.weights_spec import file_of, parse_start

ENDING = ".safetensors"


def folder_of_run(run: str) -> Path:
    """Where the store of this machine keeps a run, by the first digits of its id.

    Raises:
        PlantEduError: if it knows none.
    """
    store = Store()
    try:
        return store.folder(store.run(run).id)
    finally:
        store.close()


def checkpoint_file(words: str, run_folder: Callable[[str], Path] = folder_of_run) -> Path:
    """The file that some words mean.

    Args:
        words: As above.
        run_folder: Folder of a run by its id.

    Raises:
        PlantEduError: for words that mean none, or a file that is not there.
    """
    if words.endswith(ENDING) and not words.startswith("file:"):
        require(Path(words).is_file(), f"There is no file {words}.")
        return Path(words)
    if words.startswith("run:") and "@" not in words:
        words = f"{words}@last"
    start = parse_start(words if ":" in words or words == "source" else f"shipped:{words}")
    if start.kind == "run":
        run, when = start.moment
        return checkpoint_at(run_folder(run), when)
    path = file_of(start)
    if path is None:
        raise PlantEduError(f"{words} is no checkpoint; name a file, a shipped one, or a run's.")
    return path


def asked_file(words: str, run_folder: Callable[[str], Path] = folder_of_run) -> Path:
    """The same for a page, which may name what ships or what a run made, and no other file.

    Raises:
        PlantEduError: for any other words.
    """
    mayhem = words.endswith(ENDING) or words.startswith("file:")
    require(not mayhem, "A page names shipped checkpoints and runs, not files.")
    return checkpoint_file(words, run_folder)


def checkpoint_at(folder: Path, moment: str) -> Path:
    """A run's checkpoint at a step, or its "last" one.

    Raises:
        PlantEduError: if there is none; lists the steps that there are.
    """
    there = sorted((Path(folder) / "checkpoints").glob("step-*.safetensors"))
    steps = {int(path.stem.removeprefix("step-")): path for path in there}
    if moment == "last" and steps:
        return steps[max(steps)]
    if not moment.isdecimal() or int(moment) not in steps:
        known = ", ".join(map(str, steps)) or "none"
        raise PlantEduError(
            f"Run {Path(folder).name} has no checkpoint {moment!r}; it has steps {known}, or last."
        )
    return steps[int(moment)]
