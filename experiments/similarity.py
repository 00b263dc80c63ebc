"""Results and figures of lesson 06.

    uv run python -m experiments.multitask_encoders       # trains what sensitivity needs
    uv run python -m experiments.similarity grids         # -> lessons/results/06_NAME.json
    uv run python -m experiments.similarity traps         # -> 06_traps.json
    uv run python -m experiments.similarity grounding     # -> 06_grounding.json
    uv run python -m experiments.similarity summary       # -> 06_similarity.json
    uv run python -m experiments.similarity figures       # -> lessons/figures/06_*.svg

Without a word, all but the first. `grids` leaves out what is recorded already; about ten minutes
of one core.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.figures import save
from experiments.parts import read, run, write_by_line
from plantedu.serialization import command_line
from plantedu.statistics.evidence import Evidence
from plantedu.store.paths import home
from plantedu.topics.similarity.compare import compare
from plantedu.topics.similarity.failure_modes import failure_modes
from plantedu.topics.similarity.family import MEASURES
from plantedu.topics.similarity.measure import Measure
from plantedu.topics.similarity.multitask_features import kept_features
from plantedu.topics.similarity.results.compare import CompareResult, Settings
from plantedu.topics.similarity.results.comparisons import COMPARISONS
from plantedu.topics.similarity.results.failure_modes import FailureModesResult
from plantedu.topics.similarity.results.failure_modes import Settings as FailureModes
from plantedu.topics.similarity.results.sensitivity import LEVEL, SensitivityResult
from plantedu.topics.similarity.sensitivity import ENCODERS, sensitivity

COMMAND = "uv run python -m experiments.similarity {}"
WORKED_OUT = "uv run python -m experiments.multitask_encoders"
LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS = LESSONS / "results"
FAIR = ("cka", "nbs", "angular", "procrustes", "rsa", "knn", "ridge")  # no bias, not all 1
MANY = ("stages", "bump")  # h against h throughout: expensive for what takes singular values
ORDER = (
    *("cka", "nbs", "knn", "svcca", "rsa", "ridge", "cka_biased", "cca", "pwcca", "cka_rbf"),
    *("angular", "procrustes"),
)


def settings(name: str, how: Measure) -> Settings:
    """How much a measure is worked at, by what it costs."""
    if how.name == "cka":
        return Settings(name, how.name)
    if how.costly:
        return Settings(name, how.name, plants=256, shuffles=39, halves=20)
    return Settings(name, how.name, shuffles=99, halves=40)


def grids() -> None:
    """Every comparison by every measure."""
    for name in ORDER:
        how = next(one for one in MEASURES if one.name == name)
        for one in COMPARISONS:
            if not (how.costly and how.name != "nbs" and one.name in MANY):
                grid(one.name, how)


def grid(name: str, how: Measure) -> None:
    """One comparison by one measure, added to the comparison's file."""
    path = RESULTS / f"06_{name}.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if how.name in found:
        return
    began = time.process_time()
    asked = settings(name, how)
    plain = compare(asked, folder=home()).as_json()
    for double in ("interval", "level", "measure", "control", "seeds"):
        del plain[double]
    commands = {how.name: f"python -m plantedu similarity compare {command_line(asked)}"}
    first = {
        "command": COMMAND.format("grids"),
        "commands": found.get("commands", {}) | commands,
    }
    found = first | {k: v for k, v in found.items() if k not in first}
    write_by_line(f"06_{name}", found | {how.name: plain})
    print(f"{name} {how.name} {time.process_time() - began:.0f} s of CPU", flush=True)


def both_failure_modes() -> None:
    """Many columns, and far points."""
    found = failure_modes(FailureModes(), folder=home()).as_json()
    write_by_line("06_traps", {"command": COMMAND.format("traps")} | found)


def reduced() -> None:
    """Which measure notices which left-out factor."""
    given = kept_features(home() / ENCODERS, 512)
    found = sensitivity(given.complete, given.reduced, probes=given.probes, moves=given.moves)
    plain = {"command": f"{WORKED_OUT} && {COMMAND.format('grounding')}"} | found.as_json()
    write_by_line("06_grounding", plain)


