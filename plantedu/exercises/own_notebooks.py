"""Two notebooks for one's own work, made from their text each time: your model, your method.

    lessons/notebooks/your_model.md, your_method.md     markdown; a python fence is a cell of code

They run as they stand, on what ships; the learner then puts their own in the place that is named.
"""

import re
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.exercises.notebook import ABOUT
from plantedu.extras import extra

with extra("app"):
    import nbformat
    from nbformat import NotebookNode
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NOTEBOOKS = ("your-model", "your-method")
CODE = re.compile(r"^```python\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def own_notebook(name: str, folder: Path) -> NotebookNode:
    """The notebook of a name; the same text gives the same notebook, cell by cell.

    Args:
        name: your-model or your-method.
        folder: The folder of lessons.

    Raises:
        PlantEduError: for another name, or where its text does not lie.
    """
    require(name in NOTEBOOKS, f"No notebook {name!r}; there are {', '.join(NOTEBOOKS)}.")
    path = Path(folder) / "notebooks" / f"{name.replace('-', '_')}.md"
    try:
        parts = CODE.split(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlantEduError(f"{path.name} cannot be read: {error.strerror}.") from error
    cells = []
    for k, part in enumerate(parts):
        if part.strip():
            cells.append((new_code_cell if k % 2 else new_markdown_cell)(part.strip()))
    for k, cell in enumerate(cells):
        cell["id"] = f"cell-{k}"  # by place, not at random
    made = new_notebook(cells=cells, metadata=ABOUT)
    nbformat.validate(made)
    return made
