"""How an answer is judged: a number, a word, or a run of the learner's own.

A judge takes the answer and the store; `checks` says which exercise asks which judge.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plantedu.course.number_forms import numbers_in
from plantedu.errors import require
from plantedu.store.recording import recording
from plantedu.store.run import Run
from plantedu.store.store import Store


@dataclass(frozen=True)
class CheckResult:
    """Whether an answer holds, and why."""

    right: bool
    text: str


Judge = Callable[[str, Store | None], CheckResult]
CAMERAS = {"rgb": "x1", "rgn": "x2"}
AROUND = re.compile(r"^(the|a|an|it is|its)\s+|\s+(factor|camera|sensor|picture|image)$")
DISEASE = "probe/disease/both"


def near(expected: str, tolerance: float, why: str, *, percent: bool = False) -> Judge:
    """A number within `tolerance` of `expected`, in any form that `numbers_in` reads."""
    target = numbers_in(expected, percent=percent)[-1]

    def judge(answer: str, store: Store | None) -> CheckResult:
        found = numbers_in(answer, percent=percent)
        if any(abs(number - target) <= tolerance for number in found):
            return CheckResult(True, why)
        side = "low" if found[-1] < target else "high"
        return CheckResult(False, f"{found[-1]:g} is too {side}. Look at the hint, then try again.")

    return judge


def word(expected: str, why: str) -> Judge:
    """A name, as it is said: small or capital, with "the" or a full stop; "a|b": either.

    A camera may be called by its letter or by its bands: X1 is RGB, X2 is RGN.
    """
    accepted = {CAMERAS.get(one, one) for one in expected.lower().split("|")}

    def judge(answer: str, store: Store | None) -> CheckResult:
        said = AROUND.sub("", answer.strip(" .!\"'").lower()).replace(" ", "_")
        if CAMERAS.get(said, said) in accepted:
            return CheckResult(True, why)
        text = f"\u201c{answer}\u201d is not the answer that is asked for here."
        return CheckResult(False, f"{text} Look at the hint, then try again.")

    return judge


def recipe_of(run: Run) -> dict[str, Any]:
    """What a training was asked for, also where its recording is replayed."""
    return recording(str(run.request["recording"])).request if run.kind == "replay" else run.request


def takes_the_shortcut(run_id: str, store: Store | None) -> CheckResult:
    """A run on shared light, half a nat below ln K, with its disease probe still below .75."""
    require(store is not None, "This check looks at a run; open it in the app.")
    request = recipe_of(store.run(run_id))  # type: ignore[union-attr]
    found = store.metrics(run_id, ["loss", DISEASE])  # type: ignore[union-attr]
    if request.get("data") != "shared_light":
        return CheckResult(False, "This run has another world; choose the data shared_light.")
    if any(name not in found or not len(found[name].values) for name in ("loss", DISEASE)):
        return CheckResult(False, "This run has no loss or no disease probe yet; let it go on.")
    fallen = math.log(int(request["prototypes"])) - float(found["loss"].values[-1])
    probe = float(found[DISEASE].values[-1])
    said = f"the loss ends {fallen:.2f} below ln K and the disease probe at {probe:.2f}"
    if fallen < 0.5:
        return CheckResult(
            False, f"Not yet: {said}. It stands at ln K: lower epsilon, or let it go on."
        )
    if probe >= 0.75:
        return CheckResult(False, f"No shortcut here: {said}. That is news; try another seed.")
    return CheckResult(True, f"Yes: {said}. It matches plants and hardly knows what ails them.")


def branches(run_id: str, store: Store | None) -> CheckResult:
    """A run that began with the weights of another run, and has trained on for 20 steps."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    start = str(run.request.get("start", "scratch"))
    if run.parent is None or not start.startswith("run:"):
        return CheckResult(False, f"This run starts from {start}; branch one from another run.")
    if run.step < 20:
        return CheckResult(False, f"It stands at step {run.step}; let it go on to step 20 or more.")
    return CheckResult(
        True, f"Yes: {run.id} goes on from {run.parent} ({start}) for {run.step} steps."
    )


def forks(run_id: str, store: Store | None) -> CheckResult:
    """A finished fork of 60 steps or more."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "fork":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your forks.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This fork is {run.state}; let it finish.")
    steps, same = int(run.result["steps"]), run.result["same_weights"]
    if steps < 60:
        return CheckResult(False, f"It went on for {steps} steps; 60 are needed to see the dip.")
    return CheckResult(
        True,
        f"Yes: on the same weights and the same batch the queue moved the loss by "
        f"{same['value']:+.2f} nats (null {same['null']:.2f}). No weight had changed.",
    )


def maps_a_run(run_id: str, store: Store | None) -> CheckResult:
    """A finished map between the cameras of a checkpoint that one of the learner's runs made."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "spectrum":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your measured maps.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This map is {run.state}; let it finish.")
    if not str(run.request.get("checkpoint", "")).startswith("run:"):
        return CheckResult(False, "This is a shipped checkpoint; measure one of a run of yours.")
    s, r2 = run.result["score"], run.result["r2"]
    return CheckResult(
        True,
        f"Done: S {s['value']:.2f} (random init {s['null']:.2f}) with R2 {r2['value']:.2f} "
        f"(random init {r2['null']:.2f}). Both numbers, both nulls: that is a report.",
    )