CELLS = {  # what the lesson's text quotes: comparison, member of the first side, of the second
    "seeds_h": ("seeds", "h", "h"),
    "seeds_pixels_h": ("seeds", "pixels", "h"),
    "random_pair": ("runs", "random 1", "random 2"),
    "trained_random": ("runs", "cross-0", "random 1"),
    "trained_pixels": ("runs", "cross-0", "pixels"),
    "random_pixels": ("runs", "random 1", "pixels"),
    "rgb_only": ("runs", "cross-0", "rgb_only-0"),
    "rgb_only_pixels": ("runs", "rgb_only-0", "pixels"),
    "supervised_h": ("runs", "cross-0", "supervised"),
    "sensors_pixels": ("sensors", "pixels", "pixels"),
    "sensors_layer2": ("sensors", "layer2", "layer2"),
    "sensors_h": ("sensors", "h", "h"),
    "scales_h": ("scales", "h", "h"),
    "plateau": ("stages", "0", "150"),
    "escape": ("stages", "150", "250"),
    "settled": ("stages", "500", "1200"),
    "start_end": ("stages", "0", "1200"),
    "switch": ("bump", "400", "450"),
    "never": ("bump", "400", "450, never"),
    "switched_or_not": ("bump", "450", "450, never"),
}


def summary() -> None:
    """The numbers of the lesson's text and what settles its predictions."""
    cells = {name: cell(*place) for name, place in CELLS.items()}
    alarms, covered = (read(name) for name in ("06_errors", "06_coverage"))
    reduced = SensitivityResult.from_json(read("06_grounding"))
    shares = [one["value"] for one in alarms.values() if isinstance(one, dict)]
    halves = [one for one in covered.values() if isinstance(one, dict)]
    found = {
        "cells": cells,
        "errors": {"low": min(shares), "high": max(shares), "tests": len(shares)},
        "coverage": {
            "low": min(one["value"] for one in halves),
            "high": max(one["value"] for one in halves),
            "naive_low": min(one["null"] for one in halves),
            "naive_high": max(one["null"] for one in halves),
        },
        "noticed": {name: noticed(reduced, name) for name in reduced.table},
        "separated": {name: separated(reduced, name) for name in reduced.table},
        "alarms": {
            "low": 1 - max(reduced.specificity[name] for name in FAIR),
            "high": 1 - min(reduced.specificity[name] for name in FAIR),
        },
    }
    write_by_line("06_similarity", {"command": COMMAND.format("summary")} | found)


def noticed(reduced: SensitivityResult, name: str) -> dict[str, Any]:
    """How many of the left-out factors a measure notices at .05, after correction."""
    row = reduced.corrected()[name]
    return Evidence(
        question=f"How many left-out factors does {reduced.labels[name]} notice?",
        value=float(sum(p <= LEVEL for p in row.values())),
        null=LEVEL,
        control="chance of any at all, if none differs",
        n=sum(reduced.encoders),
        seeds=sum(reduced.encoders),
    ).as_json()


def separated(reduced: SensitivityResult, name: str) -> dict[str, Any]:
    """For how many factors a measure puts every differing pair below every pair of seeds."""
    return Evidence(
        question=f"For how many left-out factors does {reduced.labels[name]} part all pairs?",
        value=float(reduced.separates(name)),
        null=0.0,
        control="blind",
        n=sum(reduced.encoders),
        seeds=sum(reduced.encoders),
    ).as_json()


def cell(name: str, first: str, second: str) -> dict[str, Any]:
    """One cell by debiased CKA, as evidence."""
    found = CompareResult.from_json(read(f"06_{name}")["cka"])
    i, j = found.first.index(first), found.second.index(second)
    p, level = float(found.tables["p"][i, j]), float(found.level[i, j])
    return found.evidence(i, j).as_json() | {"p": p, "null level": level}


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    runs, sensors = (
        CompareResult.from_json(read(f"06_{name}")["cka"]) for name in ("runs", "sensors")
    )
    modes = FailureModesResult.from_json(read("06_traps"))
    save("06_runs", runs.chart())
    save("06_sensors", sensors.chart())
    save("06_columns", modes.chart())
    save("06_moved", modes.moved_chart())
    save("06_grounding", SensitivityResult.from_json(read("06_grounding")).chart())


PARTS: dict[str, Callable[[], None]] = {
    "grids": grids,
    "traps": both_failure_modes,
    "grounding": reduced,
    "summary": summary,
    "figures": figures,
}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
