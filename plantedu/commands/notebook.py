"""`python -m plantedu notebook 06`: a lesson as a Jupyter notebook."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.exercises.notebook import notebook, write
from plantedu.exercises.notebook_cells import find_lesson
from plantedu.output_paths import check_file
from plantedu.shipped_files import lessons


@dataclass(frozen=True)
class Options:
    """Write a lesson as a Jupyter notebook.

    Attributes:
        lesson: Its number, such as 06.
        folder: Where the notebook is written.
        overwrite: Replace a notebook that is there, with all that you wrote in it.
    """

    lesson: Annotated[str, tyro.conf.Positional]
    folder: Path = Path()
    overwrite: bool = False


def main(argv: list[str]) -> int:
    """Write the file, and say the next line to type."""
    chosen = tyro.cli(
        Options,
        args=argv,
        prog="python -m plantedu notebook",
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    lesson = find_lesson(chosen.lesson)
    path = chosen.folder / f"{lesson.stem}.ipynb"
    check_file(path, overwrite=chosen.overwrite, like="06_similarity.ipynb")
    write(notebook(lesson, lessons()), path)
    print(f"{path}: {lesson.number} {lesson.title} Open it: jupyter lab {path}")
    return 0
