"""Train and record the runs of the clinic: every cause, several seeds, one logger.

    python -m experiments.clinic.cases [--seeds N] [--folder DIR]   -> checkpoints/clinic/

Runs that are in DIR are kept, so a killed benchmark goes on where it was. A run with an even
seed belongs to the reference half, which the automatic diagnosis is fitted on; one with an odd seed
is held out. Seeds decide first weights, order of the plants, crops, the step of the change and the
variant of the recipe. Three kinds of training:

    swav         the bump recipe, shorter; escape: from an encoder that had collapsed, on the
                 plateau at ln K
    plateau      the same start with softer codes, which stays there: escape's control
    classifier   healthy or diseased, from the shipped encoder, a quarter of the labels turned
                 round
    adder        modular addition; its log shows the loss on test pairs
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

from experiments.clinic.runs import FAMILIES, Order
from plantedu.store.paths import home

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "clinic"
SWAV_CAUSES = (
    *("queue_switch", "rate_restart", "prototypes_released", "data_switched", "batch_changed"),
    *("batchnorm_mode", "nothing"),
)
FALLEN = {"escape": 0.2, "grokking": 0.5}  # share of the fall at the moment of a transition


def orders(seeds: int) -> Iterator[Order]:
    """Every run, two seeds at a time, so that a part of the list holds every cause."""
    for seed in range(seeds):
        for cause in (*SWAV_CAUSES, "escape"):
            yield Order("swav", cause, seed)
        for cause in ("label_leak", "nothing"):
            yield Order("classifier", cause, seed)
        if seed // 2 % 2:
            yield Order("plateau", "nothing", seed)
        extra = ("rate_restart", "batchnorm_mode", "data_switched", "batch_changed")
        yield Order("classifier", extra[seed // 2 % len(extra)], seed)
        for cause in ("grokking", "nothing" if seed // 2 % 2 else "rate_restart"):
            yield Order("adder", cause, seed)


def moment_of(cause: str, seen: Mapping[str, np.ndarray], at: int) -> int:
    """The step that a window is cut around: of the change, or within the fall of a transition.

    A transition is reached where a mean of 15 rows has done a share of its fall from its level
    before (from its peak, for grokking) to its level at the end.
    """
    if cause not in FALLEN:
        return at
    smooth = np.convolve(seen["row/loss"], np.ones(15) / 15, "valid")
    start = int(np.argmax(smooth)) if cause == "grokking" else len(smooth) // 5
    level = smooth[start] - FALLEN[cause] * (smooth[start] - smooth[-1])
    reached = start + int(np.argmax(smooth[start:] < level))
    return int(seen["row/step"][reached + 7])


def write(folder: Path, kept: Path) -> None:
    """All kept runs as one file of numbers and one of words."""
    numbers, words = {}, []
    for path in sorted(folder.glob("*.npz")):
        plain = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(path, allow_pickle=False) as seen:
            plain["moment"] = moment_of(plain["cause"], seen, plain.pop("at"))
            for name in seen.files:
                small = np.float16 if name == "look/plants" else np.float32
                numbers[f"{len(words):03d}/{name}"] = seen[name].astype(small)
        words.append(plain)
    kept.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(kept / "runs.npz", **numbers)
    lines = ",\n".join(json.dumps(one) for one in words)
    (kept / "runs.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    size = (kept / "runs.npz").stat().st_size / 1e6
    print(f"{len(words)} runs, {size:.2f} MB, {sum(w['seconds'] for w in words):.0f} s of training")


def main() -> None:
    """Train what is missing, then write the bank."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--only", default="", help="runs whose name contains this")
    parser.add_argument("--folder", type=Path, default=home() / "clinic")
    parser.add_argument("--bank", type=Path, default=home() / "bank")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    for order in orders(options.seeds):
        path = options.folder / f"{order.name}.npz"
        if path.is_file() or options.only not in order.name:
            continue
        started = time.process_time()
        seen, at = FAMILIES[order.family](order, options.bank)
        plain = {
            "cause": order.cause,
            "family": order.family,
            "seed": order.seed,
            "at": at,
            "seconds": round(time.process_time() - started, 1),
        }
        path.with_suffix(".json").write_text(json.dumps(plain), encoding="utf-8")
        np.savez(path, **seen)
        print(order.name, plain, flush=True)
    write(options.folder, SHIPPED)


if __name__ == "__main__":
    main()
