"""Loss curves from a file: a table with a step and a loss, as loggers write it.

A column `split` makes one curve of each split; other columns and lines that start with # are left
alone. Read in one pass, row by row: memory holds two numbers a row, time grows with the rows only.

Nothing is guessed in silence. A row with more cells than the header is refused (a comma in place of
a decimal point would cut every number to a whole one), more than a tenth of rows without a number
are refused, a last line that was half written is left out and said.
"""

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from plantedu.errors import PlantEduError, require
from plantedu.topics.bump.changepoints.columns import Columns, choices_in, columns_of
from plantedu.topics.bump.changepoints.curve import Curve, tidy
from plantedu.topics.bump.changepoints.opening import opened

SPLITS = 64  # in one file
NAME = 80  # characters of a split's name
UNREADABLE = 0.1  # share of rows; above, the file is refused
NONE = ("", "nan", "na", "n/a", "null", "none", "-", "inf", "-inf", "+inf", "infinity")
RECENT = 20  # last cells, beside which a cut one is short


@dataclass
class Rows:
    """One split's numbers as they come."""

    steps: array = field(default_factory=lambda: array("d"))
    values: array = field(default_factory=lambda: array("d"))


@dataclass
class Table:
    """What was read of a file.

    Attributes:
        rows: Numbers by split; the only one is called "loss" where there is no such column.
        lines, empty, unreadable: How many rows there were, how many had no value in the column,
            and how many held what is no number.
        first: Line and cell of the first that held what is no number.
        notes: What was chosen or left out, a sentence each.
    """

    columns: Columns
    rows: dict[str, Rows]
    lines: int = 0
    empty: int = 0
    unreadable: int = 0
    first: tuple[int, str] = (0, "")
    notes: list[str] = field(default_factory=list)


def read_curves(path: Path, *, split: str = "", column: str = "") -> dict[str, Curve]:
    """The curves of a file by the name of their split; "loss" where it has no column `split`.

    Args:
        path: A table with a step and a loss, and perhaps a split; may be packed (gzip, zip, xz).
        split: Read this split only; all of them by default.
        column: The loss, where it is called otherwise.

    Raises:
        PlantEduError: if the file cannot be read, lacks a column or the split, has rows of the
            wrong shape, or holds a curve that is too short or constant.
    """
    path = Path(path)
    table = read_table(path, split=split, column=column)
    if table.columns.split is None:
        require(not split, f"{path} has no column split, so there is no split {split!r} in it.")
    require(bool(table.rows), f"{path} has a column split, but it is empty.")
    require(
        not split or split in table.rows,
        f"{path} has no split {split!r}; it has {', '.join(table.rows) or 'none'}.",
    )
    wanted = [split] if split else list(table.rows)
    return {name: curve_of(table, name) for name in wanted}


def header_of(path: Path) -> tuple[str, ...]:
    """Names of all columns of a file, stripped.

    Raises:
        PlantEduError: if the file cannot be read as a table.
    """
    with opened(path) as lines:
        return tuple(name.strip() for name in _header(lines, path)[0])


def columns_in(path: Path) -> Columns | tuple[str, ...]:
    """The columns of a file; names to choose the loss from where it is not clear which it is.

    Raises:
        PlantEduError: if the file cannot be read, or no column can be the step.
    """
    with opened(path) as lines:
        header, _, _ = _header(lines, path)
    try:
        return columns_of(header, path=path)
    except PlantEduError:
        found = choices_in([name.strip() for name in header])
        if not found:
            raise
        return found


def read_table(path: Path, *, split: str = "", column: str = "") -> Table:
    """All numbers of a file, see `read_curves`."""
    with opened(path) as lines:
        cut = _Ends(lines)
        header, separator, first = _header(cut, path)
        table = Table(columns_of(header, path=path, wanted=column), {})
        try:
            cells = csv.reader(_without_comments(cut), delimiter=separator, skipinitialspace=True)
            _fill(table, chain(first, cells), cells, cut, path)
        except csv.Error as error:
            raise PlantEduError(f"{path} cannot be read as a table: {error}.") from error
    _check_share(table, path)
    if table.columns.guessed:
        name = table.columns.names[table.columns.loss]
        table.notes.append(f"The column {name!r} was read as the loss.")
    if table.empty:
        table.notes.append(f"{table.empty:,} rows without a value in this column were left alone.")
    return table


