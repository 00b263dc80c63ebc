"""`python -m plantedu denoise`: train a denoiser on what frozen encoders say of pictures.

The run goes through the store, so that the page shows it too. Ctrl-C pauses it with a checkpoint;
the same command again goes on. What has been trained before is not trained again (`--fresh`).

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: paused.
"""

from dataclasses import dataclass, field
from typing import Annotated

import tyro

from plantedu.commands.terminal import answer, ended, progress, run_here
from plantedu.jobs import trainings
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import share_cores
from plantedu.serialization import FORMER
from plantedu.store.lineage import resolved
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.topics.generation.denoiser_recipe import Denoise

OPTIONS = {f"--{old}": f"--{new}" for old, new in FORMER["denoise"].items()}  # of older cards


@dataclass(frozen=True)
class Train:
    """Train a denoiser; Ctrl-C pauses, the same command goes on.

    Attributes:
        recipe: The knobs.
        name: How you call the run.
        fresh: Train again even if this has been trained before.
        json: Print the result as one JSON object on the last line.
    """

    recipe: Annotated[Denoise, tyro.conf.arg(name="")] = field(default_factory=Denoise)
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Train in this process, or follow the process that trains the same.

    Raises:
        PlantEduError: for a recipe that cannot be; with `--json` it is printed as
            {"error": ...} instead, and 2 is returned.
    """
    share_cores()
    keep_freed_memory()
    words = [OPTIONS.get(word, word) for word in argv]
    return answer(
        "denoise", Train, words, lambda chosen: ended(train(chosen), headlines, as_json=chosen.json)
    )


def train(chosen: Train) -> Run:
    """The run of a recipe, after it has ended or was paused."""
    store, request = Store(), chosen.recipe.as_json()
    parent = None
    if chosen.recipe.start.startswith("run:"):  # "last" is fixed now
        request, parent = resolved(store, request)
    return run_here(
        store,
        "denoise",
        request,
        lambda work: trainings.denoise(work, progress()),
        name=chosen.name,
        parent=parent,
        fresh=chosen.fresh,
    )


def headlines(run: Run) -> list[str]:
    """Losses at the end, of plants that were drawn with a condition beside those without."""
    result = run.result or {}
    last = result.get("last", {})
    lines = [f"run {run.id}: {run.step} steps in {result.get('seconds', 0):.0f} s"]
    return lines + [f"  {name:<24} {last[name]:.4f}" for name in sorted(last) if "held_out" in name]
