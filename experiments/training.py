"""Numbers, figure, recordings and checkpoints of lesson 02.

    for seed in 0 1 2 3 4; do
        uv run python -m plantedu train --seed $seed --name cross-$seed
        uv run python -m plantedu train --pairing rgb_only --seed $seed --name rgb_only-$seed
        uv run python -m plantedu train --data shared_light --seed $seed --name shared_light-$seed
    done
    uv run python -m plantedu train --epsilon 0.05 --steps 400 --name collapse-0
    uv run python -m experiments.training ship cross rgb_only shared_light collapse
    uv run python -m experiments.training record cross-0 shared_light-0 rgb_only-0 collapse-0
    uv run python -m experiments.training control cross-{0,1,2} shared_light-0 rgb_only-0
    uv run python -m experiments.training control collapse-0
    uv run python -m experiments.training numbers cross rgb_only shared_light collapse
    uv run python -m experiments.training ends cross shared_light collapse
    uv run python -m experiments.training settings angle bloom
    uv run python -m experiments.training cards

`ship` writes the checkpoints that are not there yet, from runs in the store; `record` writes
checkpoints/recordings/*; `control` adds to recordings what the same probes read from random-init
encoders; `numbers` reads what ships: lessons/results/02_training.json, the figure
lessons/figures/02_readout.svg and the headline numbers of the cards; `ends` makes anew only what
recordings say there: losses and seconds. `settings` reads a factor from z in every way:
lessons/results/02_probing.json. `cards` reads the headline numbers of all other encoders anew, or
of those named. A test compares the lesson's text with the numbers.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from experiments.figures import save
from plantedu.jobs.threads import share_cores
from plantedu.publishing.publish import add, bare, headlines, retold, weights_of
from plantedu.publishing.registry import kind_of, path_of
from plantedu.publishing.registry import names as names_of_all
from plantedu.store.cards import card_path
from plantedu.store.paths import home
from plantedu.store.recording import amended, export_run, read_recording
from plantedu.store.run import Metric, Run
from plantedu.store.store import Store
from plantedu.topics.probing.controls import probing
from plantedu.topics.probing.readout import readouts
from plantedu.topics.probing.results.controls import Settings
from plantedu.topics.probing.results.readout import ProbeScore, ReadoutResult
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.pair_source import open_source
from plantedu.training.recipe import Recipe
from plantedu.zoo.probed_control import control_scores
from plantedu.zoo.random_init import CONTROL_SEEDS

ROOT = Path(__file__).parents[1]
SHIPPED, LESSONS = ROOT / "checkpoints", ROOT / "lessons"
OUT = LESSONS / "results" / "02_training.json"
PROBING = LESSONS / "results" / "02_probing.json"
SEEDS = {
    "cross": (0, 1, 2, 3, 4),
    "rgb_only": (0, 1, 2, 3, 4),
    "shared_light": (0, 1, 2, 3, 4),
    "collapse": (0,),
}
TITLES = {
    "cross": "Default: X1 with X2, field",
    "shared_light": "The shortcut: one lamp, one ground",
    "rgb_only": "Two crops of X1 alone",
    "collapse": "Collapse: epsilon .05",
}
FACTORS = ("disease", "chlorophyll", "bloom", "light", "warmth", "angle", "mesophyll", "mark")
VIEW_OF = {"light": "rgb", "warmth": "rgb", "bloom": "rgb", "mesophyll": "rgn"}
CELLS = 2 * len(FACTORS)  # changes that one table shows: Bonferroni
KERNELS = ("linear", "quadratic")


def entry(reading: ProbeScore) -> dict[str, Any]:
    """One reading with its nulls, and how far training moved it."""
    return reading.evidence.as_json() | {
        "view": reading.view,
        "chance": reading.chance,
        "runs": reading.runs,
        "lowest": min(reading.runs),
        "highest": max(reading.runs),
        "random_init": reading.random_init,
        "random_lowest": min(reading.random_inits),
        "random_highest": max(reading.random_inits),
        "moved": reading.moved(level=1 - 0.05 / CELLS).as_json(),
    }


def numbers(result: ReadoutResult, ending: str = "") -> dict[str, Any]:
    """Each factor from h and from z of the view that holds it."""
    return {
        f"{factor}{'_in_z' if layer == 'z' else ''}{ending}": entry(
            result.of(factor, VIEW_OF.get(factor, "both"), layer)
        )
        for factor in FACTORS
        for layer in ("h", "z")
    }


def recorded(group: str) -> dict[str, Any]:
    """End of the loss and seconds, from the recordings that ship of this group."""
    folders = [SHIPPED / "recordings" / f"{group}-{seed}" for seed in SEEDS[group]]
    found = [read_recording(folder) for folder in folders if folder.is_dir()]
    ends = []
    for one in found:
        loss = [m.value for m in one.metrics() if m.name == "loss" and m.step > one.steps * 0.95]
        ends.append(np.mean([value for value in loss if value is not None]))
    result = found[0].result or {}
    return {
        "loss_end": float(np.mean(ends)),
        "loss_seeds": len(found),
        "seconds": float(result["seconds"]),
        "seconds_to_.90": result["seconds_to_disease_.90"],
    }


def tell(group: str) -> None:
    """Read a group's encoders, and write its numbers and its cards."""
    paths = [path_of(f"{group}-{seed}", SHIPPED) for seed in SEEDS[group]]
    results = readouts(
        paths, bank_folder=home() / "bank", probe_seeds=20, factors=FACTORS, kernels=KERNELS
    )
    straight, curved = results["linear"], results["quadratic"]
    bloom = straight.of("bloom", "rgb", "h")
    found = numbers(straight) | numbers(curved, "_curved") | recorded(group)
    found |= {"seeds": len(paths), "bloom_change": bloom.moved().as_json()}
    for k, path in enumerate(paths):
        retold(path, headlines(straight, k))
    if group == "cross":
        save("02_readout", straight.chart())
    known = json.loads(OUT.read_text(encoding="utf-8"))
    command = "uv run python -m experiments.training numbers " + " ".join(SEEDS)
    known |= {"command": command, group: found}
    OUT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def ends(group: str) -> None:
    """What a group's recordings say of loss and seconds; the rest of its numbers stays."""
    known = json.loads(OUT.read_text(encoding="utf-8"))
    known[group] |= recorded(group)
    OUT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def cards(names: Sequence[str]) -> None:
    """Headline numbers of encoders' cards, with the probe and the control of today.

    Args:
        names: Which; without one, all that `numbers` does not write.
    """
    groups: dict[str, list[Path]] = {}
    for name in names or others():
        recipe = load_checkpoint(path_of(name, SHIPPED))[1]["recipe"]
        groups.setdefault(json.dumps(recipe | {"seed": 0}), []).append(path_of(name, SHIPPED))
    for paths in groups.values():
        found = readouts(paths, bank_folder=home() / "bank")["linear"]
        for k, path in enumerate(paths):
            retold(path, headlines(found, k))


