"""Debiased CKA of twenty layers with twenty others, beside ckatorch; the biased one, rsatoolbox.

Both peers compare a pair at a time. rsatoolbox knows no debiased CKA: its `cosine_cov` is the
biased one, so it is gated and timed against ours of that kind. ckatorch is called in the way that
gives the debiased value (`method="fro_norm", unbiased=True`; with "hsic" it is the biased one).
Layers are single precision, as networks give them; the gate is taken in double.
"""

import argparse

import numpy as np
import torch
from torch import Tensor

from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.topics.similarity.alignment import BiasedCka, LinearCka
from plantedu.topics.similarity.measure import Measure
from plantedu.training.seeding import generator_for

LAYERS, PLANTS, WIDTHS = 20, 512, (64, 128, 256, 512)


def layers(side: str, count: int, plants: int) -> list[Tensor]:
    """Layers of growing width that share some of their directions, "plants width"."""
    shared = torch.randn(plants, 24, generator=generator_for(0, "shared"))
    found = []
    for k in range(count):
        width = WIDTHS[k * len(WIDTHS) // count]
        generator = generator_for(0, side, k)
        own = torch.randn(plants, width, generator=generator)
        found.append(shared @ torch.randn(24, width, generator=generator) + 4 * own)
    return found


def ours(how: Measure, x: list[Tensor], y: list[Tensor]) -> Tensor:
    """All cells; each layer is prepared once."""
    return how.compare_all([how.prepare(one) for one in x], [how.prepare(one) for one in y])


def ckatorch(x: list[Tensor], y: list[Tensor]) -> Tensor:
    """All cells, one after the other: there is no other way in."""
    from ckatorch import cka_base

    cells = [[float(cka_base(a, b, unbiased=True, method="fro_norm")) for b in y] for a in x]
    return torch.tensor(cells, dtype=torch.float64)


def rsatoolbox(x: list[Tensor], y: list[Tensor]) -> Tensor:
    """All cells in one call, after a matrix of distances for each layer."""
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm, compare

    first, second = (calc_rdm([Dataset(one.numpy()) for one in side]) for side in (x, y))
    return torch.from_numpy(np.asarray(compare(first, second, method="cosine_cov")))


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more |= {"threads": use_threads(options.threads), "plants": PLANTS, "layers": LAYERS}
    count = 4 if options.quick else LAYERS
    x, y = layers("x", count, PLANTS), layers("y", count, PLANTS)
    exact = [[one.double() for one in side] for side in (x, y)]
    debiased, biased = LinearCka(), BiasedCka()
    for name, mine, other in (
        ("debiased against ckatorch", ours(debiased, *exact), ckatorch(*exact)),
        ("biased against rsatoolbox", ours(biased, *exact), rsatoolbox(*exact)),
        ("debiased, single against double", ours(debiased, x, y), ours(debiased, *exact)),
    ):
        found.check(f"largest difference, {name}", float((mine - other).abs().max()), 1e-6)
    seconds = in_turns(
        {
            "ours, debiased": lambda: ours(debiased, x, y),
            "ckatorch, debiased": lambda: ckatorch(x, y),
            "ours, biased": lambda: ours(biased, x, y),
            "rsatoolbox, biased": lambda: rsatoolbox(x, y),
        },
        options.repeats,
    )
    for name, taken in seconds.items():
        found.figure(name, spread(taken), "s")
    for peer, kind in (("ckatorch", "debiased"), ("rsatoolbox", "biased")):
        found.ratio(
            f"{kind}: ours / {peer}, time",
            ratio_of(seconds[f"ours, {kind}"], seconds[f"{peer}, {kind}"]),
            at_most=0.5,
        )
    return found


ROW = Row(
    name="cka",
    title="CKA, 20 x 20 layers of 512 plants, 64 to 512 wide, seconds",
    against="ckatorch (debiased); rsatoolbox (biased)",
    measure=measure,
    measures=("plantedu/topics/similarity", "plantedu/statistics"),
    packages=("ckatorch", "rsatoolbox"),
)

if __name__ == "__main__":
    ROW.run()
