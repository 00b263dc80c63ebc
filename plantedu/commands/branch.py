"""`python -m plantedu runs branch RUN [--at WHEN] [recipe options]`: a second phase of a run."""

from dataclasses import dataclass, field, replace
from typing import Annotated

import tyro

from plantedu.commands.terminal import answer, ended, say
from plantedu.commands.train import Train, headlines, train
from plantedu.errors import require
from plantedu.store.lineage import find_run, resolved
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.training.recipe import Recipe


@dataclass(frozen=True)
class Branch:
    """Train on from a checkpoint of a run, with its recipe but for the options given here.

    Encoder, projector, prototypes and queue are taken over; step counter, optimiser and
    learning-rate schedule begin anew.

    Attributes:
        run: The run to branch from: its id, or the first digits of it.
        at: Which of its checkpoints: a step, last, or plateau (where the loss was flat, the one
            with the lowest).
        recipe: The knobs; their defaults are those of the run.
        name: How you call the new run.
        fresh: Train again even if this branch has been trained before.
        json: Print the result as one JSON object on the last line.
    """

    run: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")] = ""
    at: str = "plateau"
    recipe: Annotated[Recipe, tyro.conf.arg(name=""), tyro.conf.FlagConversionOff] = field(
        default_factory=Recipe
    )
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Branch in this process, as `train` trains in it.

    Raises:
        PlantEduError: for a run or a checkpoint that is not there, or a recipe that cannot be;
            with `--json` it is printed as {"error": ...} instead, and 2 is returned.
    """
    return answer(
        "runs branch",
        Branch,
        argv,
        lambda chosen: ended(branch(chosen), headlines, as_json=chosen.json),
        default=lambda: known(argv),
    )


def known(argv: list[str]) -> Branch:
    """The branch that the first word asks for, if it is a run."""
    if not argv or argv[0].startswith("-"):
        return Branch()
    store = Store()
    try:
        return Branch(run=argv[0], recipe=recipe_of(find_run(store, argv[0])))
    finally:
        store.close()


def recipe_of(run: Run) -> Recipe:
    """The recipe of a pretraining.

    Raises:
        PlantEduError: for a run of another kind.
    """
    require(
        run.kind == "train",
        f"Run {run.id} is a {run.kind}; only a training can be branched from. The weights of a "
        "recording's run are shipped: `python -m plantedu train --start shipped:NAME`.",
    )
    return Recipe.from_json(run.request)


def branch(chosen: Branch) -> Run:
    """The branch, after it has ended or was paused."""
    require(bool(chosen.run), "Name the run to branch from first: `runs branch RUN [options]`.")
    store = Store()
    try:
        parent = find_run(store, chosen.run)
        require(
            chosen.recipe.start == recipe_of(parent).start,
            "A branch starts from its run: choose its checkpoint by --at, or use `train --start`.",
        )
        start = f"run:{parent.id}@{chosen.at}"
        recipe = Recipe.from_json(resolved(store, replace(chosen.recipe, start=start).as_json())[0])
    finally:
        store.close()
    say(f"branching from {parent.id} at step {recipe.start.partition('@')[2]}.")
    name = chosen.name or f"branch of {parent.name or parent.id}"
    return train(Train(recipe=recipe, name=name, fresh=chosen.fresh, json=chosen.json))
