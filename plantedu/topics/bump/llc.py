"""How degenerate is the place where a checkpoint stands? The local learning coefficient, by SGLD.

    lambda = nb (E over a walk around w* of L(w) - L(w*))

L is *one* function of the weights: codes of a reference checkpoint under one ruler, frozen as
targets, batch norm in evaluation mode. The same L serves every checkpoint. Two rulers, or codes
made anew at each checkpoint, are different functions, and their coefficients cannot be compared:
`difference` (`topics/bump/landscape.py`) refuses to. So this answers "did the landscape that both
stand in change its shape between them", never "did the loss drop because of degeneracy".

Every checkpoint is moved by several walks; a coefficient is given with its traces, for a walk that
has not settled, or a coefficient below 0 (the checkpoint is no minimum of this L), means nothing as
a count. The value hangs on step size and localisation: `sweep` shows by how much. The authors' own
software calls this "more of an art than a science". A quadratic bowl of d dimensions gives d/2,
fourth powers d/4 (tests of `topics/bump/sgld.py`).

Source: Lau et al. 2025, arXiv:2308.12108 [lau2025]. Lesson: 03_bump.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.topics.bump.frozen_targets import targets_of
from plantedu.topics.bump.landscape import difference, measured
from plantedu.topics.bump.results.llc import (
    BATCH,
    Coefficient,
    LlcResult,
    Request,
    Setting,
    Settings,
)
from plantedu.topics.bump.sgld import Sampler, known_answers
from plantedu.topics.method import Context, Method
from plantedu.training.pair_source import open_source
from plantedu.zoo.checkpoint_pairs import files_of
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.loaded_checkpoint import check_comparable, load_stage

PAIR = ("bump-0", "bump/0430")
CONTROL = ("bump/0350", "bump/never-0450")
STEPS, PULLS = (1e-6, 1e-5), (1e4, 1e5)


def llc(
    pair: tuple[Path, Path],
    control: tuple[Path, Path],
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> LlcResult:
    """Learning coefficients of four checkpoints in the landscape of the first one's codes.

    Args:
        pair: Files before and after the event; the first makes the codes.
        control: Two files about as far apart without it.
        settings: The function and the walk.
        bank_folder: Where rendered pairs are kept.
        check: Called at every step; may raise to stop.

    Raises:
        PlantEduError: for checkpoints that cannot be read or compared, or settings that cannot be.
    """
    stages = [load_stage(path) for path in (*pair, *control)]
    check_comparable(stages)
    first = stages[0]
    ruler = Ruler(queue=settings.queue, batch=first.recipe.batch)
    source, plants = open_source(first.recipe, bank_folder), settings.pack // BATCH * BATCH
    pack = make_pack(first.recipe, source, plants=plants, queue=settings.queue, seed=settings.seed)
    targets = targets_of(pack.seen_by(first.objective), ruler)
    function = f"the codes of {first.name}, {ruler.name}"
    n_beta = plants / math.log(plants)
    rows = [(settings.step_size, settings.localisation)]
    rows += [(e, g) for e in STEPS for g in PULLS if settings.sweep]
    how = {"batch": BATCH, "chains": settings.chains, "seed": settings.seed, "check": check}
    estimates = []
    for step_size, localisation in rows:
        sampler = Sampler(
            step_size=step_size,
            n_beta=n_beta,
            localisation=localisation,
            draws=settings.draws,
            burn_in=settings.burn_in,
        )
        estimates.append([measured(s, function, pack, targets, sampler, **how) for s in stages])
    return LlcResult(
        settings,
        n_beta,
        tuple(estimates[0]),
        _change(estimates[0], plants),
        tuple(
            Setting(e, g, tuple(c.value for c in one))
            for (e, g), one in zip(rows[1:], estimates[1:], strict=True)
        ),
        known_answers(settings.seed),
    )


def _change(found: list[Coefficient], plants: int) -> Evidence | None:
    """After less before, with the spread of all pairs of walks as its interval."""
    if any(c.value is None for c in found):
        return None
    before, after = (np.array([v for v in c.chains if v is not None]) for c in found[:2])
    pairs = (after[:, None] - before[None]).ravel()
    return Evidence(
        question="By how much does the learning coefficient change across the event, in the "
        f"landscape of {found[0].function}?",
        value=difference(found[0], found[1]),
        null=difference(found[2], found[3]),
        control="two checkpoints without the event, the same landscape",
        n=plants,
        seeds=len(before),
        interval=(float(pairs.min()), float(pairs.max())),
        level=1.0,
    )


def _run(asked: Request, context: Context) -> LlcResult:
    files = files_of(asked, context.checkpoint, PAIR, CONTROL)
    settings = settings_of(asked, Settings)
    return llc(*files, settings, bank_folder=context.bank, check=context.check)


def tell(result: LlcResult) -> None:
    """Print a result."""
    for e in result.known:
        print(f"{e.question} {e.value:.2f}, true {e.truth:g}")
    print(f"in the landscape of {result.coefficients[0].function}, n beta {result.n_beta:.1f}")
    for c in result.coefficients:
        walks = "  ".join("diverged" if v is None else f"{v:.2f}" for v in c.chains)
        value = "-" if c.value is None else f"{c.value:.2f}"
        print(f"{c.stage:<24}L(w*) {c.start:6.3f}   lambda {value:>7}   walks {walks}   {c.says}")
    for row in result.sweep:
        values = "  ".join("diverged" if v is None else f"{v:8.2f}" for v in row.values)
        print(f"step size {row.step_size:g}, localisation {row.localisation:g}:  {values}")
    if result.change is not None:
        e = result.change
        print(f"change {e.value:+.2f} (control {e.null:+.2f}). {e.caption()}")


METHOD = Method(Request, _run, tell)
