"""Ship the weights of a run with their card.

What ships is the objective alone, float32: no optimiser. Two other forms are there for files that
need more, or may be less: `whole` keeps the optimiser too, so that a training can go on from it as
if never stopped; `half` rounds to float16, for many stages of one run.

The headline numbers on an encoder's card are read with fresh linear probes
(plantedu.topics.probing.readout), each beside the same probe on shuffled labels; a classifier's are
those that its run ended with. Of a denoiser the averaged network ships, float16; its headline is
the loss on held-out plants with their condition, beside the loss without one.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plantedu.errors import require
from plantedu.publishing.registry import (
    RECIPES,
    SHIPPED,
    Shipped,
    kind_of,
    path_of,
    recipe_of,
    shipped,
)
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.store.cards import card_path, check_headlines, verify_card, write_card
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import losses_of
from plantedu.topics.generation.denoisers import drawing, place_of
from plantedu.topics.probing.readout import readout
from plantedu.topics.probing.results.readout import ReadoutResult
from plantedu.training.checkpoints import checkpoint_path, load_checkpoint, save_checkpoint
from plantedu.training.initial_weights import load_start
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe

Weights = tuple[dict[str, Tensor], dict[str, Any]]

TUNED = ("accuracy", "log_loss")  # headlines of a classifier
FORMS = ("weights", "half", "whole")


def add(
    store: Store,
    run: Run,
    name: str,
    *,
    at: int | None = None,
    threads: int | None = None,
    about: str = "",
    form: str = "weights",
    folder: Path = SHIPPED,
    bank_folder: Path,
    numbers: Mapping[str, Any] | None = None,
) -> Shipped:
    """Ship a run's weights.

    Args:
        store: Where the run is.
        run: Which one.
        name: Under which name, such as cross-0 or stages/0600.
        at: Step of the checkpoint; 0 is the start; None is the end of a run that is done.
        threads: With how many it was trained, where the run does not know.
        about: A sentence for people; the run's name by default.
        form: What of them: one of FORMS.
        folder: Where to.
        bank_folder: Where rendered pairs are kept, for the headline numbers.
        numbers: Headline numbers of an encoder, where they are known; else they are measured.

    Raises:
        PlantEduError: if the run has no such checkpoint, or is no training; a classifier ships
            at its end only, since its numbers are of its end.
    """
    require(run.kind in RECIPES, f"Run {run.id} is a {run.kind}; only trainings ship.")
    whole = run.kind == "train" or at is None
    require(whole, f"Run {run.id} is a {run.kind}; its numbers are of its end: leave --at out.")
    path = path_of(name, folder)
    weights, meta = bare(weights_of(store, run, at), form)
    known = (run.result or {}).get("threads", threads)
    own = "" if at is None else f" --at {at}"
    own += "" if form == "weights" else f" --form {form}"
    title = run.name or run.id
    command = f"{command_of(run.kind, run.request, known)} --name {shlex.quote(title)}\n"
    command += f"python -m plantedu checkpoints add {name} --run {shlex.quote(title)}{own}"
    made = {"code_version": run.code_version, "packages": run.packages, "form": form}
    return ship(
        path,
        name,
        (weights, meta),
        command=command,
        about=about or title,
        made=made | facts(meta, known),
        numbers=numbers_of(run.result or {}) if run.kind == "finetune" else numbers,
        bank_folder=bank_folder,
    )


def ship(
    path: Path,
    name: str,
    weights: Weights,
    *,
    command: str,
    about: str,
    made: Mapping[str, Any],
    bank_folder: Path,
    numbers: Mapping[str, Any] | None = None,
) -> Shipped:
    """Write weights and their card; numbers that are not given are measured."""
    save_checkpoint(path, *weights)
    if numbers is None and "denoise" in weights[1]:
        numbers = conditional_loss(path, bank_folder)
    if numbers is None:
        numbers = headlines(readout([path], bank_folder=bank_folder))
    write_card(path, command=command, headlines=numbers, about=about, made=made)
    return shipped(name, path.parents[name.count("/")])


def weights_of(store: Store, run: Run, at: int | None) -> Weights:
    """The checkpoint of a step.

    Raises:
        PlantEduError: if there is none, naming those that there are.
    """
    if at == 0:
        return fresh(Recipe.from_json(run.request))
    require(at is not None or run.state == "done", f"Run {run.id} is {run.state}; name a step.")
    path = checkpoint_path(store.folder(run.id), run.steps if at is None else at)
    kept = sorted(int(p.stem[5:]) for p in path.parent.glob("step-*.safetensors"))
    require(path.is_file(), f"Run {run.id} has no checkpoint of step {at}; it has 0 and {kept}.")
    return load_checkpoint(path)


def fresh(recipe: Recipe) -> Weights:
    """A recipe's weights before its first step."""
    objective = make_objective(recipe)
    load_start(objective, recipe.start)
    tensors = {f"objective/{name}": tensor for name, tensor in objective.state_dict().items()}
    return tensors, {"recipe": recipe.as_json(), "step": 0, "steps": recipe.steps}


