"""How the two arms of a fork come apart: differences in windows of steps, each beside its null.

    D(t) = loss_on(t) - loss_off(t)      logged, or of a frozen pack under one ruler

The null of D is the same difference between two controls that drew other plants and crops; of one
seed alone it is the control's own change from the first half of a window to the second.

Lesson: 03_bump.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.topics.bump.results.fork import SAYS, Window

Runs = Mapping[int, Mapping[str, Sequence[tuple[float, float]]]]
READ = ("loss", "ruler/none", "ruler/queue", "ruler/kept")
WINDOWS = ((1, 10), (11, 20), (21, 60), (61, 100), (101, 200), (201, 300))


def first_step(runs: Runs, batch: int) -> Evidence:
    """D of the first step, where both arms have the same weights and the same batch.

    Args:
        runs: Curves by seed: "off/loss", "on/loss", ..., each as (step, value).
        batch: Plants a step.
    """
    off, on = ([runs[s][f"{arm}/loss"] for s in sorted(runs)] for arm in ("off", "on"))
    differences = [b[0][1] - a[0][1] for a, b in zip(off, on, strict=True)]
    alone = [abs(a[k + 1][1] - a[k][1]) for a in off for k in range(len(a) - 1)] or [0.0]
    return Evidence(
        question="By how much does the queue move the logged loss with weights and batch the same?",
        value=float(np.mean(differences)),
        null=float(np.mean(_between([a[0][1] for a in off]) or alone)),
        control="two controls with other batches, on the same weights"
        if len(off) > 1
        else "the control from one batch to the next, without sign",
        n=batch * len(off),
        seeds=len(off),
        interval=t_interval(differences),
    )


def window(runs: Runs, start: int, first: int, last: int, *, plants: int, batch: int) -> Window:
    """D and both levels in some steps after the fork.

    Args:
        runs: Curves by seed.
        start: Step of the checkpoint.
        first, last: Steps after it.
        plants: Held-out plants in the pack.
        batch: Plants a step.
    """
    steps = (start + first, start + last)
    levels = {
        arm: {
            name: means
            for name in READ
            if (means := [_mean(runs[s][f"{arm}/{name}"], *steps) for s in sorted(runs)])
            and np.isfinite(means).all()
        }
        for arm in ("off", "on")
    }
    halves = {
        name: [_halves(runs[s][f"off/{name}"], *steps) for s in sorted(runs)] for name in READ
    }
    found = {}
    for name in (name for name in READ if name in levels["off"] and name in levels["on"]):
        n = plants if "ruler" in name else (last - first + 1) * batch
        found[name] = _difference(name, levels["off"][name], levels["on"][name], halves[name], n)
    means = {arm: {name: float(np.mean(v)) for name, v in of.items()} for arm, of in levels.items()}
    return Window(first, last, found, means["off"], means["on"])


def _difference(
    name: str, off: Sequence[float], on: Sequence[float], halves: Sequence[float], n: int
) -> Evidence:
    """D of one curve, with its null."""
    differences = [b - a for a, b in zip(off, on, strict=True)]
    between = _between(off)
    return Evidence(
        question=f"By how much does the queue move the {SAYS[name]}?",
        value=float(np.mean(differences)),
        null=float(np.mean(between or halves)),
        control="two controls with other draws, without sign"
        if between
        else "the control's change within the window, without sign",
        n=n,
        seeds=len(off),
        interval=t_interval(differences),
    )


def _between(values: Sequence[float]) -> list[float]:
    """Distances of all pairs."""
    return [abs(a - b) for k, a in enumerate(values) for b in values[:k]]


def _mean(curve: Sequence[tuple[float, float]], first: float, last: float) -> float:
    inside = [value for step, value in curve if first <= step <= last]
    return float(np.mean(inside)) if inside else math.nan


def _halves(curve: Sequence[tuple[float, float]], first: float, last: float) -> float:
    """By how much a curve's second half lies off its first; 0 where it has no two points."""
    middle = (first + last) / 2
    change = _mean(curve, middle, last) - _mean(curve, first, middle)
    return abs(change) if math.isfinite(change) else 0.0
