"""What pretraining is worth when labels are few, and what a leaked split claims.

    python -m experiments.few_labels few     -> lessons/results/04_few_labels.json
    python -m experiments.few_labels leak    -> lessons/results/04_leak.json

Rows that are in the file are kept, so a killed benchmark goes on where it was. From scratch, every
learning rate of SCRATCH is run, and the one that is best *on the scored plants* speaks for it: an
advantage that only the baseline has. The arm "recognises" learns labels that were assigned to the
plants at random: only who knows a plant again by its other image can be right, which is what a
leaked split lets through. Every other setting was chosen on another planted population
(world seed 1), one or two seeds each. Two intervals are given: over seeds, which differ in their
labelled plants and in every draw of the training, and over the scored plants, for these seeds.
"""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.jobs.threads import share_cores
from plantedu.statistics.evidence import t_interval
from plantedu.statistics.intervals import mean_interval
from plantedu.store.paths import bank_folder
from plantedu.training.classifier.finetune import FineTune, finetune
from plantedu.whole_files import write_whole

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
SEEDS = range(5)
CROSS = {"start": "shipped:cross-0"}
SCRATCH = (3e-3, 1e-2)
ARMS: dict[str, dict[str, Any]] = {
    "discriminative": CROSS | {"mode": "discriminative"},
    "scratch 0.003": {"start": "scratch", "mode": "full", "learning_rate": SCRATCH[0]},
    "scratch 0.01": {"start": "scratch", "mode": "full", "learning_rate": SCRATCH[1]},
    "mlp_only": CROSS | {"mode": "mlp_only"},
    "lp_ft": CROSS | {"mode": "lp_ft"},
    "full": CROSS | {"mode": "full"},
    "source": {"start": "source", "mode": "full"},
}
MANY = {"steps": 900}  # with every label: nine passes of 32 rows
LEAKS: dict[str, dict[str, Any]] = {
    "recognises": CROSS | {"mode": "mlp_only", "shuffle_labels": True},
    "discriminative": ARMS["discriminative"],
    "scratch 0.01": ARMS["scratch 0.01"],
}


def few() -> Iterator[tuple[str, FineTune]]:
    """Rows of the first table, those that the question needs first."""
    first = ("discriminative", "scratch 0.003", "scratch 0.01")
    rest = tuple(name for name in ARMS if name not in first)
    for names, shares, seeds in (
        (first, (0.05, 0.01), SEEDS),
        (rest, (0.01, 0.05), SEEDS),
        (first, (1.0,), range(2)),
    ):
        for share in shares:
            for seed in seeds:
                for name in names:
                    knobs = ARMS[name] | (MANY if share == 1.0 else {})
                    yield f"{share:g}/{name}/{seed}", FineTune(labels=share, seed=seed, **knobs)


def leak() -> Iterator[tuple[str, FineTune]]:
    """Rows of the second table."""
    for arm, knobs in LEAKS.items():
        for seed in SEEDS if arm == "recognises" else range(3):
            for how in ("leaked", "grouped"):
                recipe = FineTune(labels=0.05, seed=seed, split=how, sensors="either", **knobs)
                yield f"{how}/{arm}/{seed}", recipe


def run(table: str) -> None:
    """Do what is missing of a table, one row after another."""
    path = RESULTS / f"04_{table if table == 'leak' else 'few_labels'}.json"
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else {}
    for name, recipe in {"few": few, "leak": leak}[table]():
        if name not in rows:
            rows[name] = row(recipe)
            print(name, rows[name]["accuracy"], f"{rows[name]['seconds']:.0f} s", flush=True)
            write(path, table, rows)
    write(path, table, rows)


def row(recipe: FineTune) -> dict[str, Any]:
    """One training: what it claims, what fresh plants say, and which of them it has wrong."""
    began = time.perf_counter()
    found = finetune(recipe, bank_folder=bank_folder())
    return {
        "accuracy": found.accuracy.value,
        "null": found.accuracy.null,
        "claimed": found.claimed.value,
        "log_loss": found.log_loss.value,
        "ece": found.scores["ece"],
        "leaked": found.leaked,
        **found.counts,
        "wrong": {str(k): 1 - v for k, v in enumerate(found.forecast.right.tolist()) if v < 1},
        "plants": len(found.forecast.right),
        "seconds": time.perf_counter() - began,
    }


