"""Do single units tell the labels, or something planted? Beside shuffles of the pictures.

A unit tells a factor if its mutual information with it passes all but one in a hundred shuffles
(`topics/neurons/information.py`); in as many as that it does so by luck.

Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]. Lesson: 10_neurons.
"""

import numpy as np
import torch

from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.own.plant import plant
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.neurons.discretised import DiscreteTarget, dead
from plantedu.topics.neurons.information import information
from plantedu.training.seeding import numpy_generator_for

UNITS = 256
PLANTED = (("mark", 1.0), ("light", 0.4))


def unit_readings(asked: Asked) -> Finding:
    """Share of live units that tell the labels and each of two planted factors.

    Args:
        asked: Model and labelled pictures.

    Raises:
        PlantEduError: where every unit is dead.
    """
    rows = asked.some(96, 300)
    rng = numpy_generator_for(asked.seed, "units")
    cases = [("the labels", asked.h[rows], asked.labels[rows], len(asked.data.classes))]
    for kind, dial in PLANTED:
        has = rng.random(len(rows)) < 0.5
        done = asked.me.features(plant(asked.x[rows], kind, dial, seed=asked.seed).pictures)
        h = torch.where(torch.from_numpy(has)[:, None], done, asked.h[rows])
        cases.append((f"a planted {kind}", h, has.astype(int), 2))
    lines: list[tuple[str, Evidence]] = []
    for name, h, codes, levels in cases:
        units = h.double().numpy()
        live = np.flatnonzero(~dead(units))
        live = np.sort(rng.permutation(live)[:UNITS])
        found = information(
            units[:, live],
            [DiscreteTarget(name, codes, levels)],
            generator=rng,
            bins=4,
            shuffles=100,
        )
        significant, n = int(found.significant.sum()), len(live)
        line = Evidence(
            question=f"What share of units tells {name}?",
            value=significant / n,
            null=float(found.lucky.mean()),
            control="pictures in another order",
            n=len(rows),
            interval=count_interval(significant, n),
        )
        lines.append((name, line))
    return Finding(
        title="How many units tell the labels, or something planted?",
        unit="share of units",
        lines=tuple(lines),
        notes=("The interval is over units, which are not independent of each other.",),
        settings={"n": len(rows), "units": UNITS},
    )
