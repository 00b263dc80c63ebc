"""Ship the weights of a run with their card, and make shipped weights again from their card.

What ships is the objective alone, float32: no optimiser. The headline numbers on a card are read
with fresh linear probes (plantedu.analysis.readout), each beside the same probe on shuffled labels.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plantedu.analysis.readout import ReadoutResult, readout
from plantedu.errors import PlantEduError, require
from plantedu.runs.cards import write_card
from plantedu.runs.checkpoints import (
    checkpoint_path,
    load_checkpoint,
    save_checkpoint,
    tensors_hash,
)
from plantedu.runs.run import Run
from plantedu.runs.shipped import SHIPPED, Shipped, path_of, shipped
from plantedu.runs.store import Store
from plantedu.training.fit import Observer, Record, State, StopRun
from plantedu.training.pretrain import make_objective, train
from plantedu.training.recipe import Recipe
from plantedu.training.starts import load_start

Weights = tuple[dict[str, Tensor], dict[str, Any]]

# What a rebuilt number may differ by. The same machine and threads give the same bits; others round
# otherwise, and after hundreds of steps that is another run. These are what another seed changes.
TOLERANCE = {"accuracy": 0.05, "R2": 0.1}


def add(
    store: Store,
    run: Run,
    name: str,
    *,
    at: int | None = None,
    threads: int | None = None,
    about: str = "",
    folder: Path = SHIPPED,
    bank_folder: Path,
) -> Shipped:
    """Ship a run's weights.

    Args:
        store: Where the run is.
        run: Which one.
        name: Under which name, such as cross-0 or stages/0600.
        at: Step of the checkpoint; 0 is the start; None is the end of a run that is done.
        threads: With how many it was trained, where the run does not know.
        about: A sentence for people; the run's name by default.
        folder: Where to.
        bank_folder: Where rendered pairs are kept, for the headline numbers.

    Raises:
        PlantEduError: if the run has no such checkpoint, or is no training.
    """
    require(run.kind == "train", f"Run {run.id} is a {run.kind}; only trainings ship.")
    path = path_of(name, folder)
    weights, meta = bare(weights_of(store, run, at))
    known = (run.result or {}).get("threads", threads)
    own = "" if at is None else f" --at {at}"
    title = run.name or run.id
    command = f"{command_of(run.request, known)} --name {title}\n"
    command += f"python -m plantedu checkpoints add {name} --run {title}{own}"
    made = {"code_version": run.code_version, "packages": run.packages}
    return ship(
        path,
        name,
        (weights, meta),
        command=command,
        about=about or title,
        made=made | facts(meta, known),
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
) -> Shipped:
    """Write weights and their card."""
    save_checkpoint(path, *weights)
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


def bare(weights: Weights) -> Weights:
    """The objective alone, its numbers as float32."""
    kept = {name: t for name, t in weights[0].items() if name.startswith("objective/")}
    return {name: t.float() if t.is_floating_point() else t for name, t in kept.items()}, weights[1]


def facts(meta: Mapping[str, Any], threads: int | None) -> dict[str, Any]:
    """What a card says about the making of weights."""
    recipe = meta["recipe"]
    return {
        "kind": "train",
        "recipe": recipe,
        "seed": recipe["seed"],
        "threads": threads,
        "step": meta["step"],
        "steps": meta["steps"],
    }


def command_of(request: Mapping[str, Any], threads: int | None) -> str:
    """The command that trains a request, with what differs from the defaults, and its seed."""
    words = [f"OMP_NUM_THREADS={threads}"] if threads else []
    words += ["python", "-m", "plantedu", "train"]
    recipe = Recipe.from_json(request)
    for knob in fields(recipe):
        value = getattr(recipe, knob.name)
        if value != knob.default or knob.name == "seed":
            values = value if isinstance(value, tuple) else (value,)
            words += [f"--{knob.name.replace('_', '-')}", *(shlex.quote(str(v)) for v in values)]
    return " ".join(words)


def headlines(result: ReadoutResult) -> dict[str, Any]:
    """What a card says: what is read from h of both pictures, beside its nulls."""
    shown = [r for r in result.readings if r.view == "both" and r.layer == "h"]
    return {
        f"{r.factor} from h, {r.unit}": r.evidence.as_json() | {"random_init": r.random_init}
        for r in shown
    }


@dataclass(frozen=True)
class Comparison:
    """A rebuilt file beside the one that ships.

    Attributes:
        same_file: Whether their bytes are the same.
        same_weights: Whether their tensors are the same, bit for bit.
        numbers: By headline: card, rebuilt, difference, tolerance, null.
    """

    name: str
    path: Path
    same_file: bool
    same_weights: bool
    numbers: dict[str, dict[str, float]]

    @property
    def close(self) -> bool:
        """Whether every number is within its tolerance."""
        return all(abs(n["difference"]) <= n["tolerance"] for n in self.numbers.values())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"path": str(self.path), "close": self.close}


class Keep(Observer):
    """Takes the weights of one step and ends the run there."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.weights: Weights | None = None

    def on_step(self, state: State, record: Record) -> None:
        if record.step == self.step:
            self.weights = state.snapshot()
            raise StopRun("pause")


def rebuild(
    name: str,
    *,
    out: Path,
    bank_folder: Path,
    folder: Path = SHIPPED,
    watching: Sequence[Observer] = (),
) -> Comparison:
    """Run a card's recipe again and compare what comes of it.

    Args:
        name: What to make again.
        out: Folder for the file and its card.
        bank_folder: Where rendered pairs are kept.
        folder: Where the shipped file is.
        watching: Who else watches the training.

    Raises:
        PlantEduError: for a file that is not what its card says, or a recipe that goes on from
            a run of somebody else's store.
    """
    old = shipped(name, folder)
    require(not old.error, old.error)
    tensors, meta = load_checkpoint(old.path)
    recipe, step = Recipe.from_json(meta["recipe"]), int(meta["step"])
    require(
        not recipe.start.startswith("run:"),
        f"{name} goes on from a run ({recipe.start}) that does not ship; train that first.",
    )
    threads = old.card.get("threads")
    if threads:
        torch.set_num_threads(threads)
    made = fresh(recipe)
    if step:
        keep = Keep(step)
        train(recipe, bank_folder=bank_folder, observers=[keep, *watching])
        if keep.weights is None:
            raise PlantEduError(f"The training of {name} ended before step {step}.")
        made = keep.weights
    weights, found = bare(made)
    new = ship(
        path_of(name, out),
        name,
        (weights, found),
        command=f"python -m plantedu checkpoints rebuild {name}",
        about=f"{name}, made again",
        made=facts(found, threads or torch.get_num_threads()),
        bank_folder=bank_folder,
    )
    same = tensors_hash(weights) == tensors_hash(tensors)
    numbers = compared(old.card["headlines"], new.card["headlines"])
    return Comparison(name, new.path, old.card["sha256"] == new.card["sha256"], same, numbers)


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Each headline of a card beside the rebuilt one."""
    return {
        name: {
            "card": number["value"],
            "rebuilt": new[name]["value"],
            "difference": new[name]["value"] - number["value"],
            "tolerance": TOLERANCE[name.rpartition(" ")[2]],
            "null": number["null"],
        }
        for name, number in old.items()
        if name in new
    }
