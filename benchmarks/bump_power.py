"""How often `python -m plantedu bump` is right: planted bumps, smooth curves, a million rows.

    OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power            # the table, some 20 minutes
    OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power published  # the published curve

A series is a trend with noise, logged every so many steps. The noise's sd is that of the logged
series about its trend, autocorrelation included. Kinds of noise:

    white      logged every 10 steps
    ar         AR(1), rho = .8 from row to row, logged every 10 steps
    ema 50     white noise and the step itself go through an EMA(.98) of every step, as the
               published library's logger does, and every 50th value is logged
    ema 1      the same with every value logged: the noise forgets over some 50 rows, and so
               arrives the step

Planted: one step of 4 sd, up or down, at a random step in the middle 70 % of the run. It is
located if a bump is reported at most one logging interval away. Smooth curves have none; a false
alarm is any bump. Intervals are Wilson's. Writes lessons/results/03_power.json after every row
of the table; rows that are there are not run again. `published` writes 03_published.json.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from scipy.stats import binomtest

from plantedu.analysis.bump import PUBLISHED, RECIPE, bump
from plantedu.changepoints.causes import published_timeline
from plantedu.changepoints.curve import Curve, tidy
from plantedu.changepoints.finding import Search, find_bumps
from plantedu.changepoints.reading import read_curves
from plantedu.evidence import Evidence
from plantedu.runs.checkpoints import write_whole

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
BETA = 0.98
EVERY = {"white": 10, "ar": 10, "ema 50": 50, "ema 1": 1}
ROWS = {"white": 600, "ar": 600, "ema 50": 600, "ema 1": 1500}
SERIES = 400
SIZE = 4.0  # sd of the logged noise

Trend = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def ema(values: np.ndarray) -> np.ndarray:
    """The moving average of every step, begun at the first value."""
    state = scipy.signal.lfiltic([1 - BETA], [1, -BETA], [values[0]])
    return scipy.signal.lfilter([1 - BETA], [1, -BETA], values, zi=state)[0]


def noise(kind: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Logged noise of unit marginal sd, "rows"."""
    if kind == "white":
        return generator.standard_normal(rows)
    if kind == "ar":
        white = generator.standard_normal(rows + 200)
        return scipy.signal.lfilter([np.sqrt(1 - 0.8**2)], [1, -0.8], white)[200:]
    every, before = EVERY[kind], 500
    white = generator.standard_normal(before + rows * every)
    return ema(white)[before::every][:rows] * np.sqrt((1 + BETA) / (1 - BETA))


def stepped(kind: str, rows: int, at: int) -> np.ndarray:
    """A unit step at a step of the run, as it is logged, "rows"."""
    every = EVERY[kind]
    if not kind.startswith("ema"):
        return (np.arange(rows) * every >= at).astype(float)
    return ema((np.arange(rows * every) >= at).astype(float))[::every]


