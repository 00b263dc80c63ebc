"""`python -m plantedu runs import metrics.csv`: a finished log of any loop, as a run of the store.

Tables are read as the bump detector reads them (`bump/changepoints/reading.py`): exports of wandb,
TensorBoard and Lightning, packed or not. Every column of numbers becomes a series; the one that is
the loss is called `loss`. A table of `step, name, value`, as this course exports runs, is read by
its names.
"""

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from plantedu.errors import PlantEduError, require
from plantedu.store.run import LOOP, Metric
from plantedu.store.store import Store
from plantedu.topics.bump.changepoints.columns import STEPS, Columns
from plantedu.topics.bump.changepoints.opening import opened
from plantedu.topics.bump.changepoints.reading import header_of, read_table

MOST = 64  # series
Csv = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]


@dataclass(frozen=True)
class Import:
    """Bring the finished log of any loop into the store; the page Live training shows it.

    Attributes:
        file: A table with a step and numbers: csv, may be packed (gzip, zip, xz).
        loss: The column that is the loss, where it is not clear.
        name: How people call the run; the file's name by default.
        json: Print one JSON object.
    """

    file: Csv
    loss: str = ""
    name: str = ""
    json: bool = False

    def __call__(self, store: Store) -> tuple[dict[str, Any], str]:
        """Read it, and write it as a run that is done."""
        series = series_in(self.file, loss=self.loss)
        rows = [
            Metric(step, name, value) for name, points in series.items() for step, value in points
        ]
        last = max(row.step for row in rows)
        request = {"file": self.file.name, "rows": len(rows)}
        words = {"name": self.name or self.file.name, "fresh": True, "worker": "import"}
        run_id = store.submit(LOOP, request, lane="training", **words)
        store.log(run_id, rows, step=last)
        store.finish(run_id, {"series": list(series), "rows": len(rows)})
        said = f"{len(rows):,} numbers of {len(series)} series as run {run_id}: {', '.join(series)}"
        return {"run": asdict(store.run(run_id)), "series": list(series)}, said


def series_in(path: Path, *, loss: str = "") -> dict[str, list[tuple[int, float]]]:
    """Every series of numbers of a log by name: steps and values, in the order of the steps.

    Raises:
        PlantEduError: for a file that cannot be read, has no step, or no number.
    """
    names = header_of(path)
    low = [name.lower() for name in names]
    if {"step", "name", "value"} <= set(low):
        return _long(path, low)
    chosen = _loss(path, loss)
    wanted = [one for one in names if one and one.lower() not in (*STEPS, "split")]
    require(
        len(wanted) <= MOST, f"{path} has {len(wanted)} columns; at most {MOST} are brought in."
    )
    found: dict[str, list[tuple[int, float]]] = {}
    for name in wanted:
        try:
            table = read_table(path, column=name)
        except PlantEduError:
            if name == chosen:
                raise
            continue  # a column of words
        for split, rows in table.rows.items():
            key = "loss" if name == chosen else name
            key = key if split == "loss" else f"{split}/{key}"
            points = _points(np.asarray(rows.steps), np.asarray(rows.values))
            if points:
                found[key] = points
    require(bool(found), f"{path} has no column of numbers beside its steps.")
    return found


def _loss(path: Path, wanted: str) -> str:
    """The column that is the loss; "" where none is called so."""
    try:
        columns: Columns = read_table(path, column=wanted).columns
    except PlantEduError:
        if wanted:
            raise
        return ""
    return columns.names[columns.loss]


def _points(steps: np.ndarray, values: np.ndarray) -> list[tuple[int, float]]:
    there = np.isfinite(steps) & np.isfinite(values)
    kept = dict(
        zip(np.rint(steps[there]).astype(int).tolist(), values[there].tolist(), strict=True)
    )
    return sorted(kept.items())


def _long(path: Path, names: list[str]) -> dict[str, list[tuple[int, float]]]:
    """A table with a row a number."""
    places = [names.index(word) for word in ("step", "name", "value")]
    found: dict[str, dict[int, float]] = {}
    with opened(path) as lines:
        table = csv.reader(lines)
        next(table)
        for number, cells in enumerate(table, 2):
            try:
                step, name, value = (cells[k] for k in places)
                if value:
                    found.setdefault(name, {})[int(float(step))] = float(value)
            except (IndexError, ValueError) as error:
                raise PlantEduError(f"{path}, line {number}: no step, name and value.") from error
    require(bool(found), f"{path} holds no number.")
    require(len(found) <= MOST, f"{path} has {len(found)} series; at most {MOST} are brought in.")
    return {name: sorted(points.items()) for name, points in found.items()}
