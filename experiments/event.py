"""What changed across the queue's switch and across the escape: lesson 03's measured numbers.

    python -m experiments.event                 all of these, a few minutes on one thread
    python -m experiments.event crossing        -> lessons/results/03_crossing.json
    python -m experiments.event connectivity    -> lessons/results/03_connectivity.json
    python -m experiments.event gradients       -> lessons/results/03_gradients.json
    python -m experiments.event llc             -> lessons/results/03_llc.json
    python -m experiments.event escape          -> lessons/results/03_escape.json

All on checkpoints and recordings that ship. Each file holds the results as the commands of the same
names print them with --json, by the event they look at.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.store.paths import bank_folder
from plantedu.store.recording import recording
from plantedu.topics.bump.connectivity import connectivity
from plantedu.topics.bump.escape import STAGES, escape, halfway
from plantedu.topics.bump.event import event_report
from plantedu.topics.bump.gradients import gradients
from plantedu.topics.bump.llc import llc
from plantedu.topics.bump.results.connectivity import Settings as Walk
from plantedu.topics.bump.results.escape import Settings as Through
from plantedu.topics.bump.results.event import Settings as Look
from plantedu.topics.bump.results.gradients import Settings as Slopes
from plantedu.topics.bump.results.llc import Settings as Shape
from plantedu.whole_files import write_whole
from plantedu.zoo.checkpoint_pairs import Files, Paired, files_of, shipped_file

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
TWIN = ("bump/0350", "bump/never-0450")  # never switched; as far apart as 400 and 430 are
PAIRS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "switch, 10 steps": (("bump-0", "bump/0410"), ("bump-0", "bump/never-0450")),
    "switch, 30 steps": (("bump-0", "bump/0430"), TWIN),
    "switch, 50 steps": (("bump-0", "bump/0450"), ("bump/0350", "bump/never-0800")),
    "switch, 400 steps": (("bump-0", "bump/0800"), ("bump/0350", "bump/never-0800")),
    "escape": (("stages/0150", "stages/0300"), ("stages/0350", "stages/1200")),
    "two seeds": (("cross-0", "cross-1"), ("stages/0500", "stages/1200")),
}
EVENTS = tuple(name for name in PAIRS if name != "two seeds")
WALKS = {
    "switch, 30 steps": Walk(points=21, pack=256, recalibrated=512),
    **dict.fromkeys(
        ("escape", "two seeds"), Walk(points=21, pack=256, recalibrated=512, twin=False)
    ),
}
SLOPES = Slopes(batches=48)
ALONG = ("bump-0", "bump/0410", "bump/0430", "bump/0450", "bump/0800")
SHAPE = Shape(chains=4, draws=60, burn_in=40, sweep=True)
SEEDS = (0, 1, 2)


def files(name: str) -> tuple[Files, Files]:
    """Before and after, and the control's."""
    return files_of(Paired(), shipped_file, *PAIRS[name])


def crossings() -> dict[str, Any]:
    """Every pair beside its control."""
    bank = bank_folder()
    return {k: event_report(*files(k), Look(), bank_folder=bank).as_json() for k in EVENTS}


def lines() -> dict[str, Any]:
    """Along the line across the switch, across the escape, and between two independent runs."""
    bank = bank_folder()
    return {k: connectivity(*files(k), s, bank_folder=bank).as_json() for k, s in WALKS.items()}


def slopes() -> dict[str, Any]:
    """At the plateau, and while the queue is older than the weights."""
    found = {}
    for name in ALONG:
        found[name] = gradients(shipped_file(name), SLOPES, bank_folder=bank_folder()).as_json()
    return found


def landscapes() -> dict[str, Any]:
    """In the landscape of the plateau's codes, with the sweep."""
    found = llc(*files("switch, 30 steps"), SHAPE, bank_folder=bank_folder())
    return {"switch, 30 steps": found.as_json()}


def through() -> dict[str, Any]:
    """The stages of seed 0, and from the recordings of three seeds when loss and probe escape."""
    shipped = sorted(STAGES.glob("*.safetensors"))
    found = escape(shipped, Through(), bank_folder=bank_folder())
    seeds = {f"cross-{seed}": halves(f"cross-{seed}") for seed in SEEDS}
    lead = [one["loss"] - one["disease"] for one in seeds.values()]
    return {
        "stages": found.as_json(),
        "recorded": seeds,
        "loss less disease, steps": {
            "value": float(np.mean(lead)),
            "each": lead,
            "seeds": len(lead),
            "null": 0.0,
            "control": "both at once",
            "spacing": 50,
        },
    }


def halves(name: str) -> dict[str, float]:
    """From a recording: step at which loss and probe have done half of their way, at 50 steps.

    The loss is that of the training batches, mean over the 25 steps either side of a probe.
    """
    means: dict[str, dict[int, float]] = {}
    for metric in recording(name).metrics():
        means.setdefault(metric.name, {})[metric.step] = metric.value
    probe = {k: v for k, v in sorted(means["probe/disease/both"].items()) if k >= 100}
    loss = means["loss"]
    near = {k: np.mean([loss[j] for j in range(k - 25, k + 26) if j in loss]) for k in probe}
    steps = list(probe)
    return {
        "disease": halfway(steps, list(probe.values())) or float("nan"),
        "loss": halfway(steps, [float(v) for v in near.values()]) or float("nan"),
        "plateau": float(near[100]),
        "end": float(near[steps[-1]]),
        "null": means["null/disease/both"][steps[-1]],
    }


TABLES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "crossing": crossings,
    "connectivity": lines,
    "gradients": slopes,
    "llc": landscapes,
    "escape": through,
}


def write(name: str) -> None:
    """Measure one table and put it where the lesson reads it."""
    began = time.perf_counter()
    found = {"command": f"python -m experiments.event {name}", **TABLES[name]()}
    text = json.dumps(found, indent=1, allow_nan=False) + "\n"
    text = re.sub(r"\[[-\d.,\seE+]+\]", lambda found: re.sub(r"\s+", " ", found[0]), text)
    write_whole(RESULTS / f"03_{name}.json", text.encode())
    print(f"03_{name}.json  {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    for table in sys.argv[1:] or TABLES:
        write(table)
