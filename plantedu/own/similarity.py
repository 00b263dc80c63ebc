"""Are two models alike on one's own pictures? Beside random init, pixels, and shuffled pictures.

    me ~ you         the measure, its null: pictures of the second in other orders
    random me ~ you  the same network that learned nothing: what the architecture alone gives
    pixels ~ you     the pictures themselves, averaged over 8 x 8 fields

A value says that two models are alike only as far as it lies above these.

Source: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019]; the measures and their null are
`topics/similarity`'s. Lesson: 06_similarity.
"""

import time
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.charts.chart import Drawing
from plantedu.errors import PlantEduError, require
from plantedu.own.finding import NO_NULL, Finding
from plantedu.own.images import Images
from plantedu.own.model import BATCH, Model, Pictures, as_batch, in_unit, model
from plantedu.statistics.evidence import Evidence
from plantedu.topics.similarity.compare import compared
from plantedu.topics.similarity.family import measure as measure_of
from plantedu.topics.similarity.measure import LEAST
from plantedu.topics.similarity.results.compare import CompareResult, Settings
from plantedu.topics.similarity.results.comparisons import Comparison, Representation
from plantedu.zoo.hooks import FIELDS


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class SimilarityFinding(Finding):
    """The numbers, and the table that they are from.

    Attributes:
        table: `topics.similarity`'s own result, with a heat map of all sides; None without a null.
    """

    table: CompareResult | None = None

    def heat_map(self, *, dark: bool = False) -> Drawing:
        """All sides against all, the null's level in each cell.

        Raises:
            PlantEduError: where no null was computed.
        """
        if self.table is None:
            raise PlantEduError(NO_NULL)
        return self.table.chart(dark=dark)


def similarity(
    me: Model | str,
    you: Model | str,
    data: Images | Pictures,
    *,
    measure: str = "cka",
    shuffles: int = 199,
    halves: int = 100,
    seed: int = 0,
    null: bool = True,
) -> SimilarityFinding:
    """How alike two models are on the same pictures.

    Args:
        me, you: Models, or words that name them (see `model`).
        data: Pictures, four or more; any labels or none.
        measure: cka, rbf-cka, procrustes, rsa, ... (`topics/similarity/family.py`).
        shuffles: Orders of the null.
        halves: Half-samples of pictures, for the interval.
        seed: Draws orders and halves.
        null: False gives the number alone, in `bare`: no shuffles, twin, pixels or interval.

    Returns:
        The measure of me and you, beside the mean over shuffled pictures, with n and a 95 %
        interval; and the same of the random-init twin and of the pixels.

    Raises:
        PlantEduError: for fewer than four pictures, features that are the same for every picture,
            or two cameras where there is one.

    Source: Kornblith et al. 2019, arXiv:1905.00414 [kornblith2019]. Lesson: 06_similarity.
    """
    began = time.perf_counter()
    me, you = model(me), model(you)
    n = as_batch(data).shape[0] if me.cameras == 1 else as_batch(data, 2).shape[1]
    require(n >= LEAST, f"Similarity needs {LEAST} pictures or more; got {n}.")
    how = measure_of(measure)
    other = you.name if you.name != me.name else f"{you.name} (second)"
    question = f"How alike are {me.name} and {other} on {n} pictures?"
    if not null:
        sides = [how.prepare(one.features(data), one.name) for one in (me, you)]
        return SimilarityFinding(
            title=question,
            unit=how.label,
            lines=(),
            bare={f"{me.name} ~ {other}": float(how.compare(*sides))},
            notes=(NO_NULL,),
            settings={"measure": measure, "n": n},
            seconds=time.perf_counter() - began,
        )
    twin = me.random_twin(pictures=data)
    mine = (me.name, twin.name, "pixels")
    asked = Settings(
        comparison="own",
        measure=measure,
        plants=n,
        shuffles=shuffles,
        halves=halves,
        seed=seed,
    )
    chosen = Comparison(
        "own",
        question,
        tuple(Representation(name, name) for name in mine),
        (Representation(other, other),),
        ("", ""),
    )
    first = [me.features(data), twin.features(data), pixel_features(data)]
    table = compared(asked, chosen, how, first, [you.features(data)])
    lines = tuple((f"{name} ~ {other}", _cell(table, k)) for k, name in enumerate(mine))
    beyond = lines[0][1].value < lines[1][1].value
    notes = list(dict.fromkeys(table.notes.values()))
    if beyond != how.distance:
        notes.append(f"The random-init twin is at least as alike: nothing here says that {me.name} "
                     "and the other learned the same.")  # fmt: skip
    return SimilarityFinding(
        title=chosen.question,
        unit=how.label,
        lines=lines,
        notes=tuple(notes),
        settings={"measure": measure, "n": n, "shuffles": shuffles, "seed": seed},
        seconds=time.perf_counter() - began,
        table=table,
    )


def _cell(table: CompareResult, k: int) -> Evidence:
    found = table.evidence(k, 0)
    return replace(found, question=" ".join(found.question.split()))


def pixel_features(data: Images | Pictures) -> Tensor:
    """The pictures themselves, averaged over 8 x 8 fields, "n 192": what no network has touched."""
    whole = as_batch(data)
    parts = [
        F.adaptive_avg_pool2d(in_unit(whole[k : k + BATCH]), FIELDS).flatten(1)
        for k in range(0, len(whole), BATCH)
    ]
    return torch.cat(parts)