def bare(weights: Weights, form: str = "weights") -> Weights:
    """What ships of a snapshot: the objective alone as float32, or another of FORMS.

    Raises:
        PlantEduError: for a form that there is not, or a whole one without an optimiser.
    """
    require(form in FORMS, f"A checkpoint ships as one of {', '.join(FORMS)}; got {form!r}.")
    if "denoise" in weights[1]:
        return drawing(weights)
    moments = any(name.startswith("optimizer/") for name in weights[0])
    require(form != "whole" or moments, "This step has no optimiser yet: ship a later one whole.")
    kept = {n: t for n, t in weights[0].items() if form == "whole" or n.startswith("objective/")}
    number = torch.float16 if form == "half" else torch.float32
    return {n: t.to(number) if t.is_floating_point() else t for n, t in kept.items()}, weights[1]


def facts(meta: Mapping[str, Any], threads: int | None) -> dict[str, Any]:
    """What a card says about the making of weights."""
    recipe = recipe_of(meta)
    slots = {"slots": meta["slots"]} if "slots" in meta else {}
    return slots | {
        "kind": kind_of(meta),
        "recipe": recipe,
        "seed": recipe["seed"],
        "threads": threads,
        "step": meta["step"],
        "steps": meta["steps"],
    }


def command_of(kind: str, request: Mapping[str, Any], threads: int | None) -> str:
    """The command that trains a request, with what differs from the defaults, and its seed."""
    words = [f"OMP_NUM_THREADS={threads}"] if threads else []
    words += ["python", "-m", "plantedu", kind]
    recipe = RECIPES[kind].from_json(request)
    for knob in fields(recipe):
        value = getattr(recipe, knob.name)
        name = knob.name.replace("_", "-")
        if isinstance(value, bool):
            words += [] if value == knob.default else [f"--{name}" if value else f"--no-{name}"]
        elif value != knob.default or knob.name == "seed":
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{name}", *(shlex.quote(str(v)) for v in values)]
    return " ".join(words)


def numbers_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a classifier's card says: accuracy and log loss on fresh plants, beside the prior's."""
    return {name: result[name] for name in TUNED}


def conditional_loss(path: Path, bank_folder: Path) -> dict[str, Any]:
    """What a denoiser's card says: its loss on held-out plants, given h of its first encoder,
    beside the unconditional loss on the same plants and noise; a detail's, beside the loss
    without it."""
    snapshot = load_checkpoint(path)
    conditional, without = losses_of(snapshot, bank_folder, beside=place_of(path))
    detail = Denoise.from_json(snapshot[1]["denoise"]).trained == "detail"
    found = Evidence(
        question="What is the loss on held-out plants, given their condition?",
        value=float(conditional.mean()),
        null=float(without.mean()),
        control=f"the same plants and noise, {'without detail' if detail else 'unconditional'}",
        n=len(conditional),
        interval=mean_interval(conditional),
    )
    return {"held-out, conditional, MSE": found.as_json()}


def headlines(result: ReadoutResult, run: int = 0) -> dict[str, Any]:
    """What a card says of one of the runs read: what is read from h of both pictures, and nulls."""
    shown = [r for r in result.readings if r.view == "both" and r.layer == "h"]
    return {
        f"{r.factor} from h, {r.unit}": r.each[run].as_json() | {"random_init": r.random_init}
        for r in shown
    }


def retold(path: Path, numbers: Mapping[str, Any]) -> None:
    """Put other headline numbers on the card of a file that stays as it is."""
    card = verify_card(path) | {"headlines": dict(numbers)}
    check_headlines(card["headlines"])
    text = json.dumps(card, indent=2, sort_keys=True) + "\n"
    card_path(path).write_text(text, encoding="utf-8")
