"""The costly grades of one method on one network: deletion, cascade, and captum's metrics.

Lesson: 09_attribution.
"""

import time

import numpy as np
import torch

from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attribution.deletion import areas
from plantedu.topics.attribution.infidelity import infidelity, sensitivity
from plantedu.topics.attribution.methods import Check, Method
from plantedu.topics.attribution.networks import Plants
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.randomisation import cascade
from plantedu.topics.attribution.results.method_comparison import ExpensiveScores, Learned
from plantedu.topics.attribution.targets import Scored
from plantedu.training.seeding import generator_for, numpy_generator_for

Draw = tuple[str, PairBatch, bool]


def searched(
    learned: Learned,
    row: str,
    how: Method,
    networks: tuple[Scored, Scored],
    plants: Plants,
    target: int,
    *,
    few: int,
    seed: int,
    check: Check = lambda: None,
) -> ExpensiveScores:
    """All of it, for one row.

    Args:
        learned: The cue that the network uses.
        row: What the line is called.
        how: The method.
        networks: Trained, and with random weights.
        plants: Whose first `few` are explained.
        target: Which score.
        few: How many plants.
        seed: Draws noise, paths and random orders.
        check: Called between chunks; may raise to stop.
    """
    scored, fresh = networks
    rows = slice(0, few)
    pair, twin = plants.batch.rows(rows), plants.without[learned.cue].rows(rows)

    def drawn(word: str) -> torch.Generator:
        return generator_for(seed, f"{word} {row}")

    began = time.perf_counter()
    found = how(scored, pair, target, generator=drawn("map"), check=check)
    seconds = (time.perf_counter() - began) / few
    first, second = reference(pair, "blur")
    blur = PairBatch(first, second)
    lottery = numpy_generator_for(seed, "random order").random(found.relevance.shape)

    def area(word: str, filling: PairBatch, insert: bool) -> Evidence:
        both = [
            areas(scored, pair, filling, r, target, insert=insert, check=check)
            for r in (found.relevance, lottery)
        ]
        kept = [one[np.isfinite(one)] for one in both]
        return mean_over_plants(
            *(f"Area of {word} of {row}?", kept[0], float(kept[1].mean()), "a random order"),
            kind="mean",
        )

    made = cascade(how, scored, fresh, pair, target, generator=lambda: drawn("map"), check=check)
    unfaithful = infidelity(scored, pair, found.bands, target, generator=drawn("infidelity"))
    shaky = sensitivity(how, scored, pair, target, generator=drawn("sensitivity"), check=check)
    return ExpensiveScores(
        network=learned.network,
        row=row,
        deletion=area("deletion", twin, False),
        insertion=area("insertion", twin, True),
        blurred=area("deletion into blur", blur, False),
        cascade={stage: float(one.mean()) for stage, one in made.items()},
        infidelity=float(unfaithful.mean()),
        sensitivity=float(shaky.mean()),
        seconds=seconds,
    )
