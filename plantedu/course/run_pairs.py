"""Judges of exercises that take two runs of the learner's: the one handed in, and its partner.

The partner is found among the learner's other runs; where it is missing, the verdict says which.
What a run shows is accepted as it is: who observes something else than most is told so, and how
many go the other way.

Lessons: 02_training, 04_family, 05_generation.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from plantedu.course.family import read_results
from plantedu.course.validators import CheckResult, recipe_of
from plantedu.errors import PlantEduError, require
from plantedu.shipped_files import results
from plantedu.store.ln_k import standstill
from plantedu.store.run import Run
from plantedu.store.store import Store

SHORTEST = 100  # steps of a run that stands at ln K
MOVED = 0.1  # nats below ln K, from which a run has left it
FREE = {
    "steps",
    "seed",
    "probe_every",
    "probe_plants",
    "probe_seeds",
    "probe_factors",
    "checkpoint_every",
}
SPREAD = "spread, 1/255"


# What was so of drawings that do not say: w = 1 is not written down, and older ones had no detail.
BEFORE = {"guidance": 1.0, "detail": False}


def others(store: Store, run: Run, *kinds: str) -> Iterator[Run]:
    """The learner's other runs of these kinds, the newest first."""
    learner = getattr(store, "viewer", "") or run.learner or None
    for kind in kinds:
        found = store.runs(kind=kind, learner=learner, limit=200)
        yield from (one for one in found if one.id != run.id)


def apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The settings in which two requests differ."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def collapses_and_is_rescued(run_id: str, store: Store | None) -> CheckResult:
    """A collapsed run, and another that differs in one knob and has left ln K."""
    require(store is not None, "This check looks at a run; open it in the app.")
    assert store is not None
    run = store.run(run_id)
    recipe, series = recipe_of(run), store.metrics(run_id, ["loss", "entropy"])
    if "loss" not in series or len(series["loss"]) < SHORTEST:
        return CheckResult(
            False, f"This run is too short to tell: let it go on for {SHORTEST} steps or more."
        )
    found = standstill(series, int(recipe.get("prototypes", 0)))
    if found is None:
        last = series["loss"].values[-1]
        return CheckResult(False, f"Not collapsed: the loss ends at {last:.3f}, away from ln K.")
    if not found.collapsed:
        return CheckResult(False, f"{found.text} Which knob makes the codes even as well?")
    for one in others(store, run, "train", "replay"):
        knobs = [name for name in apart(recipe, recipe_of(one)) if name not in FREE]
        if len(knobs) == 1 and (below := _below(store, one)) >= MOVED:
            old, new = recipe.get(knobs[0]), recipe_of(one).get(knobs[0])
            return CheckResult(
                True,
                f"Collapsed (H(q) {found.entropy:.2f}, ln K {found.level:.2f}), and rescued by "
                f"{knobs[0].replace('_', ' ')} {new} in place of {old}: run {one.id} ends "
                f"{below:.2f} below ln K.",
            )
    return CheckResult(
        False,
        f"The first half is there: collapsed, H(q) {found.entropy:.2f} and ln K {found.level:.2f}. "
        "Now change one knob of it, train until the loss leaves ln K, and check this run again.",
    )


def _below(store: Store, run: Run) -> float:
    """How far a run's last loss is below ln K; 0 where there is none."""
    loss = store.metrics(run.id, ["loss"]).get("loss")
    prototypes = int(recipe_of(run).get("prototypes", 0))
    if loss is None or not len(loss) or prototypes < 2:
        return 0.0
    return math.log(prototypes) - float(loss.values[-1])


def narrows(run_id: str, store: Store | None) -> CheckResult:
    """A finished drawing with guidance above 1, and the same with guidance 1."""
    require(store is not None, "This check looks at a run; open it in the app.")
    assert store is not None
    run = store.run(run_id)
    w = float(run.request.get("guidance", 1.0))
    if run.kind != "generate" or w <= 1:
        return CheckResult(False, "Choose a drawing whose guidance w is above 1.")
    pushed = _spread(run)
    if pushed is None:
        return CheckResult(False, f"This drawing is {run.state} and has no spread yet.")
    for one in others(store, run, "generate"):
        same = apart(BEFORE | one.request, BEFORE | run.request) == ["guidance"]
        plain = _spread(one) if same and float(one.request.get("guidance", 1.0)) == 1 else None
        if plain is not None:
            return CheckResult(True, _both_ways(plain, pushed, w))
    return CheckResult(
        False, "Draw the same with w = 1, all else equal, then check this one again."
    )


def _spread(run: Run) -> float | None:
    found = ((run.result or {}).get("numbers") or {}).get(SPREAD)
    return None if found is None else float(found["value"])


def _both_ways(plain: float, pushed: float, w: float) -> str:
    """What the learner's two drawings show, beside what was recorded."""
    said = f"spread {plain:.2f} at w = 1 and {pushed:.2f} at w = {w:g}"
    try:
        found = read_results(results(), "05_guidance")
        many = f" For {found['counts']['0']} of {found['plants']} plants it gets smaller."
    except PlantEduError:  # not measured on this machine
        many = ""
    if pushed < plain:
        return f"Yes: {said}, smaller.{many} Guidance hides what h let go."
    return f"Yours went the other way: {said}.{many} One plant is an anecdote."


def tunes_both_ways(run_id: str, store: Store | None) -> CheckResult:
    """Two finished fine-tunings that differ in the way alone."""
    require(store is not None, "This check looks at a run; open it in the app.")
    assert store is not None
    run = store.run(run_id)
    if run.kind != "finetune" or run.request.get("mode") != "mlp_only":
        return CheckResult(False, "Choose a fine-tuning of the head alone (mlp_only).")
    mine = (run.result or {}).get("accuracy")
    if run.state != "done" or not mine:
        return CheckResult(False, f"This run is {run.state}; let it finish.")
    said = f"{mine['value']:.3f} beside {mine['null']:.3f} for the {mine['control']}"
    for one in others(store, run, "finetune"):
        theirs = (one.result or {}).get("accuracy")
        if apart(run.request, one.request) == ["mode"] and theirs:
            return CheckResult(
                True,
                f"Done: head alone {said}, {one.request['mode']} {theirs['value']:.3f}. Both "
                "tables stand in the tab Fine-tune; one pair of runs shows no cause.",
            )
    return CheckResult(
        False, f"The first half is there: {said}. Now the other way with the same seed and labels."
    )
