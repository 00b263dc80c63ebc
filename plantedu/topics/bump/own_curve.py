"""Steps in a table that a learner brought, searched by the worker: the server only keeps the bytes.

A table of a megabyte can cost a gigabyte to parse and minutes to search, and whoever parses it in
the server takes that from all pages. Here it is read in the analysis lane, within its bounds of
time and memory. What comes back is small: which columns could be the loss, which splits there are,
and of one curve what `bump` found, thinned to the points that its charts draw:

    points = the least and the greatest value of each of MOST / 2 equal runs of rows

so the page draws what it would draw of all rows. Events are lined up by the page, without a search.

Source: see `plantedu.topics.bump.detect`: Kunsch 1989 [kunsch1989], Hansen 2000 [hansen2000].
Lesson: 03_bump.
"""

import tempfile
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.store.uploads import Uploads, wanted
from plantedu.store.work import Work
from plantedu.topics.bump.changepoints.columns import Columns
from plantedu.topics.bump.changepoints.reading import columns_in, curve_of, read_table
from plantedu.topics.bump.detect import bump
from plantedu.topics.bump.results.detect import NONE, TABLE, shown


def job(work: Work) -> dict[str, Any]:
    """Read the table of a request, and search the curve that is asked for."""
    asked = work.run.request
    uploads, name = Uploads(work.store.path.parent), asked[TABLE]
    try:
        data = uploads.read(name, learner=work.run.learner)
        work.check()
        work.store.set_step(work.run.id, 0, 1)
        found = read(data, column=asked.get("column", NONE), split=asked.get("split", 0))
        work.store.set_step(work.run.id, 1, 1)
        return found
    finally:
        if name not in wanted(work.store, but=work.run.id):
            uploads.drop(name, learner=work.run.learner)


def read(data: bytes, *, column: int = NONE, split: int = 0) -> dict[str, Any]:
    """What a table holds, and what was found in one of its curves.

    Columns and splits are chosen by their place: a request of a page holds no words of a file.

    Args:
        data: The file as it was brought.
        column: Which of `columns` is the loss; NONE where its name says so.
        split: Which of `splits` is searched.

    Returns:
        `columns` that could be the loss; and, unless several could and none is chosen, `column`,
        `splits`, `split` and what was `found`, see `shown`.

    Raises:
        PlantEduError: if it cannot be read or searched, with "The file" in place of its path.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(data)
        try:
            return _read(path, column, split)
        except PlantEduError as error:
            said = str(error).replace(str(path), "The file")
            said = said.replace(", or choose the loss: --column NAME", "")  # a word of the command
            raise PlantEduError(said) from error


def _read(path: Path, column: int, split: int) -> dict[str, Any]:
    clear = columns_in(path)
    known = list(clear.losses if isinstance(clear, Columns) else clear)
    if column == NONE and not isinstance(clear, Columns):
        return {"columns": known}
    require(column < len(known), f"{path} has {len(known)} columns that could be the loss.")
    table = read_table(path, column="" if column == NONE else known[column])
    splits = list(table.rows)
    require(bool(splits), f"{path} has a column split, but it is empty.")
    require(split < len(splits), f"{path} has {len(splits)} splits.")
    return {
        "columns": known,
        "column": table.columns.names[table.columns.loss],
        "splits": splits,
        "split": splits[split],
        "found": shown(bump(curve_of(table, splits[split]))),
    }
