"""`python -m plantedu find-lr`: raise the learning rate, read it off four ways, over seeds.

The run goes through the store: each seed's loss is a metric of it, what each rule suggests an
event at the iteration that has that rate, and so is a switch of the objective inside the ramp.

Exit 0: done. Exit 1: cancelled from elsewhere. Exit 2: it failed. Exit 130: stopped.
"""

import sys
from dataclasses import dataclass, field
from typing import Annotated

import tyro

from plantedu.commands.terminal import answer, ended, run_here
from plantedu.jobs import trainings
from plantedu.jobs.follow import Bar
from plantedu.store.data_hash import data_hash
from plantedu.store.lineage import resolved
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.training.lr_finder.seed_band import Finder


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
            lambda work: trainings.find_lr(work, bar),
            name=chosen.name,
            parent=parent,
            fresh=chosen.fresh,
            data_hash=data_hash(chosen.finder.recipe.as_json()),
        )


def headlines(run: Run) -> list[str]:
    """Each rule's learning rate, beside what it says of a flat curve."""
    result = run.result or {}
    lines = [f"{len(result['seeds'])} seeds, {result['seconds']:.0f} s; learning rate by rule:"]
    for rule, found in result["found"].items():
        value = f"{found['value']:.2g}{trainings.between(found['interval'])}"
        null = f"{found['null']:.2g}{trainings.between(result['flat'][rule])}"
        lines.append(f"  {rule:<8} {value:<32} on flat curves {null}")
    for step, name in result["switches"]:
        lines.append(f"  beware: {name} at iteration {step}; {trainings.DROP}.")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