def power_law(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """2 + 5 (1 + a t)^-b; t counts rows."""
    return 2 + 5 * (1 + generator.uniform(0.05, 1) * t) ** -generator.uniform(0.2, 0.8)


def exponential(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """1 + 4 exp(-t / T), T from a thirtieth of the run to the whole."""
    return 1 + 4 * np.exp(-t / (len(t) / generator.uniform(1, 30)))


def slow_sigmoid(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A fall by 2 whose 10 to 90 % take 150 to 250 rows."""
    width = generator.uniform(150, 250) / 4.4
    return 3 - 2 / (1 + np.exp(-(t - len(t) * generator.uniform(0.3, 0.7)) / width))


def one_cycle(rows: int) -> np.ndarray:
    """Noise as large as a one-cycle learning rate: a twentieth, its peak at a quarter, nearly 0."""
    t = np.arange(rows) / rows
    up = 0.05 + 0.95 * (1 - np.cos(np.pi * t / 0.25)) / 2
    return np.where(t < 0.25, up, 0.02 + 0.98 * (1 + np.cos(np.pi * (t - 0.25) / 0.75)) / 2)


TRENDS: dict[str, Trend] = {
    "power law": power_law,
    "exponential": exponential,
    "slow sigmoid": slow_sigmoid,
}


def curve_of(
    kind: str, trend: str, generator: np.random.Generator, *, cycle: bool = False
) -> tuple[np.ndarray, float]:
    """A smooth series and the sd of its noise, from 1/1000 to 1/50 of the trend's range."""
    rows = ROWS[kind]
    smooth = TRENDS[trend](np.arange(rows, dtype=float), generator)
    sd = float(np.ptp(smooth)) * np.exp(generator.uniform(np.log(1e-3), np.log(2e-2)))
    return smooth + sd * noise(kind, rows, generator) * (one_cycle(rows) if cycle else 1), sd


def searched(kind: str, values: np.ndarray, seed: int, within: int) -> Search:
    steps = np.arange(len(values)) * EVERY[kind]
    return find_bumps(tidy(steps, values), within=within, draws=199, seed=seed)


def planted(kind: str, *, series: int, within: int = 48) -> dict[str, Any]:
    """Share of planted bumps that are located, and what else was reported."""
    names, every, rows = ("power law", "exponential"), EVERY[kind], ROWS[kind]
    told: list[dict[str, Any]] = []
    for seed in range(series):
        generator = np.random.default_rng([1, seed])
        values, sd = curve_of(kind, names[seed % 2], generator)
        at = int(generator.integers(int(0.15 * rows * every), int(0.85 * rows * every)))
        sign = generator.choice([-1, 1])
        found = searched(kind, values + sign * SIZE * sd * stepped(kind, rows, at), seed, within)
        near = min(found.bumps, key=lambda one: abs(one.step - at), default=None)
        error = abs(near.step - at) if near else np.inf
        told.append(
            {
                "located": error <= every,
                "detected": error <= max(10 * every, 150 if kind == "ema 1" else 0),
                "others": len(found.bumps) > 1,
                "covered": bool(near and near.interval[0] <= at <= near.interval[1]),
                "error": float(error),
            }
        )
    errors = [one["error"] for one in told if one["detected"]]
    return {
        "located": share("have the bump located within one logging interval", told, "located"),
        "detected": share("have it detected within ten", told, "detected"),
        "interval_covers": share("have the planted step in their interval", told, "covered"),
        "another_reported": share("have a second bump reported", told, "others"),
        "median_error_steps_of_detected": float(np.median(errors)) if errors else None,
        "within": within,
    }


def smooth(kind: str, trend: str, *, cycle: bool, series: int) -> dict[str, Any]:
    """Share of smooth curves in which a bump is reported."""
    told = []
    for seed in range(series):
        generator = np.random.default_rng([2, seed])
        values, _ = curve_of(kind, trend, generator, cycle=cycle)
        told.append({"alarm": bool(searched(kind, values, seed, 48).bumps)})
    return {
        "false_alarms": share(
            "have a bump reported, though they are smooth", told, "alarm", null=0.05
        )
    }


def share(what: str, told: list[dict[str, Any]], key: str, null: float = 0.05) -> dict[str, Any]:
    """A share as evidence: beside it the level, what chance gives where there is no bump."""
    hits = sum(bool(one[key]) for one in told)
    ends = binomtest(hits, len(told)).proportion_ci(method="wilson")
    return Evidence(
        question=f"What share of the series {what}?",
        value=hits / len(told),
        null=null,
        control="the level: share of smooth curves in which a bump may be reported",
        n=len(told),
        seeds=len(told),
        interval=(float(ends.low), float(ends.high)),
    ).as_json()


def million() -> dict[str, Any]:
    """A file of a million rows, read and searched: seconds and error."""
    rows, at = 1_000_000, 612_345
    generator = np.random.default_rng(3)
    values = power_law(np.arange(rows) / 1000, generator)
    values += 0.1 * (generator.standard_normal(rows) - SIZE * (np.arange(rows) >= at))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        np.savetxt(path, np.c_[np.arange(rows), values], "%d,%.5f", header="step,loss", comments="")
        began, worked = time.perf_counter(), time.process_time()
        (curve,) = read_curves(path).values()
        (one,) = find_bumps(curve).bumps
    return {
        "rows": rows,
        "wall_seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - worked,
        "error_steps": abs(one.step - at),
        "note": "one thread of a machine with neighbours; start of Python not included",
    }


def table() -> dict[str, Callable[[], dict[str, Any]]]:
    """Every row of the table by its name, the headlines first."""
    rows: dict[str, Callable[[], dict[str, Any]]] = {"million rows": million}
    for kind in ("white", "ar", "ema 50"):
        rows[f"planted/{kind}"] = lambda kind=kind: planted(kind, series=SERIES)
        for name in ("power law", "exponential", "one-cycle noise"):
            cycle = name == "one-cycle noise"
            trend = "power law" if cycle else name
            rows[f"smooth/{name}/{kind}"] = lambda k=kind, t=trend, c=cycle: smooth(
                k, t, cycle=c, series=SERIES
            )
    rows["smooth/slow sigmoid/white"] = lambda: smooth(
        "white", "slow sigmoid", cycle=False, series=SERIES
    )
    rows["planted/ema 1"] = lambda: planted("ema 1", series=SERIES // 4)
    rows["planted/ema 1, within 500"] = lambda: planted("ema 1", series=SERIES // 4, within=500)
    rows["smooth/power law/ema 1"] = lambda: smooth(
        "ema 1", "power law", cycle=False, series=SERIES // 4
    )
    return rows


def power() -> None:
    """Run what is missing of the table."""
    path = RESULTS / "03_power.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else {}
    for name, row in table().items():
        if name not in rows:
            rows[name] = row()
            print(name, json.dumps(rows[name])[:300], flush=True)
            found = {
                "command": "OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power",
                "size_in_sd": SIZE,
                "logged_every": EVERY,
                "rows_of_a_series": ROWS,
                "rows": rows,
            }
            write_whole(path, (json.dumps(found, indent=1) + "\n").encode())


def published() -> None:
    """The published curve, with its recipe."""
    timeline = published_timeline(**RECIPE)
    queue = next(event.step for event in timeline if event.name == "queue on")
    curves: dict[str, Curve] = read_curves(PUBLISHED)
    splits = {}
    for name, curve in curves.items():
        result = bump(curve, timeline)
        errors = [abs(one.step - queue) for one in result.bumps]
        splits[name] = result.as_json() | {"error_steps": errors}
        print(name, len(result.bumps), "bumps; distance to the switch", errors)
    found = {
        "command": "OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power published",
        "recipe": RECIPE,
        "queue_on": queue,
        "splits": splits,
    }
    path = RESULTS / "03_published.json"
    write_whole(path, (json.dumps(found, indent=1) + "\n").encode())


if __name__ == "__main__":
    published() if sys.argv[1:] == ["published"] else power()
