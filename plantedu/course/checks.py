"""What judges the exercises: each is a computation on the answer, or on a run of the learner's.

An exercise names its check (`check=...`). A new exercise is one row in `CHECKS`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plantedu.errors import PlantEduError, require
from plantedu.runs.store import Store


@dataclass(frozen=True)
class Verdict:
    """Whether an answer holds, and why."""

    right: bool
    text: str


Judge = Callable[[str, Store | None], Verdict]
DISEASE = "probe/disease/both"


@dataclass(frozen=True)
class Check:
    """One judge.

    Attributes:
        name: What exercises call it.
        asks: "number", "word", or "run" (the id of a run in the store).
        prompt: Label of the field that the page shows.
        judge: The computation.
    """

    name: str
    asks: Literal["number", "word", "run"]
    prompt: str
    judge: Judge


def find_check(name: str) -> Check:
    """The check of that name.

    Raises:
        PlantEduError: if there is none; lists those that there are.
    """
    for one in CHECKS:
        if one.name == name:
            return one
    raise PlantEduError(f"No check is called {name!r}; there are {[c.name for c in CHECKS]}.")


def check(name: str, answer: str, *, store: Store | None = None) -> Verdict:
    """Judge an answer.

    Args:
        name: Name of the check, as the exercise gives it.
        answer: What the learner entered; a run's id where the check asks for a run.
        store: Where runs are, for checks that ask for one.

    Raises:
        PlantEduError: for an empty answer or one that is no number where a number is asked.
    """
    require(bool(str(answer).strip()), "There is no answer yet; enter one and press Check.")
    return find_check(name).judge(str(answer).strip(), store)


def near(expected: float, tolerance: float, why: str) -> Judge:
    """A number within `tolerance` of `expected`."""

    def judge(answer: str, store: Store | None) -> Verdict:
        try:
            number = float(answer.replace(",", "."))
        except ValueError:
            raise PlantEduError(f"A number is asked for, such as 0.5; got {answer!r}.") from None
        if abs(number - expected) <= tolerance:
            return Verdict(True, why)
        side = "low" if number < expected else "high"
        return Verdict(False, f"{number:g} is too {side}. Look at the hint, then try again.")

    return judge


def word(expected: str, why: str) -> Judge:
    """A name, in small or capital letters."""

    def judge(answer: str, store: Store | None) -> Verdict:
        if answer.lower().replace(" ", "_") == expected:
            return Verdict(True, why)
        return Verdict(False, f"It is not {answer}. Try it: what do both cameras show?")

    return judge


def stands_at_ln_k(run_id: str, store: Store | None) -> Verdict:
    """A run whose loss ends within .02 of ln K, in its last fifth."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    series = store.metrics(run_id, ["loss"])  # type: ignore[union-attr]
    prototypes = int(run.request.get("prototypes", 0))
    loss = series["loss"].values if "loss" in series else np.empty(0)
    if prototypes < 2 or len(loss) < 100:
        return Verdict(False, "This run is too short to tell: let it go on for 100 steps or more.")
    tail, level = loss[-len(loss) // 5 :], math.log(prototypes)
    gap = float(np.abs(tail - level).max())
    said = f"its last {len(tail)} losses lie within {gap:.3f} of ln {prototypes} = {level:.3f}"
    if gap <= 0.02:
        return Verdict(True, f"Collapsed: {said}. Now change one knob and get it moving.")
    return Verdict(False, f"Not collapsed: {said}; within .02 is asked for.")


def takes_the_shortcut(run_id: str, store: Store | None) -> Verdict:
    """A run on shared light, half a nat below ln K, with its disease probe still below .75."""
    require(store is not None, "This check looks at a run; open it in the app.")
    request = store.run(run_id).request  # type: ignore[union-attr]
    found = store.metrics(run_id, ["loss", DISEASE])  # type: ignore[union-attr]
    if request.get("data") != "shared_light":
        return Verdict(False, "This run has another world; choose the data shared_light.")
    if any(name not in found or not len(found[name].values) for name in ("loss", DISEASE)):
        return Verdict(False, "This run has no loss or no disease probe yet; let it go on.")
    fallen = math.log(int(request["prototypes"])) - float(found["loss"].values[-1])
    probe = float(found[DISEASE].values[-1])
    said = f"the loss ends {fallen:.2f} below ln K and the disease probe at {probe:.2f}"
    if fallen < 0.5:
        return Verdict(
            False, f"Not yet: {said}. It stands at ln K: lower epsilon, or let it go on."
        )
    if probe >= 0.75:
        return Verdict(False, f"No shortcut here: {said}. That is news; try another seed.")
    return Verdict(True, f"Yes: {said}. It matches plants and hardly knows what ails them.")


def branches(run_id: str, store: Store | None) -> Verdict:
    """A run that began with the weights of another run, and has trained on for 20 steps."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    start = str(run.request.get("start", "scratch"))
    if run.parent is None or not start.startswith("run:"):
        return Verdict(False, f"This run starts from {start}; branch one from another run.")
    if run.step < 20:
        return Verdict(False, f"It stands at step {run.step}; let it go on to step 20 or more.")
    return Verdict(True, f"Yes: {run.id} goes on from {run.parent} ({start}) for {run.step} steps.")


def tunes_the_head(run_id: str, store: Store | None) -> Verdict:
    """A finished fine-tuning of the head alone on 5 % of the labels or fewer."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "finetune" or run.request.get("mode") != "mlp_only":
        return Verdict(False, "Choose a fine-tuning of the head alone (mlp_only).")
    accuracy = (run.result or {}).get("accuracy")
    if run.state != "done" or not accuracy:
        return Verdict(False, f"This run is {run.state}; let it finish.")
    said = f"{accuracy['value']:.3f} beside {accuracy['null']:.3f} for the {accuracy['control']}"
    return Verdict(True, f"Done: {said}. Now the other way, with the same seed: same labels.")


def forks(run_id: str, store: Store | None) -> Verdict:
    """A finished fork of 60 steps or more."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "fork":
        return Verdict(False, f"This run is a {run.kind}; choose one of your forks.")
    if run.state != "done" or not run.result:
        return Verdict(False, f"This fork is {run.state}; let it finish.")
    steps, same = int(run.result["steps"]), run.result["same_weights"]
    if steps < 60:
        return Verdict(False, f"It went on for {steps} steps; 60 are needed to see the dip.")
    return Verdict(
        True,
        f"Yes: on the same weights and the same batch the queue moved the loss by "
        f"{same['value']:+.2f} nats (null {same['null']:.2f}). No weight had changed.",
    )


def maps_a_run(run_id: str, store: Store | None) -> Verdict:
    """A finished map between the cameras of a checkpoint that one of the learner's runs made."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "spectrum":
        return Verdict(False, f"This run is a {run.kind}; choose one of your measured maps.")
    if run.state != "done" or not run.result:
        return Verdict(False, f"This map is {run.state}; let it finish.")
    if not str(run.request.get("checkpoint", "")).startswith("run:"):
        return Verdict(False, "This is a shipped checkpoint; measure one of a run of yours.")
    s, r2 = run.result["score"], run.result["r2"]
    return Verdict(
        True,
        f"Done: S {s['value']:.2f} (random init {s['null']:.2f}) with R2 {r2['value']:.2f} "
        f"(random init {r2['null']:.2f}). Both numbers, both nulls: that is a report.",
    )


def rings(run_id: str, store: Store | None) -> Verdict:
    """A finished attack of which at least one alarm rings."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    if run.kind != "attack":
        return Verdict(False, f"This run is a {run.kind}; choose one of your attacks.")
    if run.state != "done" or not run.result:
        return Verdict(False, f"This attack is {run.state}; let it finish.")
    signs = run.result.get("signs") or []
    if not signs:
        return Verdict(False, "No alarm was counted; switch on Count the alarms and attack again.")
    ringing = [sign["name"] for sign in signs if sign["rings"]]
    if not ringing:
        return Verdict(False, "All alarms are quiet here; choose a defence that hides the slope.")
    return Verdict(True, f"Yes: {', '.join(ringing)}. What stands here has not been shown to.")


def compares_with_untrained(run_id: str, store: Store | None) -> Verdict:
    """A finished comparison of a trained encoder with one that never saw a leaf."""
    require(store is not None, "This check looks at a run; open it in the app.")
    run = store.run(run_id)  # type: ignore[union-attr]
    encoders = [str(one) for one in run.request.get("encoders", ())]
    if run.kind != "similarity" or sum(one.startswith("random:") for one in encoders) != 1:
        return Verdict(False, "Compare two encoders, one of them random:0 or random:1.")
    if run.state != "done" or not run.result:
        return Verdict(False, f"This comparison is {run.state}; let it finish.")
    value, level = run.result["value"][-1][-1], run.result["level"][-1][-1]
    return Verdict(
        True,
        f"Done: {value:.3f} in the last cell, and one shuffle in twenty passes {level:.3f}. "
        "Beyond shuffled plants is not yet beyond untrained.",
    )


CHECKS = (
    Check(
        "private_to_rgn",
        "word",
        "Name of the factor",
        word("mesophyll", "Yes: only near-infrared light tells it, and RGB sees none."),
    ),
    Check(
        "luck_of_partners",
        "number",
        "Right guesses of 64",
        near(4, 0.5, "Yes: 4 or more come by luck in 2 of 100 shuffles, 3 or more in 8 of 100."),
    ),
    Check(
        "leaked_share",
        "number",
        "Share between 0 and 1",
        near(
            0.8, 0.011, "Yes: 4272 of the 5339 other rows, .80, are in training; so are the twins."
        ),
    ),
    Check(
        "mark_makes_lesions",
        "number",
        "Lesion pixels",
        near(0, 0.5, "Yes: none. The mark goes with disease; it does not cause it."),
    ),
    Check(
        "collapse_level",
        "number",
        "Loss",
        near(math.log(64), 0.01, "Yes: ln 64 = 4.159, the entropy of an even code."),
    ),
    Check("make_it_collapse", "run", "Your collapsed run", stands_at_ln_k),
    Check("shortcut_run", "run", "Your run on shared light", takes_the_shortcut),
    Check(
        "code_floor",
        "number",
        "Lowest H(q), in nats",
        near(math.log(3000 / 128), 0.01, "Yes: ln(3000/128) = 3.154, with no learning at all."),
    ),
    Check(
        "first_queue_step",
        "number",
        "Batch",
        near(24_901, 0.4, "Yes: after batch 24,900 the share is .5, which is not greater than .5."),
    ),
    Check(
        "floor_with_queue",
        "number",
        "Embeddings in the queue",
        near(496, 0.4, "Yes: 16 + 496 = 512, and ln(512/512) = 0."),
    ),
    Check("fork_a_run", "run", "Your fork", forks),
    Check(
        "finder_drop",
        "number",
        "Iteration",
        near(84, 0.4, "Yes: 83 of 166 batches are half; the next one uses the queue."),
    ),
    Check(
        "curve_alone",
        "number",
        "Share right, between 0 and 1",
        near(0.45, 0.09, "Yes: less than half. A curve says that something happened, not what."),
    ),
    Check(
        "best_of_twenty",
        "number",
        "Standard errors above the mean",
        near(1.867, 0.06, "Yes: about 1.87. The best of many looks good without being better."),
    ),
    Check("branch_a_run", "run", "Your branch", branches),
    Check(
        "noise_by_columns",
        "number",
        "Biased CKA of noise",
        near(0.5, 0.02, "Yes: 1 / (1 + 200/200) = .5, with no relation at all."),
    ),
    Check(
        "forced_ones",
        "number",
        "Correlations that are 1",
        near(51, 0.4, "Yes: 200 + 150 - 299 = 51 directions must be shared, whatever they hold."),
    ),
    Check(
        "smallest_p",
        "number",
        "Smallest p",
        near(0.01, 0.0004, "Yes: (1 + 0) / (1 + 99). With 19 shuffles it would be .05."),
    ),
    Check(
        "compare_untrained", "run", "Your comparison with random weights", compares_with_untrained
    ),
    Check("tune_the_head", "run", "Your run with the frozen encoder", tunes_the_head),
    Check(
        "prior_log_loss",
        "number",
        "Log loss, in nats",
        near(0.9708, 0.006, "Yes: .971, the entropy of the shares. Below it, a model knows more."),
    ),
    Check(
        "turn_score",
        "number",
        "S",
        near(0.5, 0.011, "Yes: cos 60 = .5. Every eigenvalue has that cosine, so their mean has."),
    ),
    Check(
        "circular_spread",
        "number",
        "Standard deviation of S",
        near(0.0117, 0.0006, "Yes: 3 / 256 = .0117, for independent numbers."),
    ),
    Check(
        "loop_by_construction",
        "number",
        "S",
        near(1, 0.001, "Yes: 1. Squared correlations are not negative, whatever the head did."),
    ),
    Check(
        "upper_edge",
        "number",
        "Upper edge",
        near(4, 0.01, "Yes: (1 + 1)^2 = 4. The largest of random directions lies near it."),
    ),
    Check("map_a_run", "run", "Your measured map", maps_a_run),
    Check(
        "eight_levels",
        "number",
        "Radius, share of the full range",
        near(8 / 255, 0.0004, "Yes: 8/255 = 0.0314."),
    ),
    Check(
        "linear_radius",
        "number",
        "Radius, grey levels of 255",
        near(5.1, 0.06, "Yes: 2/100 of the full range, 5.1 grey levels; a file needs 6."),
    ),
    Check(
        "default_loss",
        "word",
        "lower or higher",
        word("lower", "Yes: the slope of -log(s) is -1/s, which turns round where s is negative."),
    ),
    Check("ring_an_alarm", "run", "Your attack", rings),
    Check(
        "chance_of_rank",
        "number",
        "MRR of an order by lot",
        near(25 / 48, 0.006, "Yes: 25/48 = .52. Say how large the gallery is beside every MRR."),
    ),
    Check(
        "draws_of_noise",
        "number",
        "Percent of held-out plants that lie nearer",
        near(100, 0.6, "Yes: all of them. The leaves that you see were made up."),
    ),
    Check(
        "guided_spread",
        "word",
        "larger, smaller or same",
        word("smaller", "Yes: guidance narrows what is drawn, and so hides what h let go."),
    ),
    Check(
        "untold_layer",
        "word",
        "X1 or X2",
        word("x1", "Yes: it never saw an RGN picture, so nothing that it says of one was learned."),
    ),
)
