"""Selective, used? For lesson 10: orders of units, each with its reliability.

    uv run python -m experiments.units_used run       # -> 10_used.json
    uv run python -m experiments.units_used figures   # -> lessons/figures/10_groups.svg

Without a word, both; about two minutes of one core (OMP_NUM_THREADS=1).
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures import save
from experiments.parts import run as run_parts
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.store.paths import home
from plantedu.topics.neurons.groups import Order, used
from plantedu.topics.neurons.results.units_chart import groups_chart
from plantedu.topics.neurons.spatial_activations import Plot, head_above
from plantedu.whole_files import write_whole
from plantedu.zoo.encoders import load_encoder

COMMAND = "uv run python -m experiments.units_used run"
ROOT = Path(__file__).parents[1]
PATH = ROOT / "lessons" / "results" / "10_used.json"
KINDS = {
    "cross": tuple(f"cross-{k}" for k in range(3)),
    "rgb_only": tuple(f"rgb_only-{k}" for k in range(3)),
    "supervised": tuple(f"supervised_rgb-{k}" for k in range(3)),
}
ORDERS = ("by_reader", "by_head", "by_groups")
PLANTS = 1024


def run() -> None:
    """Every encoder that has a head of its own."""
    plot = Plot(FIRST_HELD_OUT, PLANTS, home())
    (one, _), encoders = plot.targets("rgb", ("disease",)), {}
    for kind, names in KINDS.items():
        for name in names:
            opened = load_encoder(name)
            units = plot.places(opened, "rgb").mean(dim=1).double().numpy()
            head, rng = head_above(opened), np.random.default_rng(0)
            assert head is not None  # each of them has one
            found = used(units, one, head, generator=rng)
            orders = {k: getattr(found, k) for k in ORDERS}
            plain = {k: {**asdict(o), "corrected": o.corrected} for k, o in orders.items()}
            plain |= {"selectivity": found.selectivity.tolist(), "moved": found.moved.tolist()}
            encoders[name] = plain | {"kind": kind, "at_random": found.at_random}
            print(name, {k: round(o.agrees, 2) for k, o in orders.items()}, flush=True)
    write(short(encoders))


def write(encoders: dict[str, Any]) -> None:
    """Means over the seeds of a kind, and every encoder."""
    means = {kind: {k: mean(encoders, names, k) for k in ORDERS} for kind, names in KINDS.items()}
    whole = {"command": COMMAND, "n": PLANTS, "means": means, "encoders": encoders}
    parts = ",\n".join(f"{json.dumps(k)}: {json.dumps(short(v))}" for k, v in whole.items())
    write_whole(PATH, f"{{\n{parts}\n}}\n".encode())


def mean(encoders: dict[str, Any], names: tuple[str, ...], order: str) -> dict[str, Any]:
    """Mean over seeds with Student's interval of Fisher's z, and the reliabilities beside it."""
    found = [encoders[name][order] for name in names]
    kept = [Order(**{k: v for k, v in one.items() if k != "corrected"}) for one in found]
    values = [one.agrees for one in kept]
    evidence = Evidence(
        question="How well do the orders by selectivity and by effect agree (Spearman)?",
        value=float(np.mean(values)),
        null=float(np.mean([one.luck for one in kept])),
        control="95th percentile for units in another order",
        n=PLANTS,
        seeds=len(names),
        interval=of_correlations(values),
    ).as_json()
    corrected = [one.corrected for one in kept]
    whole = [value for value in corrected if value is not None]
    evidence["corrected"] = float(np.mean(whole)) if len(whole) == len(kept) else None
    evidence["reliability"] = float(np.mean([one.effect for one in kept]))
    evidence["reliability of selectivity"] = float(np.mean([one.selective for one in kept]))
    evidence["reliability, least"] = min(one.effect for one in kept)
    evidence["reliability, most"] = max(one.effect for one in kept)
    return evidence


def of_correlations(values: list[float]) -> tuple[float, float] | None:
    """Interval of a mean correlation, inside -1 to 1: Student's of atanh r, taken back."""
    ends = t_interval(np.arctanh(values))
    return None if ends is None else (float(np.tanh(ends[0])), float(np.tanh(ends[1])))


def short(found: Any) -> Any:
    """Numbers to four digits."""
    if isinstance(found, dict):
        return {name: short(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [short(value) for value in found]
    return float(f"{found:.4g}") if isinstance(found, float) else found


def figures() -> None:
    """The chart as a picture for readers of the markdown."""
    save("10_groups", groups_chart(json.loads(PATH.read_text(encoding="utf-8"))))


PARTS = {"run": run, "figures": figures}

if __name__ == "__main__":
    run_parts(PARTS, sys.argv[1:])