def write(path: Path, table: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Rows and what follows from those that are there."""
    said = {
        "command": f"python -m experiments.few_labels {table}",
        "recipe": "FineTune() with the arm's knobs: "
        + json.dumps(ARMS if table == "few" else LEAKS),
        "summary": {"few": summary_few, "leak": summary_leak}[table](rows),
        "rows": rows,
    }
    write_whole(path, (json.dumps(said, indent=1) + "\n").encode())


def summary_few(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """By share of labels: each arm's mean, and how far it lies above the best from scratch."""
    found: dict[str, Any] = {}
    for share in ("0.01", "0.05", "1"):
        arms = {arm: of_arm(rows, f"{share}/{arm}/") for arm in ARMS}
        arms = {arm: seeds for arm, seeds in arms.items() if seeds}
        baselines = [arm for arm in arms if arm.startswith("scratch")]
        if not baselines:
            continue
        best = max(baselines, key=lambda arm: mean(arms[arm], "accuracy"))
        found[share] = {
            arm: {
                "accuracy": mean(seeds, "accuracy"),
                "per_seed": [seeds[k]["accuracy"] for k in sorted(seeds)],
                "labelled": seeds[0]["train"] + seeds[0]["validation"],
                "null": mean(seeds, "null"),
                "seconds": mean(seeds, "seconds"),
                f"above {best}": paired(seeds, arms[best]),
            }
            for arm, seeds in arms.items()
        }
    return found


def summary_leak(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """By split and arm: what is claimed, what is true, and the difference with its interval."""
    found: dict[str, Any] = {}
    for how in ("leaked", "grouped"):
        for arm in LEAKS:
            seeds = of_arm(rows, f"{how}/{arm}/")
            gaps = [seeds[k]["claimed"] - seeds[k]["accuracy"] for k in sorted(seeds)]
            if gaps:
                found[f"{how}/{arm}"] = {
                    "claimed": mean(seeds, "claimed"),
                    "fresh": mean(seeds, "accuracy"),
                    "claimed_minus_fresh": over_seeds(gaps),
                    "null": mean(seeds, "null"),
                    "leaked_share": mean(seeds, "leaked"),
                    "per_seed": gaps,
                }
    return found


def of_arm(rows: Mapping[str, Mapping[str, Any]], start: str) -> dict[int, Mapping[str, Any]]:
    """Rows of an arm by seed."""
    return {int(k.removeprefix(start)): row for k, row in rows.items() if k.startswith(start)}


def mean(seeds: Mapping[int, Mapping[str, Any]], name: str) -> float:
    return float(np.mean([row[name] for row in seeds.values()]))


def paired(
    arm: Mapping[int, Mapping[str, Any]], other: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    """Mean difference in accuracy on the same plants, seed by seed; its two intervals."""
    both = sorted(set(arm) & set(other))
    table = np.array([wrong(other[k]) - wrong(arm[k]) for k in both])
    if not both:
        return {}
    plants = mean_interval(table.mean(0))
    return over_seeds(table.mean(1).tolist()) | {"interval_over_plants": plants}


def over_seeds(values: list[float]) -> dict[str, Any]:
    """Mean over seeds with Student's interval over them; a bootstrap only repeats their range."""
    ends = t_interval(values)
    return {"mean": float(np.mean(values)), "seeds": len(values), "interval_over_seeds": ends}


def wrong(row: Mapping[str, Any]) -> np.ndarray:
    """Share of each scored plant's rows that are wrong."""
    found = np.zeros(row["plants"])
    for place, share in row["wrong"].items():
        found[int(place)] = share
    return found


if __name__ == "__main__":
    share_cores()
    run(sys.argv[1] if len(sys.argv) > 1 else "few")
