"""A lesson as a Jupyter notebook, made from its file each time: text, figures, stubs, checks.

The lesson's markdown is the only source. A cell that is code is one of four kinds: the setup, a
stub with its check, an answer to an exercise, and the calls that make or read the numbers. Commands
that take minutes stand as comments, for the learner to start. Figures are inside the file, so that
it can be moved, also to a hosted notebook where the package is installed.
"""

import mimetypes
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from plantedu.course.blocks import Block, Exercise, Figure, Folded, InCode, Prediction, Text
from plantedu.course.checks import find_check
from plantedu.course.lessons import Lesson
from plantedu.course.quotes import without_comments
from plantedu.exercises.outline import outlines
from plantedu.extras import extra

with extra("app"):
    import nbformat
    from nbformat import NotebookNode
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SETUP = """\
# Once, on a hosted notebook: %pip install the package of the course.
from plantedu.exercises import check
from plantedu.exercises.notebook_cells import answer, numbers"""
TYPED = "# Take away a # to run a line; some take minutes."
FENCE = re.compile(r"^```\n((?:python -m .*\n)+)```$", re.MULTILINE)  # commands to type
Cells = list[NotebookNode]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ABOUT = {"kernelspec": KERNEL, "language_info": {"name": "python"}}


def notebook(lesson: Lesson, folder: Path) -> NotebookNode:
    """The notebook of a lesson; the same lesson gives the same notebook, cell by cell.

    Args:
        lesson: The lesson.
        folder: The folder of lessons, in which its figures are.
    """
    cells = [_opening(lesson), new_code_cell(SETUP)]
    for heading, blocks in lesson.sections.items():
        cells.append(new_markdown_cell(f"## {heading}"))
        for block in blocks:
            cells += _cells(lesson, block, folder)
    cells.append(new_markdown_cell("## Where the numbers come from"))
    cells.append(new_code_cell(f'numbers("{lesson.number}")'))
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"  # by place, not at random
    made = new_notebook(cells=cells, metadata=ABOUT)
    nbformat.validate(made)
    return made


def write(made: NotebookNode, path: Path) -> None:
    """Write a notebook to a file."""
    path.write_text(nbformat.writes(made), encoding="utf-8")


def _opening(lesson: Lesson) -> NotebookNode:
    goals = "\n".join(f"- {goal}" for goal in lesson.objectives)
    return new_markdown_cell(
        f"# {lesson.title}\n\nLesson {lesson.number}, {lesson.minutes} minutes. Made by `python -m "
        f"plantedu notebook {lesson.number}` from `lessons/{lesson.stem}.md`; predictions are "
        f"locked and scored on the page.\n\nAfter this lesson you can\n\n{goals}"
    )


def readable(markdown: str) -> str:
    """Lesson text without marks for tests; links to lessons become links to their notebooks."""
    text = re.sub(r"\]\((\d\d_\w+)\.md\)", r"](\1.ipynb)", without_comments(markdown))
    text = re.sub(r"\[([^\]]+)\]\(references\.bib\)", r"\1", text)
    return re.sub(r"^```python \S+:\S+$", "```python", text, flags=re.MULTILINE)


def _cells(lesson: Lesson, block: Block, folder: Path) -> Cells:
    makers: dict[type, Callable[..., Cells]] = {
        Text: lambda: _text(block.markdown),  # type: ignore[union-attr]
        Folded: lambda: [new_markdown_cell(_folded(block.title, block.text))],  # type: ignore[union-attr]
        Figure: lambda: _figure(block, folder),  # type: ignore[arg-type]
        Prediction: lambda: _prediction(block),  # type: ignore[arg-type]
        Exercise: lambda: _exercise(block),  # type: ignore[arg-type]
        InCode: lambda: _in_code(lesson, block),  # type: ignore[arg-type]
    }
    return makers[type(block)]()


def _text(markdown: str) -> Cells:
    """Markdown, and a code cell for each list of commands, behind a #: most take long."""
    cells: Cells = []
    for k, part in enumerate(FENCE.split(readable(markdown))):
        if k % 2:
            lines = "\n".join(f"# !{line}" for line in part.strip().splitlines())
            cells.append(
                new_code_cell(f"# Take away a # to run a line; some take minutes.\n{lines}")
            )
        elif part.strip():
            cells.append(new_markdown_cell(part.strip()))
    return cells


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{readable(text)}\n\n</details>"


def _figure(block: Figure, folder: Path) -> Cells:
    path = Path(folder) / block.path
    kind = mimetypes.guess_type(path.name)[0] or "image/png"
    cell = new_markdown_cell(
        f"![{block.alt}](attachment:{path.name})\n\n*{readable(block.caption)}*"
    )
    if path.is_file():
        cell["attachments"] = {path.name: {kind: b64encode(path.read_bytes()).decode()}}
    return [cell]


def _prediction(asked: Prediction) -> Cells:
    options = "\n".join(f"- `{key}`: {readable(label)}" for key, label in asked.options)
    explained = "\n".join(
        f"- `{key}`: {readable(text)}" for key, text in asked.explanations.items()
    )
    folded = _folded("After you have committed", explained)
    return [new_markdown_cell(f"**{readable(asked.question)}**\n\n{options}\n\n{folded}")]


def _exercise(task: Exercise) -> Cells:
    asked = find_check(task)
    text = (
        f"**{task.id} {task.title}** ({task.difficulty}, {task.minutes} minutes)\n\n"
        f"{readable(task.text)}\n\n{_folded('Hint', task.hint)}"
        f"\n\n{_folded('Solution', task.solution)}"
    )
    code = f'answer("{task.id}", "")  # {asked.prompt} ({asked.asks})'
    return [new_markdown_cell(text), new_code_cell(code)]


def _in_code(lesson: Lesson, block: InCode) -> Cells:
    cells: Cells = []
    for one in outlines(lesson.number):
        if one.key in block.titles:
            cells.append(new_markdown_cell(f"**{one.key} {one.title}**\n\n{one.about}"))
            cells.append(new_code_cell(one.stub.strip()))
            cells.append(new_code_cell(f'check("{one.key}", {one.name})'))
    return cells
