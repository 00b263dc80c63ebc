"""A run's numbers as series and as tables, and durations as people say them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from plantedu.charts.palette import NAMES
from plantedu.serialization import setting_columns
from plantedu.store.run import Metric
from plantedu.store.series import Series

VIEWS = ("rgb", "rgn", "both")
COLUMNS = ("steps", "values", "lows", "highs", "seconds")
HEADER = ("step", "value", "low", "high", "seconds")
RANDOM = "before training"
CONTROL = "random init"  # the settled control, which training never touched
Runs = Mapping[str, Series]


def series_of(rows: Sequence[Metric]) -> dict[str, Series]:
    """Metrics in the order of their steps, as series by name."""
    nan = math.nan
    found: dict[str, list[tuple[float, ...]]] = {}
    for row in rows:
        ends = (nan if row.low is None else row.low, nan if row.high is None else row.high)
        found.setdefault(row.name, []).append((row.step, row.value, *ends, row.seconds or 0.0))
    columns = {name: np.array(points).T for name, points in found.items()}
    return {name: Series(one[0].astype(np.int64), *one[1:]) for name, one in columns.items()}


def probed_factors(runs: Runs) -> list[str]:
    """Factors that the run probes, disease first."""
    found = {name.split("/")[1] for name in runs if name.startswith("probe/")}
    return sorted(found, key=lambda name: (name != "disease", name))


def probe_unit(runs: Runs, factor: str) -> str:
    """What the probe is scored in: accuracy for a category (chance above 0), R2 for a number."""
    found = [runs[name] for name in runs if name.startswith(f"chance/{factor}/")]
    return "accuracy" if any(len(one) and one.values[0] > 0 for one in found) else "R2"


def beginning(request: Mapping[str, Any]) -> str:
    """What a run's first step shows: "before training", or the encoder that it started from."""
    return RANDOM if request.get("start", "scratch") == "scratch" else "encoder at the start"


def null_table(runs: Runs, *, begins: str = RANDOM) -> pd.DataFrame:
    """Each probe beside its nulls: chance, shuffled labels, control, and the beginning."""
    rows = []
    for factor in probed_factors(runs):
        for view in VIEWS:
            name = f"{factor}/{view}"
            if f"probe/{name}" in runs:
                probe, null = runs[f"probe/{name}"], runs[f"null/{name}"]
                chance, control = runs.get(f"chance/{name}"), runs.get(f"random/{name}")
                rows.append(
                    {
                        "factor": factor,
                        "read from": NAMES[view],
                        "scored in": probe_unit(runs, factor),
                        "chance": float(chance.values[0]) if chance else 0.0,
                        "shuffled labels": float(null.values[-1]),
                        **({CONTROL: float(control.values[0])} if control else {}),
                        begins: float(probe.values[0]),
                        "now": float(probe.values[-1]),
                    }
                )
    return pd.DataFrame(rows)


def minutes(seconds: float) -> str:
    """A duration as people say it: "40 s", "3 min"."""
    return f"{seconds:z.0f} s" if seconds < 90 else f"{seconds / 60:z.0f} min"


def all_numbers(runs: Runs, made_by: str = "", settings: Mapping[str, Any] | None = None) -> str:
    """Every series of a run as comma-separated text: name, step, value, low, high, seconds.

    Args:
        runs: The series.
        made_by: The command that makes the run again; a last column says it in every row.
        settings: Of a run that no command makes, a column each.
    """
    tables = [
        pd.DataFrame({"name": name, **{column: getattr(one, column) for column in COLUMNS}})
        for name, one in sorted(runs.items())
    ]
    whole = pd.concat(tables).set_axis(["name", *HEADER], axis=1)
    how = setting_columns(settings or {}) | ({"made_by": made_by} if made_by else {})
    return whole.assign(**how).to_csv(index=False)
