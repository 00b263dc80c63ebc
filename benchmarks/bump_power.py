"""How often `python -m plantedu bump` is right: planted bumps, smooth curves, a million rows.

    OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power            # the table, half an hour
    OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power --part 1/2 # half of its series
    OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power published  # the published curve

A series is a trend with noise, logged every so many steps. The noise's sd is that of the logged
series about its trend, autocorrelation included. Kinds of noise:

    white      logged every 10 steps
    ar         AR(1), rho = .8 from row to row, logged every 10 steps
    ema 50     white noise and the step itself go through an EMA(.98) of every step, as the
               published library's logger does, and every 50th value is logged
    ema 1      the same with every value logged: the noise forgets over some 50 rows, and so
               arrives the step

    t3, laplace    AR(1), rho = .8 with Student's t of 3 degrees, rho = .6 with Laplace innovations
    cauchy         white, half of a Cauchy
    bursts         white, two to five times 3 to 8 times as loud for 5 to 40 rows

Planted: one step of 4 sd, up or down, at a random step in the middle 70 % of the run. It is
located if a bump is reported at most one logging interval away. `steps`: one to four steps of
10 sd, at least 40 of 400 rows apart; found if each is located. `restart`: a jump up by 6 to 30 sd
that decays with 10 to 80 rows. Smooth curves have none, with a kink, a relaxation of 14 to 60 rows
or without; a false alarm is any bump. Intervals are Wilson's.

What was found in each series is kept in a file of the home folder as it comes, so that a run may
stop and go on, and two may share the work; then lessons/results/03_power.json is written of all.
`published` writes 03_published.json.
"""

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from scipy.stats import binomtest

from plantedu.analysis.bump import PUBLISHED, RECIPE, bump
from plantedu.changepoints import finding
from plantedu.changepoints.causes import published_timeline
from plantedu.changepoints.curve import Curve, tidy
from plantedu.changepoints.finding import Bump, find_bumps
from plantedu.changepoints.reading import read_curves
from plantedu.evidence import Evidence
from plantedu.runs.checkpoints import write_whole
from plantedu.runs.home import home

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
BETA = 0.98
EVERY = {"white": 10, "ar": 10, "ema 50": 50, "ema 1": 1}
SHORT = ("t3", "laplace", "cauchy", "bursts", "short", "short ar", "white short")
EVERY |= dict.fromkeys(SHORT, 1)
ROWS = {"white": 600, "ar": 600, "ema 50": 600, "ema 1": 1500}
ROWS |= dict.fromkeys(SHORT, 400)
SERIES, ROUND = 400, 40
NOT_DETECTOR = ("causes", "columns", "opening", "reading")
SIZE = 4.0  # sd of the logged noise

Trend = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def ema(values: np.ndarray) -> np.ndarray:
    """The moving average of every step, begun at the first value."""
    state = scipy.signal.lfiltic([1 - BETA], [1, -BETA], [values[0]])
    return scipy.signal.lfilter([1 - BETA], [1, -BETA], values, zi=state)[0]


