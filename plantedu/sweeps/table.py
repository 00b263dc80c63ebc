"""What came of a sweep: a line for each row, its last numbers beside their nulls."""

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.sweeps.grid import GridRow

READ = "probe/disease/both"


@dataclass(frozen=True)
class Outcome:
    """One row and what became of it.

    Attributes:
        state: That of its run; "waiting" where it has none.
        value, null: What the row is judged by, and the same under the control: for a training
            the disease probe on both pictures and on shuffled labels.
        interval: Lowest and highest over the probes' seeds, or what a result says.
        n: Plants that the value rests on.
    """

    settings: dict[str, Any]
    state: str
    run: str = ""
    step: int = 0
    seconds: float | None = None
    loss: float | None = None
    value: float | None = None
    null: float | None = None
    interval: tuple[float, float] | None = None
    n: int = 0
    error: str = ""


def outcome(row: GridRow, run: Run | None) -> Outcome:
    """What a row says of itself by now."""
    if run is None:
        return Outcome(row.settings, "waiting")
    result = run.result or {}
    last = result.get("last") or {}
    scores = judged(row, result)
    return Outcome(
        settings=row.settings,
        state=run.state,
        run=run.id,
        step=run.step,
        seconds=result.get("seconds"),
        loss=_middle(last.get("loss")),
        error=run.error,
        **scores,
    )


def judged(row: GridRow, result: dict[str, Any]) -> dict[str, Any]:
    """Value, null, interval and n of a result; nothing where it has none."""
    accuracy = result.get("accuracy")
    if isinstance(accuracy, dict):  # an Evidence, as fine-tuning gives
        band = accuracy.get("interval")
        shown = {name: accuracy.get(name) for name in ("value", "null")}
        return shown | {"interval": tuple(band) if band else None, "n": accuracy.get("n", 0)}
    last = result.get("last") or {}
    read, null = last.get(READ), last.get(READ.replace("probe", "null", 1))
    if read is None or null is None:
        return {}
    band = tuple(read[1:]) if isinstance(read, list) else None
    found = {"value": _middle(read), "null": _middle(null), "interval": band}
    return found | {"n": int(row.request.get("probe_plants", 0))}


def _middle(measure: Any) -> float | None:
    return measure[0] if isinstance(measure, list) else measure


def columns(outcomes: list[Outcome]) -> tuple[list[str], list[list[str]]]:
    """Heads and cells: the settings that vary, then state and numbers."""
    knobs = list(outcomes[0].settings) if outcomes else []
    heads = [*knobs, "run", "state", "step", "seconds", "loss"]
    heads += ["disease", "lowest", "highest", "shuffled labels", "n"]
    rows = []
    for each in outcomes:
        low, high = each.interval or (None, None)
        numbers = (each.seconds, each.loss, each.value, low, high, each.null)
        cells = [str(each.settings[knob]) for knob in knobs]
        cells += [each.run, each.state, str(each.step), *map(_cell, numbers), str(each.n or "")]
        rows.append(cells)
    return heads, rows


def _cell(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"


def text(outcomes: list[Outcome]) -> str:
    """The table for a terminal."""
    heads, rows = columns(outcomes)
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (heads, *rows)
    ]
    wrong = [f"  {each.run} {each.state}: {each.error}" for each in outcomes if each.error]
    return "\n".join(lines + wrong)


def write_table(outcomes: list[Outcome], path: Path) -> None:
    """The table as CSV.

    Raises:
        PlantEduError: if it cannot be written.
    """
    heads, rows = columns(outcomes)
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([heads, *rows])
    except OSError as error:
        raise PlantEduError(f"{path} cannot be written: {error.strerror}.") from error


def as_json(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Plain values; each value beside its null."""
    return [asdict(each) | {"seeds": 1} for each in outcomes]
