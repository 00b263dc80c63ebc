"""Recorded runs: a folder with run.json, metrics.csv.gz and events.json.

A recording holds all that a page shows of a run, so it can be replayed through the store where
nobody wants to wait for the computation. They ship in checkpoints/recordings/; more may lie in
the folder `recordings` of `home()`.
"""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.serialization import renamed
from plantedu.shipped_files import checkpoints
from plantedu.store.cards import file_hash
from plantedu.store.metrics import LIFE
from plantedu.store.paths import home_place
from plantedu.store.run import Event, Metric
from plantedu.store.store import Store

FORMAT = "plantedu-recording-1"
HEADER = ["step", "name", "value", "low", "high", "seconds"]
STRIP = "crops.png"


@dataclass(frozen=True)
class Recording:
    """What is known of a recorded run without reading its metrics.

    Attributes:
        request: What was asked, for a training its recipe.
        seconds: How long the recorded run worked.
        rows: How many metrics it has.
        note: What else a viewer must know, such as that weights of its name are of another run.
    """

    folder: Path
    kind: str
    title: str
    request: dict[str, Any]
    code_version: str
    packages: dict[str, str]
    data_hash: str
    steps: int
    seconds: float
    rows: int
    sha256: str
    result: dict[str, Any] | None
    note: str = ""

    def metrics(self) -> list[Metric]:
        """All metrics in the order of their time.

        Raises:
            PlantEduError: if the file is missing, cut short or not the one recorded.
        """
        path = self.folder / "metrics.csv.gz"
        require(
            file_hash(path) == self.sha256,
            f"{path} is not the file that was recorded: it was cut short or changed.",
        )
        try:
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                lines = csv.reader(file)
                require(next(lines) == HEADER, f"{path} has other columns than {HEADER}.")
                rows = [_metric(*line) for line in lines]
        except (OSError, EOFError, ValueError, TypeError, StopIteration) as error:
            raise PlantEduError(f"{path} cannot be read as metrics: {error}.") from error
        return sorted(rows, key=lambda row: (row.seconds or 0.0, row.step))

    def events(self) -> list[Event]:
        """What happened, in the order of its time.

        Raises:
            PlantEduError: if the file is missing or not what it should be.
        """
        path = self.folder / "events.json"
        try:
            found = [Event(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError) as error:
            raise PlantEduError(f"{path} cannot be read as events: {error}.") from error
        return sorted(found, key=lambda event: (event.seconds or 0.0, event.step))


def recordings() -> dict[str, Path]:
    """Folder of every recording by name; names in requests are looked up here, never joined."""
    shipped = checkpoints() / "recordings"
    folders = [path for place in (home_place() / "recordings", shipped) for path in _folders(place)]
    return {path.name: path for path in folders}


def recording(name: str) -> Recording:
    """One recording.

    Raises:
        PlantEduError: if there is none of this name, or it is damaged.
    """
    known = recordings()
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise PlantEduError(f"There is no recording {name!r}; there are: {there}.")
    return read_recording(known[name])


def _folders(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from sorted(path for path in place.iterdir() if (path / "run.json").is_file())


def read_recording(folder: Path) -> Recording:
    """What a recording's run.json says.

    Raises:
        PlantEduError: if it is not a recording.
    """
    path = Path(folder) / "run.json"
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        require(words.pop("format") == FORMAT, f"{path} is no recording of form {FORMAT}.")
        words["request"] = renamed(words["kind"], words["request"])
        return Recording(folder=Path(folder), **words)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, PlantEduError):
            raise
        raise PlantEduError(f"{path} cannot be read as a recording: {error}.") from error


def export_run(
    store: Store, run_id: str, folder: Path, *, title: str = "", note: str = ""
) -> Recording:
    """Record a run of the store as a folder; the same run gives the same bytes.

    Args:
        store: Where the run is.
        run_id: Which run; it has to have metrics.
        folder: New or empty, or a recording, which is replaced.
        title: How people call it; the run's own name by default.
        note: What else a viewer must know.

    Raises:
        PlantEduError: if the folder holds other things, or the run recorded nothing.
    """
    run, folder = store.run(run_id), Path(folder)
    rows = list(_rows(store, run_id))
    require(bool(rows), f"Run {run_id} has recorded nothing yet; there is nothing to export.")
    _make_room(folder)
    (folder / "metrics.csv.gz").write_bytes(_table(rows))
    kept = [event for event in store.events(run_id) if event.name not in LIFE]
    _write_json(folder / "events.json", [vars(event) | {"time": 0.0} for event in kept])
    if (strip := store.folder(run_id) / STRIP).exists():
        shutil.copyfile(strip, folder / STRIP)
    _write_json(
        folder / "run.json",
        {
            "format": FORMAT,
            "kind": run.kind,
            "title": title or run.name or folder.name,
            "request": run.request,
            "code_version": run.code_version,
            "packages": run.packages,
            "data_hash": run.data_hash,
            "steps": run.steps,
            "seconds": max(row.seconds or 0.0 for row in rows),
            "rows": len(rows),
            "sha256": file_hash(folder / "metrics.csv.gz"),
            "result": run.result,
            **({"note": note} if note else {}),
        },
    )
    return read_recording(folder)


def amended(folder: Path, rows: Sequence[Metric]) -> Recording:
    """Put numbers that were measured afterwards into a recording; of the same name, in their place.

    Args:
        folder: The recording.
        rows: What was measured.

    Raises:
        PlantEduError: if it is not a recording, or not the one that was recorded.
    """
    found = read_recording(folder)
    names = {row.name for row in rows}
    kept = [*(row for row in found.metrics() if row.name not in names), *rows]
    path = found.folder / "metrics.csv.gz"
    path.write_bytes(_table(kept))
    words = json.loads((found.folder / "run.json").read_text(encoding="utf-8"))
    _write_json(found.folder / "run.json", words | {"rows": len(kept), "sha256": file_hash(path)})
    return read_recording(folder)


def _make_room(folder: Path) -> None:
    """Only a recording is written over."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strange = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise PlantEduError(f"{folder} cannot be written: {error.strerror}.") from error
    strange -= {"run.json", "metrics.csv.gz", "events.json", STRIP}
    require(
        not strange,
        f"{folder} holds other things ({', '.join(sorted(strange)[:3])}); name a new folder.",
    )


def _rows(store: Store, run_id: str) -> Iterator[Metric]:
    for name, series in store.metrics(run_id).items():
        columns = (series.steps, series.values, series.lows, series.highs, series.seconds)
        for step, value, low, high, seconds in zip(*(c.tolist() for c in columns), strict=True):
            yield Metric(step, name, value, low, high, seconds)


def _table(rows: list[Metric]) -> bytes:
    """The metrics as compressed CSV; floats in full, nothing for no number."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    for row in sorted(rows, key=lambda row: (row.step, row.name)):
        numbers = (row.value, row.low, row.high, row.seconds)
        table.writerow(
            [row.step, row.name, *("" if x is None or x != x else repr(x) for x in numbers)]
        )
    return gzip.compress(text.getvalue().encode(), mtime=0)


def _metric(step: str, name: str, value: str, low: str, high: str, seconds: str) -> Metric:
    ends = (float(low) if low else None, float(high) if high else None)
    return Metric(int(step), name, float(value or "nan"), *ends, float(seconds or 0.0))


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
