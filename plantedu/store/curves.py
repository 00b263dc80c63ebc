"""The curves of many runs in two small files, for pages that read them all at once.

    NAME.json     {"command", "knobs", "runs": [{"run", "steps", "seconds", knob: value}]}
    NAME.csv.gz   run, metric, step, value

Each curve keeps at most `POINTS` points, the least and greatest of each bucket.
"""

import csv
import gzip
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from plantedu.errors import PlantEduError, require
from plantedu.store.run import Run
from plantedu.store.series import buckets
from plantedu.store.store import Store

POINTS = 60
METRICS = ("loss", "probe/disease/both", "null/disease/both")
HEADER = ["run", "metric", "step", "value"]


@dataclass(frozen=True, eq=False)
class Curves:
    """Many runs and their curves.

    Attributes:
        command: What made them.
        knobs: Settings that differ between the runs, the seed among them.
        runs: A row a run: run, steps, seconds, and its value of each knob.
        rows: A row a point: run, metric, step, value.
    """

    command: str
    knobs: tuple[str, ...]
    runs: pd.DataFrame
    rows: pd.DataFrame

    def of(self, metric: str, knob: str) -> pd.DataFrame:
        """The points of one metric, each with its run's value of a knob as text in `setting`."""
        settings = dict(zip(self.runs["run"], self.runs[knob].astype(str), strict=True))
        found = self._points(metric)
        return found.assign(setting=[settings[run] for run in found["run"]])

    def ends(self, metric: str) -> pd.DataFrame:
        """The runs with the last value of a metric in `end`; runs without one are left out."""
        found = self._points(metric)
        last = dict(zip(found["run"], found["value"], strict=True))
        ended = self.runs.assign(end=[last.get(run, math.nan) for run in self.runs["run"]])
        return ended.dropna(subset=["end"])

    def _points(self, metric: str) -> pd.DataFrame:
        found: pd.DataFrame = self.rows.loc[self.rows["metric"] == metric]
        return found.sort_values("step", kind="stable")


def curves_of(
    store: Store, runs: Sequence[Run], knobs: Sequence[str], *, command: str = ""
) -> Curves:
    """The curves of runs that a store holds.

    Args:
        store: Where they are.
        runs: Which ones; those that recorded no loss are left out.
        knobs: Settings that differ between them.
        command: What made them.
    """
    table, rows = [], []
    for run in runs:
        found = {name: one for name, one in store.metrics(run.id, METRICS).items() if len(one)}
        if "loss" not in found:
            continue
        row = {"run": run.id, "steps": run.step, "seconds": store.seconds(run.id)}
        table.append(row | {knob: run.request.get(knob) for knob in knobs})
        for name, series in found.items():
            thin = buckets(series, POINTS)
            points = zip(thin.steps.tolist(), thin.values.tolist(), strict=True)
            rows += [(run.id, name, step, value) for step, value in points]
    return Curves(command, tuple(knobs), pd.DataFrame(table), pd.DataFrame(rows, columns=HEADER))


def write_curves(curves: Curves, path: Path) -> None:
    """Write NAME.json and NAME.csv.gz; `path` is either of them, or NAME alone."""
    table, points = files(path)
    runs = json.loads(str(curves.runs.to_json(orient="records")))
    words = {"command": curves.command, "knobs": list(curves.knobs), "runs": runs}
    table.write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(HEADER)
    sheet.writerows(
        (run, metric, step, f"{value:.5g}")
        for run, metric, step, value in curves.rows.itertuples(index=False)
    )
    points.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def read_curves(path: Path) -> Curves:
    """Read what `write_curves` wrote.

    Raises:
        PlantEduError: if a file is missing or not of this form.
    """
    table, points = files(path)
    try:
        words = json.loads(table.read_text(encoding="utf-8"))
        runs, rows = pd.DataFrame(words["runs"]), pd.read_csv(points)
        require(list(rows.columns) == HEADER, f"{points.name} must have the columns {HEADER}.")
        strange = sorted(set(rows["run"]) - set(runs["run"]))
        require(not strange, f"{points.name} has runs that {table.name} does not: {strange}.")
        return Curves(words.get("command", ""), tuple(words["knobs"]), runs, rows)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, PlantEduError):
            raise
        raise PlantEduError(
            f"The curves {table.name} and {points.name} cannot be read: {error}. They come with "
            "the lesson; look again after the next update."
        ) from error


def files(path: Path) -> tuple[Path, Path]:
    """Both files of a name."""
    path = Path(path)
    stem = path.name.removesuffix(".json").removesuffix(".csv.gz")
    return path.with_name(f"{stem}.json"), path.with_name(f"{stem}.csv.gz")