def rings(run_id: str, store: Store | None) -> CheckResult:
    """A finished attack of which at least one alarm rings."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "attack":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your attacks.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This attack is {run.state}; let it finish.")
    signs = run.result.get("signs") or []
    if not signs:
        return CheckResult(
            False, "No alarm was counted; switch on Count the alarms and attack again."
        )
    ringing = [sign["name"] for sign in signs if sign["rings"]]
    if not ringing:
        return CheckResult(
            False, "All alarms are quiet here; choose a defence that hides the slope."
        )
    return CheckResult(True, f"Yes: {', '.join(ringing)}. What stands here has not been shown to.")


def maps_the_mark(run_id: str, store: Store | None) -> CheckResult:
    """A finished map, of a network that follows the mark, that beats every baseline on the mark."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "attribute":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your maps.")
    network, how = run.request.get("network", "lesions-0"), run.request.get("method", "ig")
    if not str(network).startswith("mark-"):
        return CheckResult(
            False, f"{network} does not follow the mark; choose mark-0, mark-1, mark-2."
        )
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This map is {run.state}; let it finish.")
    lines = {name: one["value"] for name, one in run.result["mass"]["mark"].items()}
    own, best = lines[how], max(value for name, value in lines.items() if name != how)
    if own <= best:
        return CheckResult(
            False,
            f"This map has {own:.3f} of its mass in the mark, and a map that knows no network has "
            f"{best:.3f}. Try another method, or another reference picture.",
        )
    return CheckResult(True, f"Yes: {own:.3f} in the mark, beside {best:.3f} of the best baseline.")


def compares_with_untrained(run_id: str, store: Store | None) -> CheckResult:
    """A finished comparison of a trained encoder with one that never saw a leaf."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    encoders = [str(one) for one in run.request.get("encoders", ())]
    if run.kind != "similarity" or sum(one.startswith("random:") for one in encoders) != 1:
        return CheckResult(False, "Compare two encoders, one of them random:1001 or random:1002.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This comparison is {run.state}; let it finish.")
    value, level = run.result["value"][-1][-1], run.result["level"][-1][-1]
    return CheckResult(
        True,
        f"Done: {value:.3f} in the last cell, and one shuffle in twenty passes {level:.3f}. "
        "Beyond shuffled plants is not yet beyond untrained.",
    )


def examines(run_id: str, store: Store | None) -> CheckResult:
    """A finished report card of all methods on 5 or more worlds that the course has not used."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "report_card":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your report cards.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This report card is {run.state}; let it finish.")
    settings, grades = run.result["settings"], run.result["grades"]
    if settings["worlds"] < 5 or settings["seed"] < 1000 or settings["methods"]:
        asked = ", ".join(settings["methods"]) or "all methods"
        return CheckResult(
            False,
            f"This card has {asked} on {settings['worlds']} worlds from seed {settings['seed']}. "
            "Asked for are all methods, 5 worlds or more, and a seed of 1000 or higher.",
        )
    good = sum(g["verdict"].startswith("good") for g in grades)
    fooled = sum(g["alarms"]["value"] > 0.5 for g in grades)
    return CheckResult(
        True,
        f"Done: {good} of {len(grades)} methods are good on {settings['worlds']} worlds, and "
        f"{fooled} report what is not there more often than a coin.",
    )


def dissects_untrained(run_id: str, store: Store | None) -> CheckResult:
    """A finished dictionary of an encoder that was never trained."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "dictionary" or not str(run.request.get("encoder", "")).startswith("random:"):
        return CheckResult(
            False, "Take apart an encoder that was never trained: random:1001 or random:1002."
        )
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This dictionary is {run.state}; let it finish.")
    mine = run.result["rows"][0]
    best = max(mine["auroc"].items(), key=lambda pair: pair[1])
    return CheckResult(
        True,
        f"Done: FVU {mine['fvu']:.3f}, and a feature for {best[0]} with AUROC {best[1]:.2f}, from "
        "weights that never saw a leaf. Both need this encoder beside them.",
    )


def examines_another(run_id: str, store: Store | None) -> CheckResult:
    """A finished examination of a network that lesson 12 does not walk through."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "examine":
        return CheckResult(False, f"This run is a {run.kind}; choose one of your examinations.")
    encoder = str(run.request.get("encoder", "foreign-a"))
    if encoder.startswith("foreign-"):
        return CheckResult(False, f"The lesson walks through {encoder}; examine another network.")
    if run.state != "done" or not run.result:
        return CheckResult(False, f"This examination is {run.state}; let it finish.")
    notes = [note for one in run.result["sections"] for note in one["notes"]]
    found = [note.partition(".")[0] for note in notes if note.startswith("FOUND")]
    said = (
        f"{len(found)} places or lights were found, first: {found[0]}"
        if found
        else ("nothing was found")
    )
    return CheckResult(
        True,
        f"Done: of {encoder}, {said}. A head that is fitted on these labels may learn the mark "
        "from any features that show it; the encoder alone is not to blame.",
    )
