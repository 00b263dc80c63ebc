"""How often `bump detect` is right: planted bumps, smooth curves, a million rows.

    OMP_NUM_THREADS=1 uv run python -m experiments.validity.bump_power  # the table, half an hour
    OMP_NUM_THREADS=1 uv run python -m experiments.validity.bump_power --part 1/2  # half of them
    OMP_NUM_THREADS=1 uv run python -m experiments.validity.bump_power published  # the published

Series are those of experiments/validity/bump_series.py.

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
from scipy.stats import binomtest

from experiments.validity import bump_series
from experiments.validity.bump_series import EVERY, ROWS, curve_of, power_law, stepped, turned
from plantedu.statistics.evidence import Evidence
from plantedu.store.paths import home
from plantedu.topics.bump.changepoints import finding
from plantedu.topics.bump.changepoints.causes import published_timeline
from plantedu.topics.bump.changepoints.curve import Curve, tidy
from plantedu.topics.bump.changepoints.finding import Bump, find_bumps
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.topics.bump.detect import bump
from plantedu.topics.bump.results.detect import PUBLISHED, RECIPE
from plantedu.whole_files import write_whole

RESULTS = Path(__file__).parents[2] / "lessons" / "results"
SERIES, ROUND = 400, 40
NOT_DETECTOR = ("causes", "columns", "opening", "reading")
SIZE = 4.0  # sd of the logged noise


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


def share(
    what: str, outcomes: list[dict[str, Any]], key: str, null: float = 0.05
) -> dict[str, Any]:
    """A share as evidence: beside it the level, what chance gives where there is no bump."""
    hits = sum(bool(one[key]) for one in outcomes)
    ends = binomtest(hits, len(outcomes)).proportion_ci(method="wilson")
    return Evidence(
        question=f"What share of the series {what}?",
        value=hits / len(outcomes),
        null=null,
        control="the level: share of smooth curves in which a bump may be reported",
        n=len(outcomes),
        seeds=len(outcomes),
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


Outcomes = list[dict[str, Any]]
Study = tuple[Callable[[int], dict[str, Any]], Callable[[Outcomes], dict[str, Any]], int]


def said_planted(outcomes: Outcomes) -> dict[str, Any]:
    errors = [one["error"] for one in outcomes if one["detected"]]
    return {
        "located": share("have the bump located within one logging interval", outcomes, "located"),
        "detected": share("have it detected within ten", outcomes, "detected"),
        "interval_covers": share("have the planted step in their interval", outcomes, "covered"),
        "another_reported": share("have a second bump reported", outcomes, "others"),
        "median_error_steps_of_detected": float(np.median(errors)) if errors else None,
    }


def said_several(outcomes: Outcomes) -> dict[str, Any]:
    return {
        "all_located": share("have every step located within one row", outcomes, "all"),
        "another_reported": share("have a bump more reported", outcomes, "others"),
    }


def said_smooth(outcomes: Outcomes) -> dict[str, Any]:
    return {
        "false_alarms": share("have a bump reported, though they have no step", outcomes, "alarm")
    }


def table() -> dict[str, Study]:
    """Every row of the table by its name: one series, what is said of all, and how many."""
    rows: dict[str, Study] = {}
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
            name, seed, outcome = json.loads(line)
            found.setdefault(name, {})[seed] = outcome
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
    return hashlib.sha256(
        b"".join([*parts, Path(__file__).read_bytes(), Path(bump_series.__file__).read_bytes()])
    ).hexdigest()[:12]


def written(folder: Path) -> None:
    """The table of all series that every row has, as 03_power.json."""
    done = kept(folder)
    rows: dict[str, Any] = {"million rows": million()}
    for name, (_, said, series) in table().items():
        outcomes = [
            done.get(name, {})[seed] for seed in sorted(done.get(name, {})) if seed < series
        ]
        if outcomes:
            rows[name] = said(outcomes)
    found = {
        "command": "OMP_NUM_THREADS=1 uv run python -m experiments.validity.bump_power",
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
        "command": "OMP_NUM_THREADS=1 uv run python -m experiments.validity.bump_power published",
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
