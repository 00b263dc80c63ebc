"""How the cost of debiased CKA grows with plants n and columns d, and where it comes from.

One value of CKA between two representations, in turns, single precision in, as networks give them.
`slope` is the exponent between the two largest sizes: 2 means four times the time for twice the
size. The matrix of inner products costs n^2 d, everything after it n^2.
"""

import argparse
import math

import torch

from benchmarks.measuring import Found, Row, in_turns, spread, use_threads
from plantedu.topics.similarity.alignment import LinearCka

PLANTS = (128, 256, 512, 1024, 2048)
COLUMNS = (64, 256, 1024, 4096)
N, D = 512, 512


def measure(options: argparse.Namespace) -> Found:
    found, how = Found(), LinearCka()
    found.more["threads"] = use_threads(options.threads)
    generator = torch.Generator().manual_seed(0)
    last = -2 if options.quick else None
    sizes = [(n, D) for n in PLANTS[:last]] + [(N, d) for d in COLUMNS[:last]]
    arms = {}
    for n, d in dict.fromkeys(sizes):
        x, y = (torch.randn(n, d, generator=generator) for _ in "xy")
        arms[n, d] = lambda x=x, y=y: how(x, y)
    taken = in_turns({f"{n} {d}": arm for (n, d), arm in arms.items()}, options.repeats)
    for name, seconds in taken.items():
        n, d = name.split()
        found.figure(f"n = {n}, d = {d}", spread(seconds), "s")
    for what, (a, b) in {
        "n": [(n, D) for n in PLANTS[:last]][-2:],
        "d": [(N, d) for d in COLUMNS[:last]][-2:],
    }.items():
        small, large = (taken[f"{n} {d}"] for n, d in (a, b))
        grown = b[0] / a[0] * b[1] / a[1]
        slopes = [math.log(y / x) / math.log(grown) for x, y in zip(small, large, strict=True)]
        found.ratio(f"slope in {what}, from {a} to {b}", spread(slopes))
    return found


ROW = Row(
    name="cka_growth",
    title="debiased CKA by plants and columns, seconds",
    against="n^2 d",
    measure=measure,
    measures=("plantedu/topics/similarity", "plantedu/statistics"),
    repeats=9,
)

if __name__ == "__main__":
    ROW.run()
