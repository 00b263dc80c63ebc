"""Numbers, recordings and checkpoints of lesson 02, from runs in the store.

    for seed in 0 1 2; do uv run python -m plantedu train --seed $seed --name cross-$seed; done
    uv run python -m plantedu train --data shared_light --name shared_light-0
    uv run python -m plantedu train --pairing rgb_only --name rgb_only-0
    uv run python -m plantedu train --epsilon 0.05 --steps 400 --name collapse-0
    uv run python -m benchmarks.lesson_training

Writes checkpoints/*.safetensors with their cards, checkpoints/recordings/*, and
lessons/results/02_training.json with the figure lessons/figures/02_readout.svg. A test compares
the lesson's text with the numbers.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import save
from plantedu.analysis.readout import ReadoutResult, readout
from plantedu.evidence import Evidence
from plantedu.runs.home import home
from plantedu.runs.recording import export_run
from plantedu.runs.run import Run
from plantedu.runs.shipping import add
from plantedu.runs.store import Store

ROOT = Path(__file__).parents[1]
SHIPPED, LESSONS = ROOT / "checkpoints", ROOT / "lessons"
SEEDS = {"cross": (0, 1, 2), "shared_light": (0,), "rgb_only": (0,), "collapse": (0,)}
TITLES = {
    "cross": "Default: X1 with X2, field",
    "shared_light": "The shortcut: one lamp, one ground",
    "rgb_only": "Two crops of X1 alone",
    "collapse": "Collapse: epsilon .05",
}
SHOWN = ("disease", "bloom", "angle", "chlorophyll", "light")


def metric_end(store: Store, run: Run, name: str) -> float:
    """Last value of a metric; of a noisy one the mean over the last twentieth of the run."""
    series = store.metrics(run.id, names=[name])[name]
    last = series.steps > run.steps * 0.95
    return float(np.mean(series.values[last]))


def numbers(result: ReadoutResult, shown: tuple[str, ...] = SHOWN) -> dict[str, Any]:
    """Each factor from h of both pictures (light: of RGB), and the same from z."""
    found: dict[str, Any] = {}
    for factor in shown:
        view = {"light": "rgb", "bloom": "rgb"}.get(factor, "both")
        for layer, key in (("h", factor), ("z", f"{factor}_in_z")):
            reading = result.of(factor, view, layer)
            extra = {"random_init": reading.random_init, "chance": reading.chance}
            found[key] = reading.evidence.as_json() | extra | {"view": view}
    return found


def bloom_change(result: ReadoutResult) -> dict[str, Any]:
    """How training changes what is read of bloom from h."""
    reading = result.of("bloom", "rgb", "h")
    return Evidence(
        question="By how much does training change the R2 with which bloom is read from h of RGB?",
        value=reading.evidence.value - reading.random_init,
        null=reading.evidence.null - reading.random_init_null,
        control="the same change on shuffled labels",
        n=reading.evidence.n,
        seeds=reading.evidence.seeds,
    ).as_json()


def main() -> None:
    store = Store()
    newest_last = sorted(store.runs(state="done", kind="train"), key=lambda run: run.created)
    runs = {run.name: run for run in newest_last}
    found: dict[str, Any] = {"command": "uv run python -m benchmarks.lesson_training"}
    for group, seeds in SEEDS.items():
        chosen = [runs[f"{group}-{seed}"] for seed in seeds]
        bank = home() / "bank"
        paths = [
            add(store, run, run.name, about=TITLES[group], bank_folder=bank).path for run in chosen
        ]
        result = readout(paths, bank_folder=bank)
        for run in chosen:
            title = TITLES[group] + (f", seed {run.name[-1]}" if len(chosen) > 1 else "")
            export_run(store, run.id, SHIPPED / "recordings" / run.name, title=title)
        ends = [metric_end(store, run, "probe/disease/both") for run in chosen]
        found[group] = numbers(result) | {
            "disease_lowest": min(ends),
            "disease_highest": max(ends),
            "loss_end": float(np.mean([metric_end(store, run, "loss") for run in chosen])),
            "seconds": float((chosen[0].result or {})["seconds"]),
            "seconds_to_.90": (chosen[0].result or {})["seconds_to_disease_.90"],
            "seeds": len(chosen),
            "bloom_change": bloom_change(result),
        }
        if group == "cross":
            save("02_readout", result.chart())
    text = json.dumps(found, indent=1) + "\n"
    (LESSONS / "results" / "02_training.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