def others() -> list[str]:
    """Encoders that ship and are in no group of `SEEDS`."""
    known = {f"{group}-{seed}" for group, seeds in SEEDS.items() for seed in seeds}
    found = [name for name in names_of_all(SHIPPED) if name not in known]
    return [n for n in found if kind_of(load_checkpoint(path_of(n, SHIPPED))[1]) == "train"]


def runs_by_name(store: Store) -> dict[str, Run]:
    """Trainings that are done; of one name, the newest."""
    newest_last = sorted(store.runs(state="done", kind="train"), key=lambda run: run.created)
    return {run.name: run for run in newest_last}


def ship(store: Store, group: str) -> None:
    """Write the group's checkpoints that are not there yet, as half, with cards."""
    runs, bank = runs_by_name(store), home() / "bank"
    names = [f"{group}-{seed}" for seed in SEEDS[group]]
    names = [name for name in names if not card_path(path_of(name, SHIPPED)).is_file()]
    for name in names:
        weights = weights_of(store, runs[name], None)
        save_checkpoint(path_of(name, SHIPPED), *bare(weights, "half"))
    if not names:
        return
    found = readouts([path_of(name, SHIPPED) for name in names], bank_folder=bank)["linear"]
    for k, name in enumerate(names):
        about = f"{TITLES[group]}, seed {name[-1]}"
        numbers = headlines(found, k)
        add(store, runs[name], name, about=about, form="half", bank_folder=bank, numbers=numbers)


def record(store: Store, name: str) -> None:
    """Write the recording of a run."""
    group, _, seed = name.partition("-")
    title = TITLES[group] + (f", seed {seed}" if len(SEEDS[group]) > 1 else "")
    run, folder = runs_by_name(store)[name], SHIPPED / "recordings" / name
    export_run(store, run.id, folder, title=title, note=other_than_shipped(store, run, name))


def control(names: Sequence[str]) -> None:
    """What the probes of recorded runs read from the random-init controls, beside their step 0."""
    for name in names:
        folder = SHIPPED / "recordings" / name
        known = read_recording(folder)
        recipe = Recipe.from_json(known.request)
        at = max(m.seconds or 0.0 for m in known.metrics() if m.step == 0)
        scores = control_scores(recipe, open_source(recipe, home() / "bank"), CONTROL_SEEDS)
        amended(folder, [Metric(0, k, *v, seconds=at) for k, v in scores.items()])  # type: ignore[misc]


def other_than_shipped(store: Store, run: Run, name: str) -> str:
    """What a recording says where the weights of its name are of another run; "" if of this one."""
    ours = bare(weights_of(store, run, None), "half")[0]
    theirs = load_checkpoint(path_of(name, SHIPPED))[0]
    if ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours):
        return ""
    return (
        f"Recipe and seed of the weights {name} that ship, run again on another processor: it "
        "rounds otherwise, and a training takes that further, so its numbers are not theirs."
    )


def settings(factor: str) -> None:
    """What a probe's own settings do to what it reads of a factor from z of cross-0."""
    asked = Settings(factor=factor, view=VIEW_OF.get(factor, "both"))
    found = probing(asked, bank_folder=home() / "bank").as_json()
    known = json.loads(PROBING.read_text(encoding="utf-8")) if PROBING.is_file() else {}
    known |= {factor: found}
    read = " ".join(sorted(name for name in known if name != "command"))
    known["command"] = f"uv run python -m experiments.training settings {read}"
    PROBING.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    share_cores()
    what, *names = sys.argv[1:]
    whole = {"cards": cards, "control": control}
    if what in whole:
        whole[what](names)
        return
    reads = {"numbers": tell, "settings": settings, "ends": ends}
    if what in reads:
        for name in names:
            reads[what](name)
        return
    store, work = Store(), {"ship": ship, "record": record}[what]
    for name in names:
        work(store, name)


if __name__ == "__main__":
    main()