class _Ends:
    """Lines, with their count, and whether the last one had an end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.count, self.whole = lines, 0, True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.count += 1
        self.whole = line.endswith("\n")
        return line


def _without_comments(lines: Iterator[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith("#") and not line.isspace())


def _header(lines: Iterator[str], path: Path) -> tuple[list[str], str, list[list[str]]]:
    """Names of the columns, what stands between them, and a row that was read on the way.

    A table without names takes them from the last comment above it, as numpy's `savetxt` writes.
    """
    comment, separator = "", ""
    for line in lines:
        if line.startswith("#"):
            comment = line.lstrip("# \t").strip() or comment
            continue
        if line.isspace():
            continue
        if line.lower().startswith("sep=") and len(line.strip()) == 5:
            separator = line.strip()[4]
            continue
        separator = separator or _separator(line)
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        if comment and all(map(_is_number, cells)):
            names = next(csv.reader([comment], delimiter=separator, skipinitialspace=True))
            if len(names) == len(cells):
                return names, separator, [cells]
        return cells, separator, []
    raise PlantEduError(f"{path} cannot be read as a table: it has no line with names of columns.")


def _separator(line: str) -> str:
    """What most likely stands between cells: a comma wherever there is one."""
    return next((one for one in ",;\t" if one in line), " " if " " in line.strip() else ",")


def _fill(table: Table, rows: Iterator[list[str]], reader: object, ends: _Ends, path: Path) -> None:
    """Take the rows in, the last one only if it was written to its end."""
    width, columns = len(table.columns.names), table.columns
    last: list[str] | None = None
    lengths: list[int] = []
    for cells in rows:
        if len(cells) > width:
            extra = [cell for cell in cells[width:] if cell.strip()]
            require(not extra, _too_wide(path, ends.count, cells, width))
        if last is not None:
            _take(table, last, ends.count - 1, path)
            lengths.append(_length(last, columns.loss))
            if len(lengths) > 2 * RECENT:
                del lengths[:-RECENT]
        last = cells
    if last is None:
        return
    usual = min(lengths[-RECENT:], default=0)
    short = len(last) < width or _length(last, columns.loss) < usual
    if not ends.whole and short:
        table.notes.append("The last line was half written; it was left out.")
        return
    _take(table, last, ends.count, path)


def _length(cells: list[str], place: int) -> int:
    return len(cells[place].strip()) if place < len(cells) else 0


def _take(table: Table, cells: list[str], line: int, path: Path) -> None:
    columns = table.columns
    name = "loss"
    if columns.split is not None:
        name = cells[columns.split].strip() if columns.split < len(cells) else ""
        if not name:
            return
    own = table.rows.get(name)
    if own is None:
        _check_split(table, name, path)
        own = table.rows[name] = Rows()
    table.lines += 1
    step, value = _cell(cells, columns.step), _cell(cells, columns.loss)
    if not value:
        table.empty += 1
        return
    own.steps.append(_number(step, table, line))
    own.values.append(_number(value, table, line))


def _check_split(table: Table, name: str, path: Path) -> None:
    require(
        len(name) <= NAME,
        f"{path} has a split whose name has {len(name):,} characters; at most {NAME} are taken.",
    )
    require(
        len(table.rows) < SPLITS,
        f"{path} has more than {SPLITS} splits. Is the column split a name of a curve? Keep the "
        "splits that you want to see.",
    )


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _number(cell: str, table: Table, line: int) -> float:
    """The number of a cell; NaN, and counted, where it is none."""
    try:
        return float(cell)
    except ValueError:
        if cell.lower() not in NONE:
            table.unreadable += 1
            if not table.first[0]:
                table.first = (line, cell)
        return float("nan")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _check_share(table: Table, path: Path) -> None:
    read = table.lines - table.empty
    known = any(np.isfinite(np.asarray(one.values)).any() for one in table.rows.values())
    if not known or table.unreadable <= UNREADABLE * read:
        return
    line, cell = table.first
    raise PlantEduError(
        f"{path}: {table.unreadable:,} of {read:,} rows hold what is no number, the first in line "
        f"{line:,}: {cell[:40]!r}. More than a tenth would be lost. Write numbers without marks "
        "between thousands and with a point, such as 1234.5."
    )


def _too_wide(path: Path, line: int, cells: list[str], width: int) -> str:
    return (
        f"{path}, line {line:,}: {len(cells)} cells ({', '.join(cells)[:60]!r}) where the header "
        f"names {width}. Is a comma the decimal mark? Write 4.5, or put semicolons between cells."
    )


def curve_of(table: Table, name: str) -> Curve:
    """One split of a table; cells that are no number are NaN, which `tidy` drops and counts.

    Raises:
        PlantEduError: if it holds no number, or is too short or constant.
    """
    own = table.rows[name]
    steps, values = np.asarray(own.steps), np.asarray(own.values)
    require(
        bool(np.isfinite(values).any()),
        f"Curve {name!r} holds no number in its column {table.columns.names[table.columns.loss]}.",
    )
    curve = tidy(steps, values, name=name)
    return Curve(name, curve.steps, curve.values, (*table.notes, *curve.notes), curve.spacing)