def noise(kind: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Logged noise of unit marginal sd, "rows"."""
    if kind in ("white", "white short"):
        return generator.standard_normal(rows)
    if kind == "short":
        return remembering(generator.standard_normal(rows + 200), generator.choice([0.0, 0.6]))
    if kind == "bursts":
        return generator.standard_normal(rows) * bursts(rows, generator)
    if kind == "cauchy":
        return 0.5 * generator.standard_cauchy(rows)
    if kind == "t3":
        return remembering(generator.standard_t(3, rows + 200) / np.sqrt(3), 0.8)
    if kind == "laplace":
        return remembering(generator.laplace(size=rows + 200) / np.sqrt(2), 0.6)
    if kind in ("ar", "short ar"):
        return remembering(generator.standard_normal(rows + 200), 0.8 if kind == "ar" else 0.4)
    every, before = EVERY[kind], 500
    white = generator.standard_normal(before + rows * every)
    return ema(white)[before::every][:rows] * np.sqrt((1 + BETA) / (1 - BETA))


def remembering(white: np.ndarray, rho: float) -> np.ndarray:
    """AR(1) of unit sd, without its first 200 rows."""
    return np.asarray(scipy.signal.lfilter([np.sqrt(1 - rho**2)], [1, -rho], white))[200:]


def bursts(rows: int, generator: np.random.Generator) -> np.ndarray:
    """How loud each row is, "rows"."""
    loud = np.ones(rows)
    for _ in range(generator.integers(2, 6)):
        start = generator.integers(0, rows - 10)
        loud[start : start + generator.integers(5, 40)] = generator.uniform(3, 8)
    return loud


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


def turned(turn: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    """A kink, or a relaxation as after a drop of the learning rate, in sd of the noise, "rows"."""
    t = np.arange(rows, dtype=float)
    since = np.maximum(t - generator.uniform(0.2, 0.8) * rows, 0.0)
    if turn == "kink":
        slope = generator.uniform(20, 100) * generator.uniform(0.5, 3) * generator.choice([-1, 1])
        return slope * since / rows
    tau = np.exp(generator.uniform(np.log(14), np.log(60)))
    return generator.uniform(5, 60) * np.expm1(-since / tau)


def curve_of(
    kind: str, trend: str, generator: np.random.Generator, *, cycle: bool = False
) -> tuple[np.ndarray, float]:
    """A smooth series and the sd of its noise, from 1/1000 to 1/50 of the trend's range."""
    rows = ROWS[kind]
    smooth = TRENDS[trend](np.arange(rows, dtype=float), generator)
    sd = float(np.ptp(smooth)) * np.exp(generator.uniform(np.log(1e-3), np.log(2e-2)))
    return smooth + sd * noise(kind, rows, generator) * (one_cycle(rows) if cycle else 1), sd


def found_in(kind: str, values: np.ndarray, seed: int, within: int = 48) -> tuple[Bump, ...]:
    steps = np.arange(len(values)) * EVERY[kind]
    return find_bumps(tidy(steps, values), within=within, draws=99, seed=seed).bumps


def planted(kind: str, seed: int, within: int = 48) -> dict[str, Any]:
    """One planted step of `SIZE`: was it located, and what else was reported?"""
    every, rows = EVERY[kind], ROWS[kind]
    generator = np.random.default_rng([1, seed])
    values, sd = curve_of(kind, ("power law", "exponential")[seed % 2], generator)
    at = int(generator.integers(int(0.15 * rows * every), int(0.85 * rows * every)))
    sign = generator.choice([-1, 1])
    bumps = found_in(kind, values + sign * SIZE * sd * stepped(kind, rows, at), seed, within)
    near = min(bumps, key=lambda one: abs(one.step - at), default=None)
    error = abs(near.step - at) if near else 1e9
    return {
        "located": error <= every,
        "detected": error <= max(10 * every, 150 if kind == "ema 1" else 0),
        "others": len(bumps) > 1,
        "covered": bool(near and near.interval[0] <= at <= near.interval[1]),
        "error": float(error),
    }


def several(kind: str, count: int, seed: int) -> dict[str, Any]:
    """`count` steps of 10 sd: was each located, and was another reported?"""
    generator = np.random.default_rng([3, count, seed])
    values, sd = curve_of(kind, ("power law", "exponential")[seed % 2], generator)
    rows = ROWS[kind]
    while True:
        places = np.sort(generator.integers(30, rows - 30, count))
        if count == 1 or np.diff(places).min() >= 40:
            break
    for at in places:
        values = values + generator.choice([-1, 1]) * 10 * sd * (np.arange(rows) >= at)
    steps = [one.step for one in found_in(kind, values, seed)]
    each = [any(abs(step - at) <= 1 for step in steps) for at in places]
    return {"all": all(each), "each": float(np.mean(each)), "others": len(steps) > count}


def restart(seed: int) -> dict[str, Any]:
    """A jump up that decays: was it located?"""
    generator = np.random.default_rng([4, seed])
    values, sd = curve_of("short", ("power law", "exponential")[seed % 2], generator)
    at = int(generator.uniform(0.2, 0.8) * len(values))
    tau = np.exp(generator.uniform(np.log(10), np.log(80)))
    t = np.arange(len(values))
    jump = generator.uniform(6, 30) * np.where(t >= at, np.exp(-(t - at) / tau), 0)
    bumps = found_in("short", values + sd * jump, seed)
    return {"all": any(abs(one.step - at) <= 1 for one in bumps), "others": len(bumps) > 1}


def smooth(
    kind: str, trend: str, seed: int, *, cycle: bool = False, turn: str = ""
) -> dict[str, Any]:
    """A curve without a step: is a bump reported?"""
    generator = np.random.default_rng([2, seed])
    values, sd = curve_of(kind, trend, generator, cycle=cycle)
    if turn:
        values = values + sd * turned(turn, ROWS[kind], generator)
    return {"alarm": bool(found_in(kind, values, seed))}


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


Told = list[dict[str, Any]]
Row = tuple[Callable[[int], dict[str, Any]], Callable[[Told], dict[str, Any]], int]


def said_planted(told: Told) -> dict[str, Any]:
    errors = [one["error"] for one in told if one["detected"]]
    return {
        "located": share("have the bump located within one logging interval", told, "located"),
        "detected": share("have it detected within ten", told, "detected"),
        "interval_covers": share("have the planted step in their interval", told, "covered"),
        "another_reported": share("have a second bump reported", told, "others"),
        "median_error_steps_of_detected": float(np.median(errors)) if errors else None,
    }


def said_several(told: Told) -> dict[str, Any]:
    return {
        "all_located": share("have every step located within one row", told, "all"),
        "another_reported": share("have a bump more reported", told, "others"),
    }


def said_smooth(told: Told) -> dict[str, Any]:
    return {"false_alarms": share("have a bump reported, though they have no step", told, "alarm")}


def table() -> dict[str, Row]:
    """Every row of the table by its name: one series, what is said of all, and how many."""
    rows: dict[str, Row] = {}
    for count in (1, 2, 3, 4):
        rows[f"steps/{count}"] = partial(several, "white short", count), said_several, SERIES
    rows["steps/3, ar .4"] = partial(several, "short ar", 3), said_several, SERIES
    rows["restart"] = restart, said_several, SERIES
    for kind in ("t3", "laplace", "cauchy", "bursts"):
        rows[f"smooth/{kind}"] = partial(smooth, kind, "power law"), said_smooth, SERIES
    for turn in ("kink", "relaxation"):
        rows[f"smooth/{turn}"] = (
            partial(smooth, "short", "power law", turn=turn),
            said_smooth,
            SERIES,
        )
    for kind in ("white", "ar", "ema 50"):
        rows[f"planted/{kind}"] = partial(planted, kind), said_planted, SERIES
        for name in ("power law", "exponential", "one-cycle noise"):
            cycle = name == "one-cycle noise"
            one = partial(smooth, kind, "power law" if cycle else name, cycle=cycle)
            rows[f"smooth/{name}/{kind}"] = one, said_smooth, SERIES
    rows["smooth/slow sigmoid/white"] = (
        partial(smooth, "white", "slow sigmoid"),
        said_smooth,
        SERIES,
    )
    few = SERIES // 4
    rows["planted/ema 1"] = partial(planted, "ema 1"), said_planted, few
    rows["planted/ema 1, within 500"] = partial(planted, "ema 1", within=500), said_planted, few
    rows["smooth/power law/ema 1"] = partial(smooth, "ema 1", "power law"), said_smooth, few
    return rows


def kept(folder: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """What was found so far, by row and series."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, seed, told = json.loads(line)
            found.setdefault(name, {})[seed] = told
    return found


def power(part: int, parts: int) -> None:
    """Run what is missing of the table, round by round, then write it down."""
    folder = home() / f"bump_power-{detector()}"
    folder.mkdir(parents=True, exist_ok=True)
    done = kept(folder)
    with (folder / f"{part}-{parts}.jsonl").open("a", encoding="utf-8") as file:
        for start in range(0, SERIES, ROUND):
            for name, (one, _, series) in table().items():
                mine = range(start + part - 1, min(start + ROUND, series), parts)
                for seed in (seed for seed in mine if seed not in done.get(name, {})):
                    file.write(json.dumps([name, seed, one(seed)], default=bool) + "\n")
                    file.flush()
    written(folder)


def detector() -> str:
    """A hash of the detector: what another one found is not mixed in."""
    source = sorted(Path(finding.__file__).parent.glob("*.py"))
    parts = [path.read_bytes() for path in source if path.stem not in NOT_DETECTOR]
    return hashlib.sha256(b"".join([*parts, Path(__file__).read_bytes()])).hexdigest()[:12]


def written(folder: Path) -> None:
    """The table of all series that every row has, as 03_power.json."""
    done = kept(folder)
    rows: dict[str, Any] = {"million rows": million()}
    for name, (_, said, series) in table().items():
        told = [done.get(name, {})[seed] for seed in sorted(done.get(name, {})) if seed < series]
        if told:
            rows[name] = said(told)
    found = {
        "command": "OMP_NUM_THREADS=1 uv run python -m benchmarks.bump_power",
        "size_in_sd": SIZE,
        "logged_every": EVERY,
        "rows_of_a_series": ROWS,
        "rows": rows,
    }
    path = RESULTS / "03_power.json"
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


def main(words: list[str]) -> None:
    """`published`, `--part 1/2`, or all."""
    if words == ["published"]:
        published()
        return
    part, parts = map(int, words[1].split("/")) if words[:1] == ["--part"] else (1, 1)
    power(part, parts)


if __name__ == "__main__":
    main(sys.argv[1:])
