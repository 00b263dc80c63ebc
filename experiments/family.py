"""Numbers and figures of lesson 04, from what its other benchmarks and its sweep have measured.

    uv run python -m experiments.family maps      embedding maps -> results/04_embedding.json
    uv run python -m experiments.family tuning    classifiers    -> results/04_tuning.json
    uv run python -m experiments.family sixty     done runs of benchmarks/grids/sixty.json
                                                        -> results/04_sixty.json, 04_sixty.csv.gz
    uv run python -m experiments.family numbers   -> results/04_family.json, figures/04_*.svg

`numbers` reads committed results alone and takes those that are there: 04_embedding, 04_elp,
04_few_labels, 04_leak, 04_sixty. Run it again whenever one of them changes.
"""

import json
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np

from experiments.figures import save
from plantedu.charts.chart import Drawing, sheet
from plantedu.charts.forest import forest_chart
from plantedu.charts.many_runs import many_chart
from plantedu.course.family import ARMS as ARM_NAMES
from plantedu.course.family import Lines, elp_lines, few_gain, leak_gap, read_results
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.store.curves import Curves, curves_of, read_curves, write_curves
from plantedu.store.paths import home
from plantedu.store.store import Store
from plantedu.sweeps.grid import read_grid, rows_of
from plantedu.sweeps.power import best_of, luck_of_the_best, smallest_difference, spread_of
from plantedu.topics.family.embedding import SHIPPED, embedding
from plantedu.topics.family.results.embedding import ARMS, EmbeddingResult, Layer, Settings
from plantedu.training.classifier.finetune import FineTune, finetune

ROOT = Path(__file__).parents[1]
LESSONS = ROOT / "lessons"
RESULTS = LESSONS / "results"
PERPLEXITIES = (5, 30)
CHECKPOINT = "cross-0"
READ = "probe/disease/both"
GRID = ROOT / "benchmarks" / "grids" / "sixty.json"


def maps() -> None:
    """Every layer at every perplexity, written as it comes."""
    found: dict[str, Any] = {"command": "uv run python -m experiments.family maps"}
    found["maps"] = {}
    for layer in get_args(Layer):
        for perplexity in PERPLEXITIES:
            settings = Settings(layer=layer, perplexity=perplexity)
            path = SHIPPED / f"{CHECKPOINT}.safetensors"
            result = embedding(path, settings, bank_folder=home() / "bank")
            found["maps"][f"{layer}-{perplexity}"] = result.as_json()
            write("04_embedding", found, indent=None)
            print(layer, perplexity, {n: round(a.in_map.value, 3) for n, a in result.arms.items()})


def tuning() -> None:
    """Both ways from each camera and from both, seed 0, 5 % of the labels."""
    found: dict[str, Any] = {"command": "uv run python -m experiments.family tuning"}
    found["runs"] = []
    for mode in ("mlp_only", "discriminative"):
        for sensors in ("rgb", "rgn", "both"):
            recipe = FineTune.from_json({"mode": mode, "sensors": sensors})
            made = finetune(recipe, bank_folder=home() / "bank")
            found["runs"].append(made.as_json())
            write("04_tuning", found)
            print(mode, sensors, made.accuracy.value, flush=True)


def sixty() -> None:
    """The runs of the grid that the store has done, as two small files.

    They are found by their names, so a store that earlier code has filled will do; all of them
    must be of the same code.
    """
    grid, store = read_grid(GRID), Store()
    rows = rows_of(grid)
    runs = {run.name: run for run in reversed(store.runs(state="done", limit=100_000))}
    done = [runs[row.name] for row in rows if row.name in runs]
    versions = sorted({run.code_version for run in done})
    require(len(versions) == 1, f"The runs of {GRID.name} are of different code: {versions}.")
    knobs = tuple(rows[0].settings)
    command = f"OMP_NUM_THREADS=1 python -m plantedu sweep {GRID.relative_to(ROOT).as_posix()}"
    write_curves(curves_of(store, done, knobs, command=command), RESULTS / "04_sixty")
    print(f"{len(done)} of {len(rows)} runs of {GRID.name} are done and written; {versions[0]}.")


def write(name: str, found: dict[str, Any], *, indent: int | None = 1) -> None:
    """A results file."""
    text = json.dumps(found, indent=indent) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")


def numbers() -> None:
    """All that the lesson quotes and its predictions are settled by; what is missing is said."""
    found: dict[str, Any] = {"command": "uv run python -m experiments.family numbers"}
    for part in (of_maps, of_elp, of_few, of_leak, of_sixty):
        try:
            found |= part()
        except PlantEduError as error:
            print(f"{part.__name__}: {error}")
    write("04_family", found)
    print(", ".join(found))


def of_maps() -> dict[str, Any]:
    """What the maps of the logits and of h keep, and their figure."""
    known = read_results(RESULTS, "04_embedding")["maps"]
    shown = EmbeddingResult.from_json(known["logits-30"])
    names = {"trained": "trained", "shuffled": "columns shuffled", "random init": "random init"}
    save("04_map", sheet({names[arm]: shown.chart(arm) for arm in ARMS}))
    found = {"kept_of_shuffled": shown.arms["shuffled"].kept.as_json(), "maps": {}}
    for name, by_arm in known.items():
        arms = EmbeddingResult.from_json(by_arm).arms
        found["maps"][name] = {
            arm.replace(" ", "_"): {
                "in_map": one.in_map.as_json(),
                "in_features": one.in_features.as_json(),
                "kept": one.kept.as_json(),
            }
            for arm, one in arms.items()
        }
    return found


