"""`python -m plantedu notebook 06`: a lesson as a Jupyter notebook; or one for your own work."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.exercises.notebook import notebook, write
from plantedu.exercises.notebook_cells import find_lesson
from plantedu.exercises.own_notebooks import NOTEBOOKS, own_notebook
from plantedu.output_paths import check_file
from plantedu.shipped_files import lessons


@dataclass(frozen=True)
class Options:
    """Write a lesson as a Jupyter notebook, or one for your own model or method.

    Attributes:
        lesson: Its number, such as 06; or your-model, your-method.
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
    own = chosen.lesson in NOTEBOOKS
    lesson = None if own else find_lesson(chosen.lesson)
    stem = chosen.lesson.replace("-", "_") if lesson is None else lesson.stem
    path = chosen.folder / f"{stem}.ipynb"
    check_file(path, overwrite=chosen.overwrite, like="06_similarity.ipynb")
    if lesson is None:
        made, title = own_notebook(chosen.lesson, lessons()), chosen.lesson.replace("-", " ")
    else:
        made, title = notebook(lesson, lessons()), f"{lesson.number} {lesson.title}"
    write(made, path)
    print(f"{path}: {title} Open it: jupyter lab {path}")
    return 0
