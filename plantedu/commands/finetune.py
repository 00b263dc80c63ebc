"""`python -m plantedu finetune`: name the disease from few labels, scored on fresh plants.

The run goes through the store, so that the page shows it too. Ctrl-C pauses it with a checkpoint;
the same command again goes on, to the same bits. What has been done before is not done again
(`--fresh`).

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: paused.
"""

import sys
from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from plantedu.commands.terminal import answer, ended, progress, run_here
from plantedu.jobs import trainings
from plantedu.store.data_hash import data_hash
from plantedu.store.lineage import resolved
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.training.classifier.recipe import FineTune


@dataclass(frozen=True)
class Tune:
    """Train a classifier from an encoder; Ctrl-C pauses, the same command goes on.

    Attributes:
        recipe: The knobs.
        name: How you call the run.
        fresh: Train again even if this has been trained before.
        json: Print the result as one JSON object on the last line.
    """

    recipe: Annotated[FineTune, tyro.conf.arg(name="")] = field(default_factory=FineTune)
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Train in this process, or follow the process that trains the same.

    Raises:
        PlantEduError: for a recipe that cannot be; with `--json` it is printed as
            {"error": ...} instead, and 2 is returned.
    """
    return answer(
        "finetune", Tune, argv, lambda chosen: ended(tune(chosen), headlines, as_json=chosen.json)
    )


def tune(chosen: Tune) -> Run:
    """The run of a recipe, after it has ended or was paused."""
    store = Store()
    request, parent = resolved(store, chosen.recipe.as_json())
    return run_here(
        store,
        "finetune",
        request,
        lambda work: trainings.finetune(work, progress()),
        name=chosen.name,
        parent=parent,
        fresh=chosen.fresh,
        data_hash=data_hash(request),
    )


def headlines(run: Run) -> list[str]:
    """What fresh plants say, each number beside its null; then how sure and where it errs."""
    result = run.result or {}
    lines = [f"run {run.id}: {result['step']} steps in {result['seconds']:.0f} s"]
    for name in ("accuracy", "log_loss", "claimed"):
        lines.append(f"  {name:<10} {shown(result[name])}")
    lines.append(f"  uniform log loss {result['log_loss_uniform']:.3f}")
    lines.append(
        f"  ECE {result['ece']:.3f}, {result['ece_tempered']:.3f} with temperature "
        f"{result['temperature']:.2f}"
    )
    for name, row in zip(result["classes"], result["confusion"], strict=True):
        lines.append(f"  {name:<8} called " + ", ".join(map(str, row)))
    if result["leaked"]:
        lines.append(f"  beware: {result['leaked']:.0%} of the validation images have a twin.")
    return lines


def shown(evidence: dict[str, Any]) -> str:
    """A number with its interval, its null and what it rests on."""
    ends = evidence["interval"]
    band = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
    null = f"{evidence['control']} {evidence['null']:.3f}"
    return f"{evidence['value']:.3f}{band}   {null}, n = {evidence['n']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
