"""When are two representations the same? Every pair beside the same pair with its plants shuffled.

    value      a measure of the family (`topics/similarity/family.py`) on n held-out plants
    null       the same with the plants of the second side in other orders: mean, and the level that
               one order in twenty passes
    p          share of orders at least as alike, exact for plants drawn independently
    interval   half-samples of plants, drawn without putting back

A bootstrap that puts back draws some plants twice; two copies are a perfect pair, and CKA and
neighbours rise for no reason. So halves are drawn.

Shuffling answers the least question: is there any relation? Encoders of the same pictures nearly
always have one. Beside it stand a random-init encoder, the pictures themselves, and another seed.
What a value *means* is for a planted difference to say (`sensitivity`).

Source: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019]; Phipson & Smyth 2010
[phipson2010]; Politis & Romano 1994 [politis1994]. Lesson: 06_similarity.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.subsampling import half_sample_bounds
from plantedu.topics.method import Context, Method
from plantedu.topics.similarity.cached_features import CachedFeatures
from plantedu.topics.similarity.family import measure
from plantedu.topics.similarity.measure import Measure
from plantedu.topics.similarity.permutation import permutation_null
from plantedu.topics.similarity.results.compare import CompareResult, Settings
from plantedu.topics.similarity.results.compare_chart import AT
from plantedu.topics.similarity.results.comparisons import Comparison
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.any_encoder import load_any_encoder
from plantedu.zoo.encoders import LoadedEncoder


def compare(
    settings: Settings,
    *,
    folder: Path,
    check: Callable[[], None] = lambda: None,
    here: bool = True,
) -> CompareResult:
    """Compare representations.

    Args:
        settings: Which, and how.
        folder: Where rendered pairs and features are kept.
        check: Called between parts; may raise to stop.
        here: Whether a person at this machine asks, who may name files and modules.

    Raises:
        PlantEduError: for names that are not there, encoders that cannot be compared, constant
            features, or too few plants for the measure.
    """

    chosen, how = settings.chosen(), measure(settings.measure)
    require(settings.halves >= 20, f"An interval needs 20 halves or more; got {settings.halves}.")
    place = {"first": settings.first, "plants": settings.plants, "folder": folder}
    shown = CachedFeatures(settings.data, settings.world_seed, **place)
    rows = shown.features((*chosen.first, *chosen.second), partial(_open, here=here), check)
    sides = rows[: len(chosen.first)], rows[len(chosen.first) :]
    return compared(settings, chosen, how, *sides, check=check)


def compared(
    settings: Settings,
    chosen: Comparison,
    how: Measure,
    first: Sequence[Tensor],
    second: Sequence[Tensor],
    *,
    check: Callable[[], None] = lambda: None,
) -> CompareResult:
    """The table from features in hand, "plants columns" each; all of the same plants."""

    n = len(first[0])
    a, b = ([how.prepare(x, m.label) for x, m in zip(side, names, strict=True)]
            for side, names in ((first, chosen.first), (second, chosen.second)))  # fmt: skip
    null = permutation_null(
        *(how, a, b),
        generator=generator_for(settings.seed, "shuffled plants"),
        shuffles=settings.shuffles,
        check=check,
    )

    def on(plants: np.ndarray) -> np.ndarray:
        parts = [[how.prepare(x[plants]) for x in side] for side in (first, second)]
        return how.compare_all(*parts, quick=True).double().cpu().numpy()

    low, high = half_sample_bounds(
        on,
        n=n,
        generator=numpy_generator_for(settings.seed, "halves"),
        halves=settings.halves,
        check=check,
    )
    dims = tuple(one.dim for one in a), tuple(one.dim for one in b)
    notes = {
        (i, j): said
        for i, p in enumerate(dims[0])
        for j, q in enumerate(dims[1])
        if (said := how.note(n, p, q))
    }
    return CompareResult(
        settings=replace(settings, plants=n),
        label=how.label,
        distance=how.distance,
        best=how.best,
        question=chosen.question,
        first=tuple(one.label for one in chosen.first),
        second=tuple(one.label for one in chosen.second),
        sides=chosen.sides,
        events=chosen.events,
        tables={"value": null.values, "low": low, "high": high, "null": null.mean, "p": null.p},
        quantiles=null.quantiles(AT),
        dims=dims,
        notes=notes,
    )


@lru_cache(maxsize=24)
def _open(words: str, *, here: bool) -> LoadedEncoder:
    return load_any_encoder(words, here=here)


def _run(asked: Settings, context: Context) -> CompareResult:
    here = context.work is None
    return compare(asked, folder=context.home, check=context.check, here=here)


def tell(result: CompareResult) -> None:
    """Print a result: values, and below each what one shuffle in twenty passes."""
    print(f"{result.question}\n{result.label}; {' by '.join(result.sides)}")
    wide = max(map(len, result.first)) + 2
    print(" " * wide + "".join(f"{name[:12]:>13}" for name in result.second))
    for i, name in enumerate(result.first):
        cells = result.tables["value"][i], result.tables["p"][i]
        marks = "".join(
            f"{v:12.3f}{' ' if p <= 0.05 else 'x'}" for v, p in zip(*cells, strict=True)
        )
        print(f"{name:<{wide}}{marks}")
        print(" " * wide + "".join(f"{v:12.3f} " for v in result.level[i]))
    print("Below each value: what one shuffle of the plants in twenty passes. x: not beyond it.")
    for said in dict.fromkeys(result.notes.values()):
        print(f"Note: {said}")
    print(result.evidence(0, 0).caption())


METHOD = Method(Settings, _run, tell)
