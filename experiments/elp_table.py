"""What ELP-SR buys on planted data: its arms and controls against none, seed by seed.

    OMP_NUM_THREADS=1 uv run python -m experiments.elp_table

Two settings, chosen before a result was seen: few labels from scratch, and fewer still from the
shipped encoder, since at five per cent of the labels it leaves nothing to gain. An arm and `none`
of one seed share labelled plants, first weights, batches and crops, so their difference is paired;
intervals are Student's t over seeds. `smoothing_matched` spreads as much of each label as
`elp_sr_repo` pulled to uniform on average in the same seed (and so it is run after it).

Writes lessons/results/04_elp.json after every row; rows that are there are not run again.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from plantedu.statistics.evidence import Evidence
from plantedu.store.paths import home
from plantedu.training.classifier.elp import REGULARISERS, matched_smoothing
from plantedu.training.classifier.finetune import finetune
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.fit import Observer, Record, State

RESULTS = Path(__file__).parents[1] / "lessons" / "results" / "04_elp.json"
SEEDS = (0, 1, 2, 3, 4)
SETTINGS: dict[str, dict[str, Any]] = {
    "scratch, 5 % of the labels": {
        "start": "scratch", "mode": "full", "labels": 0.05, "batch": 16, "steps": 200,
        "crop_size": 40, "jitter": 0.0,
    },
    "shipped encoder, 2 % of the labels": {
        "start": "shipped:cross-0", "mode": "discriminative", "labels": 0.02, "batch": 16,
        "steps": 100, "crop_size": 40, "jitter": 0.0,
    },
}  # fmt: skip
MEASURES = ("accuracy", "log_loss", "ece", "ece_tempered")


class Probes(Observer):
    """Means over the run of what the episodic probe says."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}

    def on_step(self, state: State, record: Record) -> None:
        for name, value in record.values.items():
            if name.startswith("elp_") and isinstance(value, float):
                self.seen.setdefault(name, []).append(value)

    def means(self) -> dict[str, float]:
        return {name: float(np.mean(values)) for name, values in self.seen.items()}


def run_row(setting: str, arm: str, seed: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Train and score one arm with one seed."""
    knobs = SETTINGS[setting] | {"regulariser": arm, "seed": seed, "watch_every": 1000}
    if arm == "smoothing_matched":
        repo = of(rows, setting, "elp_sr_repo")[seed]
        knobs["label_smoothing"] = matched_smoothing(repo["elp_weight"])
    probes = Probes()
    made = finetune(FineTune(**knobs), bank_folder=home() / "bank", observers=[probes])
    return {
        "setting": setting,
        "arm": arm,
        "seed": seed,
        "label_smoothing": knobs.get("label_smoothing", 0.0),
        "accuracy": made.accuracy.value,
        "log_loss": made.log_loss.value,
        "ece": made.scores["ece"],
        "ece_tempered": made.scores["ece_tempered"],
        "class_prior_accuracy": made.accuracy.null,
        "class_prior_log_loss": made.log_loss.null,
        "trained_on": made.counts["train"],
        "fresh": made.counts["fresh"],
        **probes.means(),
    }


def of(rows: list[dict[str, Any]], setting: str, arm: str) -> dict[int, dict[str, Any]]:
    """Rows of an arm by seed."""
    return {row["seed"]: row for row in rows if (row["setting"], row["arm"]) == (setting, arm)}


def mean_and_interval(values: list[float]) -> tuple[float, tuple[float, float] | None]:
    """Mean and Student's t interval at 95 %; one seed has none."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    return mean, (mean - float(half), mean + float(half))


def summary(rows: list[dict[str, Any]], setting: str, arm: str) -> dict[str, Any]:
    """An arm's means, its paired differences to none, and what its probe saw."""
    mine, plain = of(rows, setting, arm), of(rows, setting, "none")
    seeds = sorted(mine.keys() & plain.keys())
    found: dict[str, Any] = {"seeds": len(seeds)}
    for name in MEASURES:
        differences = [mine[seed][name] - plain[seed][name] for seed in seeds]
        value, interval = mean_and_interval(differences)
        found[name] = float(np.mean([mine[seed][name] for seed in seeds]))
        found[f"{name}_difference"] = Evidence(
            question=f"By how much does {arm} change the {name.replace('_', ' ')}?",
            value=value,
            null=0.0,
            control="the same seeds without a regulariser",
            n=mine[seeds[0]]["fresh"],
            seeds=len(seeds),
            interval=interval,
        ).as_json()
    probed = [name for name in mine[seeds[0]] if name.startswith("elp_")]
    return found | {name: float(np.mean([mine[s][name] for s in seeds])) for name in probed}


def write(rows: list[dict[str, Any]]) -> None:
    """The table as far as it is known, and its rows."""
    table = {
        setting: {
            arm: summary(rows, setting, arm)
            for arm in REGULARISERS
            if of(rows, setting, arm).keys() & of(rows, setting, "none").keys()
        }
        for setting in SETTINGS
    }
    found = {
        "command": "OMP_NUM_THREADS=1 uv run python -m experiments.elp_table",
        "settings": SETTINGS,
        "table": table,
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def show(rows: list[dict[str, Any]]) -> None:
    """Accuracy and calibration of every arm, with the paired difference and its interval."""
    for setting in SETTINGS:
        print(f"\n{setting}")
        for arm in REGULARISERS:
            if not of(rows, setting, arm).keys() & of(rows, setting, "none").keys():
                continue
            one = summary(rows, setting, arm)
            line = f"  {arm:<18}"
            for name in ("accuracy", "log_loss", "ece"):
                change = one[f"{name}_difference"]
                low, high = change["interval"] or (math.nan, math.nan)
                line += (
                    f" {name} {one[name]:.3f} ({change['value']:+.3f} [{low:+.3f}, {high:+.3f}])"
                )
            print(line)


def main() -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"] if RESULTS.exists() else []
    for seed in SEEDS:
        for setting in SETTINGS:
            for arm in REGULARISERS:
                if seed not in of(rows, setting, arm):
                    rows.append(run_row(setting, arm, seed, rows))
                    write(rows)
                    print(setting, arm, seed, f"{rows[-1]['accuracy']:.4f}", flush=True)
    write(rows)
    show(rows)


if __name__ == "__main__":
    main()
