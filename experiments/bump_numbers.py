"""The numbers that lesson 03 quotes and that settle its predictions, taken from its results.

    uv run python -m experiments.bump_numbers        -> lessons/results/03_bump.json

Nothing is trained here: the other results of the lesson, and the published curve, are read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.topics.bump.changepoints.causes import published_timeline
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.topics.bump.detect import bump
from plantedu.topics.bump.results.detect import PUBLISHED, RECIPE
from plantedu.topics.bump.results.fork import recorded as recorded_fork
from plantedu.topics.bump.results.switch import read_curves as arm_curves
from plantedu.topics.bump.results.switch import recorded as recorded_switch

RESULTS = Path(__file__).parents[1] / "lessons" / "results"


def results(name: str) -> dict[str, Any]:
    """A results file of the lesson."""
    return json.loads((RESULTS / f"03_{name}.json").read_text(encoding="utf-8"))


def published() -> dict[str, Any]:
    """Where the published curve steps, and how far from the switch of its objective."""
    timeline = published_timeline(**RECIPE)
    queue = next(event.step for event in timeline if event.kind == "objective")
    found = {name: bump(one, timeline) for name, one in read_curves(PUBLISHED).items()}
    bumps = {name: one.bumps for name, one in found.items()}
    distances = [abs(one[0].step - queue) for one in bumps.values()]
    last = float(RECIPE["epochs"] * RECIPE["steps_per_epoch"])
    anywhere = np.abs(np.linspace(0, last, 100_001) - queue)
    return {
        "bumps": {name: len(one) for name, one in bumps.items()},
        "steps": {name: one[0].step for name, one in bumps.items()},
        "sizes": {name: one[0].size for name, one in bumps.items()},
        "p": {name: one[0].p for name, one in bumps.items()},
        "queue_step": queue,
        "nearest": asdict(
            Evidence(
                question="How far is the drop from the step at which the queue is switched on?",
                value=float(np.max(distances)),
                null=float(anywhere.mean()),
                control="a drop at any step of the run",
                n=len(found["train"].search.curve),
            )
        ),
    }


def windows() -> dict[str, Any]:
    """The fork, window by window: level of either arm and their difference."""
    fork = recorded_fork()
    found: dict[str, Any] = {"same_weights": asdict(fork.same_weights)}
    for window in fork.windows:
        names = {"loss": "loss", "none": "ruler/none", "queue": "ruler/queue", "kept": "ruler/kept"}
        found[f"{window.first}_{window.last}"] = {
            short: asdict(window.differences[name])
            | {"off": window.off[name], "on": window.on[name]}
            for short, name in names.items()
            if name in window.differences
        }
    return found


def arms() -> dict[str, Any]:
    """What the arms do to the loss of equal weights, and in the first ten steps."""
    curves = arm_curves().pivot(index="step", columns=["arm", "seed"], values="loss")
    seeds = [s for s in curves["matched_switch"] if s in curves["matched"]]
    matched = [curves["matched_switch", s] - curves["matched", s] for s in seeds]
    first = [float(each.loc[401:410].mean()) for each in matched]
    sizes = curves["published"].loc
    return {
        "matched_drop": asdict(
            Evidence(
                question="By how much does the loss fall in ten steps with the queue, K = 8?",
                value=-float(np.mean(first)),
                null=float(np.max([each.loc[301:400].abs().max() for each in matched])),
                control="the largest difference of the two arms in any step before",
                n=len(seeds),
                seeds=len(seeds),
                interval=_turned(t_interval(first)),
            )
        ),
        "published_sizes": {
            "before": _level(sizes, 201, 250),
            "first_ten": _level(sizes, 251, 260),
            "to_50": _level(sizes, 271, 300),
            "lowest": _level(sizes, 301, 350),
            "end": _level(sizes, 451, 500),
        },
        "never": {"at_400": _level(curves["never"].loc, 301, 400)},
        "runs_without_switch": sum(run.arm in ("never", "matched") for run in _runs()),
        "drops_without_switch": sum(
            run.arm in ("never", "matched") and run.drop is not None for run in _runs()
        ),
        "always_drops": sum(run.arm == "always" and run.drop is not None for run in _runs()),
        "always_runs": sum(run.arm == "always" for run in _runs()),
    }


def _runs():
    return recorded_switch().runs


def _turned(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if ends is None else (-ends[1], -ends[0])


def _level(rows: Any, first: int, last: int) -> float:
    """Mean over seeds and steps."""
    found: pd.DataFrame = rows[first:last]
    return float(found.to_numpy().mean())


def across() -> dict[str, Any]:
    """What a probe reads before and after, and how the loss of the plants moved."""
    event = results("crossing")["switch, 50 steps"]
    changes = {one["name"]: one for one in event["changes"]}
    disease = changes["disease, read from h"]
    return {
        "disease": disease["evidence"]
        | {"before": disease["ends"][0], "after": disease["ends"][1]},
        "cka_h": event["alike"]["h"],
        "sum_at_30": {
            one["name"].replace(" ", "_"): one["mean"]
            for one in results("crossing")["switch, 30 steps"]["shifts"]
        },
    }


def main() -> None:
    found: Mapping[str, Any] = {
        "command": "uv run python -m experiments.bump_numbers",
        "published": published(),
        "fork": windows(),
        "arms": arms(),
        "across": across(),
    }
    text = json.dumps(found, indent=1) + "\n"
    (RESULTS / "03_bump.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
