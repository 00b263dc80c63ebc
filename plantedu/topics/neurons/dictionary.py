"""Does a sparse dictionary say it better than neurons do? Trained on every place of the last maps.

    neurons            the k coordinates of x that are farthest from their mean; questions: all
    PCA                the k largest scores; questions: all
    random dictionary  random directions, their reader trained
    dictionary         directions trained too; of cross-0 and of an encoder that was never trained

all with the same k and the same width. Rebuilt, alive and readable as in
`topics/neurons/dictionary_scores.py`, on plants that none of them was trained on. Agreement of two
seeds stands beside that of two seeds on Gaussian numbers of the same mean and covariance, and
beside activations drawn at random, the weaker null.

The positive control is the same dictionary, at the same width, k, rule and steps, on activations
whose directions are known: recall, and precision beside it (`topics/neurons/recovery.py`).

A dictionary of an untrained encoder stands beside: FVU and sparsity need not speak of learning.

Source: Gao et al. 2024, arXiv:2406.04093 [gao2024]; Bussmann et al. 2024, arXiv:2412.06410
[bussmann2024]; Paulo & Belrose 2025, arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plantedu.statistics.evidence import Evidence
from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.dictionary_training import Bench, Dissected, dissected
from plantedu.topics.neurons.recovery import FITTING, recovery
from plantedu.topics.neurons.results.dictionary import (
    DictionaryResult,
    Settings,
)
from plantedu.topics.neurons.results.recovery import Recovery, mean_of
from plantedu.topics.neurons.sparse_autoencoder import Sparse

EVERY = 10  # steps between two points of the curve
FILE = "dictionary.safetensors"


def dictionary(
    settings: Settings,
    *,
    folder: Path,
    keep: Path | None = None,
    check: Callable[[], None] = lambda: None,
    step: Callable[[int, dict[str, float]], None] = lambda done, losses: None,
) -> DictionaryResult:
    """Train a dictionary of an encoder that is there, and mark it.

    Args:
        settings: What, and how.
        folder: Where rendered pairs are kept.
        keep: File for the dictionary; None keeps none.
        check: Called between steps; may raise to stop.
        step: Called after each step of the dictionary's training, with its losses.

    Raises:
        PlantEduError: for an encoder that is not there, or activations that are not finite.
    """
    bench = Bench(settings, folder)
    found = dissected(bench, settings.encoder, check=check, step=step)
    if keep is not None:
        found.save(keep)
    rows, others = [found.row("dictionary")], found.baselines()
    agreement = at_random = None
    if settings.beside:
        second = dissected(bench, settings.encoder, seed=settings.seed + 1, check=check)
        frozen = dissected(bench, settings.encoder, frozen=True, check=check)
        others.append(frozen.row("random dictionary"))
        agreement, at_random = _agreements(found, second, settings, check)
    if settings.untrained >= 0:
        words = f"random:{settings.untrained}"
        others.append(dissected(bench, words, check=check).row("of an untrained encoder"))
    return DictionaryResult(
        settings=settings,
        rows=(*rows, *others),
        curve=found.curve,
        agreement=agreement,
        at_random=at_random,
        control=_control(settings, len(found.x), check),
        features=tuple(found.features()),
        warning=found.warning,
        places=len(found.x),
    )


def _agreements(
    first: Dissected, second: Dissected, settings: Settings, check: Callable[[], None]
) -> tuple[Evidence, Evidence]:
    """Two seeds beside Gaussian numbers of the same covariance, and beside directions at random."""
    value, at_random = first.agreement(second)
    like = first.gaussian_agreement(check)
    beside = {
        "two seeds on Gaussian numbers of the same mean and covariance": like,
        "directions of activations drawn at random": at_random,
    }
    one, two = (
        Evidence(
            question="How alike are the directions of two seeds (mean max cosine)?",
            value=value,
            null=null,
            control=control,
            n=settings.plants,
            seeds=2,
        )
        for control, null in beside.items()
    )
    return one, two


def _control(settings: Settings, rows: int, check: Callable[[], None]) -> tuple[Recovery, ...]:
    """Known directions: found by this dictionary, and by one that was made for them."""
    if not settings.controls:
        return ()
    how = {name: getattr(settings, name) for name in ("width", "k", "rule", "steps")}
    fitting = replace(FITTING, rule=settings.rule)
    found = []
    for words, sparse in (("these settings", Sparse(**how)), ("made for it", fitting)):
        each = []
        for seed in range(settings.controls):
            check()
            each.append(recovery(replace(sparse, seed=seed), words, rows=rows, seed=seed))
        found.append(mean_of(each))
    return tuple(found)


def _run(settings: Settings, context: Context) -> DictionaryResult:
    context.restart()

    def step(done: int, losses: dict[str, float]) -> None:
        if done % EVERY == 0 or done == 1:
            context.log(done, losses)
            context.step(done, settings.steps)

    keep = context.place(FILE)
    return dictionary(settings, folder=context.home, keep=keep, check=context.check, step=step)


def tell(result: DictionaryResult) -> None:
    """Print a result."""
    if result.warning:
        print(f"Note: {result.warning}")
    print(f"{'':26}{'FVU':>8}{'L0':>8}{'dead':>8}{'double':>8}{'recovered':>11}{'AUROC':>8}")
    for row in result.rows:
        back = "   -" if row.recovered is None else f"{row.recovered:.3f}"
        cells = f"{row.fvu:8.3f}{row.l0:8.1f}{row.dead:8.2f}{row.duplicates or 0:8.2f}"
        cells += f"{back:>11}{row.readable:8.3f}"
        print(f"{row.name:26}{cells}")
    for one in (result.agreement, result.at_random):
        if one:
            print(f"agreement of two seeds {one.value:.3f}; {one.control} {one.null:.3f}")
    for one in result.control:
        print(
            f"known directions, {one.settings} ({one.width} directions, {one.k} codes): recall "
            f"{one.recall:.3f}, found {one.found:.2f}, precision {one.precision:.3f}, duplicates "
            f"{one.duplicates:.2f}, dead {one.dead:.2f}"
        )
    for one in result.features[:8]:
        print(
            f"feature {one.number:4} {one.question:22} AUROC {one.auroc:.3f} fires {one.fires:.3f}"
        )
    print(result.caption)


METHOD = Method(Settings, _run, tell, saves=FILE, saved_by="keep")
