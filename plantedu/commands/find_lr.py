"""`python -m plantedu find-lr`: raise the learning rate, read it off four ways, over seeds.

The run goes through the store: each seed's loss is a metric of it, what each rule suggests an
event at the iteration that has that rate, and so is a switch of the objective inside the ramp.

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: stopped.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

import tyro

from plantedu.commands.terminal import answer, ended, run_here
from plantedu.jobs.follow import Bar
from plantedu.jobs.jobs import Work, bank_folder
from plantedu.jobs.metric_writer import RowWriter
from plantedu.store.data_hash import data_hash
from plantedu.store.lineage import resolved, start_file
from plantedu.store.run import Event, Metric, Run
from plantedu.store.store import Store
from plantedu.training.lr_finder.seed_band import Finder, LrBand, find_band
from plantedu.training.lr_finder.sweep import pretraining_curve
from plantedu.training.recipe import Recipe

DROP = "the loss steps here whatever the learning rate is"


@dataclass(frozen=True)
class FindLr:
    """Which learning rate: train while it rises, for several seeds; nothing is kept but the curve.

    Attributes:
        finder: Knobs of the run, and of the ramp.
        name: How you call the run.
        fresh: Do it again even if this has been asked before.
        json: Print the result as one JSON object on the last line.
    """

    finder: Annotated[Finder, tyro.conf.arg(name=""), tyro.conf.FlagConversionOff] = field(
        default_factory=Finder
    )
    name: str = ""
    fresh: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Find in this process, or follow the process that does the same.

    Raises:
        PlantEduError: for knobs that cannot be; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    return answer(
        "find-lr",
        FindLr,
        argv,
        lambda chosen: ended(find(chosen), headlines, as_json=chosen.json),
        config=(tyro.conf.OmitArgPrefixes,),
        stopped="stopped at once; a finder keeps nothing, so the same command begins anew.",
    )


def find(chosen: FindLr) -> Run:
    """The run of a finder, after it has ended."""
    store = Store()
    request = chosen.finder.as_json()
    request["recipe"], parent = resolved(store, request["recipe"])
    with Bar(chosen.finder.seeds * chosen.finder.iterations) as bar:
        return run_here(
            store,
            "find_lr",
            request,
            lambda work: job(work, bar),
            name=chosen.name,
            parent=parent,
            fresh=chosen.fresh,
            data_hash=data_hash(chosen.finder.recipe.as_json()),
        )


def job(work: Work, bar: Bar | None = None) -> dict[str, Any]:
    """Do a finder's run: curves into the store while they grow, suggestions when all are there."""
    store, run, began = work.store, work.run, time.monotonic()
    finder = Finder.from_json(run.request)
    run_file = start_file(store, finder.recipe.start)
    store.rewind(run.id, -1)  # a run that was stopped begins anew: it has no checkpoint
    store.set_step(run.id, 0, finder.seeds * finder.iterations)
    with RowWriter(store, run.id) as writer:

        def tick(recipe: Recipe, k: int, rate: float, loss: float) -> None:
            seed = recipe.seed - finder.recipe.seed
            done = seed * finder.iterations + k + 1
            rows = [Metric(k, f"loss/seed {recipe.seed}", loss), Metric(k, "learning_rate", rate)]
            writer.add(rows if seed == 0 else rows[:1], done)
            if bar is not None:
                bar.move(done, {"loss": loss})
            work.check()

        band = find_band(
            finder,
            lambda recipe: pretraining_curve(
                recipe,
                bank_folder=bank_folder(),
                run_file=run_file,
                start=finder.lowest,
                end=finder.highest,
                iterations=finder.iterations,
                tick=partial(tick, recipe),
            ),
        )
        for step, name, detail in events_of(finder, band):
            writer.add_event(Event(step, name, detail, store.clock(), time.monotonic() - began))
    store.set_step(run.id, finder.seeds * finder.iterations, finder.seeds * finder.iterations)
    return json.loads(json.dumps(band.as_json())) | {"seconds": time.monotonic() - began}


def events_of(finder: Finder, band: LrBand) -> list[tuple[int, str, str]]:
    """Suggestions and switches, each at its iteration."""
    found = [(step, f"{name} inside the ramp", DROP) for step, name in band.switches]
    for rule, evidence in band.found.items():
        text = f"{evidence.value:.2g}{between(evidence.interval)}"
        found.append((finder.place(evidence.value), f"suggestion {rule}", text))
    return sorted(found)


def between(ends: Any) -> str:
    """An interval of learning rates in words."""
    return "" if ends is None else f" [{ends[0]:.2g}, {ends[1]:.2g}]"


def headlines(run: Run) -> list[str]:
    """Each rule's learning rate, beside what it says of a flat curve."""
    result = run.result or {}
    lines = [f"{len(result['seeds'])} seeds, {result['seconds']:.0f} s; learning rate by rule:"]
    for rule, found in result["found"].items():
        value = f"{found['value']:.2g}{between(found['interval'])}"
        null = f"{found['null']:.2g}{between(result['flat'][rule])}"
        lines.append(f"  {rule:<8} {value:<32} on flat curves {null}")
    for step, name in result["switches"]:
        lines.append(f"  beware: {name} at iteration {step}; {DROP}.")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