def of_elp() -> dict[str, Any]:
    """ELP-SR where there is room to gain: from scratch."""
    lines = read_results(RESULTS, "04_elp")
    scratch, shipped = elp_lines(lines).values()
    gain = scratch[0][1]
    low, high = gain.interval or (gain.value, gain.value)
    surely = low if low > 0 else high if high < 0 else 0.0
    save("04_elp", forest_chart(scratch, unit="change of accuracy", zero=True))
    tables = list(lines["table"].values())
    return {
        "elp_target_surely": gain.as_json() | {"value": surely},
        "elp": by_arm(tables[0], scratch),
        "elp_shipped": by_arm(tables[1], shipped),
        "elp_accuracy": {arm: table["accuracy"] for arm, table in tables[0].items()},
        "elp_ece": {arm: table["ece"] for arm, table in tables[0].items()},
    }


def by_arm(table: dict[str, Any], lines: Lines) -> dict[str, Any]:
    """Differences under the arms' own names."""
    names = [arm for arm in ARM_NAMES if arm in table]
    return {name: evidence.as_json() for name, (_, evidence) in zip(names, lines, strict=True)}


def of_few() -> dict[str, Any]:
    """Few labels: from the shipped encoder against from scratch."""
    recorded = read_results(RESULTS, "04_few_labels")
    shares = {
        share: arms for share, arms in recorded["summary"].items() if share in ("0.01", "0.05")
    }
    return {
        "few_gain": {share: few_gain(recorded, share).as_json() for share in shares},
        "few": {
            share: {arm: {"accuracy": one["accuracy"]} for arm, one in arms.items()}
            | {"scratch": {"accuracy": max(best_of_scratch(arms))}}
            for share, arms in shares.items()
        },
    }


def best_of_scratch(arms: dict[str, Any]) -> list[float]:
    return [one["accuracy"] for arm, one in arms.items() if arm.startswith("scratch")]


def of_leak() -> dict[str, Any]:
    """What a leaked split claims."""
    recorded = read_results(RESULTS, "04_leak")
    gap = leak_gap(recorded, "leaked", "scratch 0.01")
    return {
        "leaked_gap": gap.as_json(),
        "leaked_gap_shipped": leak_gap(recorded, "leaked", "discriminative").as_json(),
        "leaked_share": recorded["summary"]["leaked/scratch 0.01"]["leaked_share"],
        "recognised": {
            "claimed": recorded["summary"]["leaked/recognises"]["claimed"],
            "class_prior": recorded["summary"]["leaked/recognises"]["null"],
            "seeds": recorded["summary"]["leaked/recognises"]["claimed_minus_fresh"]["seeds"],
        },
    }


def of_sixty() -> dict[str, Any]:
    """How far seeds lie apart, and what that hides."""
    curves = read_curves(RESULTS / "04_sixty")
    spread = spread_of(curves, READ)
    settings = len(curves.runs.groupby([k for k in curves.knobs if k != "seed"]))
    save("04_sixty", drawn(curves))
    by_start = curves.ends(READ).groupby("start")["end"]
    return {
        "seed_range": seed_range(curves).as_json(),
        "seed_spread": spread.value,
        "runs": len(curves.runs),
        "settings": settings,
        "told_apart": {str(k): smallest_difference(spread.value, k) for k in (2, 3, 5, 10)},
        "luck": luck_of_the_best(settings, spread.value, 1),
        "escape": escape(curves),
        "by_start": {str(name): np.mean(ends).item() for name, ends in by_start},
    }


def escape(curves: Curves) -> dict[str, float]:
    """Lowest and highest seed of the tiny encoder from scratch on the largest crops."""
    ends = curves.ends(READ)
    chosen = {"encoder": "res2next_tiny", "start": "scratch", "crop_size": 40}
    for knob, value in chosen.items():
        ends = ends[ends[knob] == value]
    values = ends["end"].to_numpy(float)
    return {"lowest": values.min().item(), "highest": values.max().item(), "seeds": len(values)}


def seed_range(curves: Curves) -> Evidence:
    """Best minus worst seed of each setting, beside what drawing other plants alone would give."""
    ends = curves.ends(READ)
    groups = [
        g["end"].to_numpy(float) for _, g in ends.groupby([k for k in curves.knobs if k != "seed"])
    ]
    plants = int(read_grid(GRID).base["probe_plants"])
    noise = [2 * best_of(len(g)) * np.sqrt(g.mean() * (1 - g.mean()) / plants) for g in groups]
    ranges = np.array([np.ptp(group) for group in groups])
    return Evidence(
        question="How far is the best of five seeds above the worst, mean over the settings?",
        value=float(ranges.mean()),
        null=float(np.mean(noise)),
        control="drawing other held-out plants alone",
        n=plants,
        seeds=len(groups[0]),
        interval=mean_interval(ranges),
    )


def drawn(curves: Curves) -> Drawing:
    """The sixty curves in the colours of their starts."""
    return many_chart(
        curves.of(READ, "start"),
        curves.of("null/disease/both", "start"),
        knob="start",
        unit="disease probe, accuracy",
        control="the probe on shuffled labels",
        brush=False,
    )


if __name__ == "__main__":
    {"maps": maps, "tuning": tuning, "sixty": sixty, "numbers": numbers}[sys.argv[1]]()
