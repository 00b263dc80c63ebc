"""Similarity measures: speed beside ckatorch, false alarms of every test, coverage of intervals.

    uv run python -m experiments.validity.similarity  # all of these -> lessons/results/06_*.json
    uv run python -m experiments.validity.similarity speed      # -> 06_speed.json, some seconds
    uv run python -m experiments.validity.similarity errors  # -> 06_errors.json, three minutes
    uv run python -m experiments.validity.similarity coverage  # -> 06_coverage.json, two minutes

`errors` and `coverage` go on where they stopped. `speed` wants ckatorch (extra `peers`) and an idle
machine; the table of layers is timed with as many threads as OMP_NUM_THREADS allows.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plantedu.statistics.subsampling import half_sample_bounds
from plantedu.topics.similarity.alignment import LinearCka
from plantedu.topics.similarity.family import MEASURES
from plantedu.topics.similarity.measure import Measure
from plantedu.topics.similarity.permutation import permutation_null
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.whole_files import write_whole

RESULTS = Path(__file__).parents[2] / "lessons" / "results"
NULLS = {"narrow": (40, 5, 6), "wide": (40, 60, 80)}  # n, p, q of independent noise
REPEATS, SHUFFLES = 1000, 99
COVERED, HALVES, DRAWN = 200, 60, 400  # intervals, half-samples of each, sets for the truth
N, P, Q = 64, 6, 8


def normal(purpose: str, step: int, *shape: int) -> torch.Tensor:
    """Gaussian noise, float64."""
    return torch.randn(*shape, generator=generator_for(0, purpose, step)).double()


def related(purpose: str, step: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two representations that share three of their directions; another set of plants each step."""
    shared = normal(f"{purpose} shared", step, n, 3)
    a, b = normal("maps", 0, 3, P), normal("maps", 1, 3, Q)
    own = normal(f"{purpose} x", step, n, P), normal(f"{purpose} y", step, n, Q)
    return shared @ a + own[0], shared @ b + own[1]


def read(name: str) -> dict[str, Any]:
    """What is there already."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(name: str, found: dict[str, Any]) -> None:
    """A result with the command that makes it."""
    command = f"uv run python -m experiments.validity.similarity {name.partition('_')[2]}"
    text = json.dumps({"command": command} | found, indent=1) + "\n"
    write_whole(RESULTS / f"{name}.json", text.encode())


def errors() -> None:
    """How often each test calls independent noise related at .05, by measure and shape."""
    found = read("06_errors")
    for how in MEASURES:
        for shape, (n, p, q) in NULLS.items():
            key = f"{how.name}/{shape}"
            if key in found or (shape == "wide" and "cca" in how.name):
                continue  # with more columns than plants canonical correlations are all 1
            began = time.process_time()
            rejected = [_p(how, shape, k, n, p, q) <= 0.05 for k in range(REPEATS)]
            found[key] = {
                "value": sum(rejected) / REPEATS,
                "null": 0.05,
                "control": "the level itself",
                "n": n,
                "columns": [p, q],
                "seeds": REPEATS,
                "shuffles": SHUFFLES,
                "first_200": sum(rejected[:200]) / 200,
            }
            write("06_errors", found)
            print(
                f"{key:<20}{sum(rejected) / REPEATS:.3f}  {time.process_time() - began:.0f} s",
                flush=True,
            )


def _p(how: Measure, shape: str, k: int, n: int, p: int, q: int) -> float:
    x, y = normal(f"{shape} x", k, n, p), normal(f"{shape} y", k, n, q)
    generator = generator_for(0, f"{shape} orders", k)
    sides = [how.prepare(x)], [how.prepare(y)]
    return float(permutation_null(how, *sides, generator=generator, shuffles=SHUFFLES).p[0, 0])


def coverage() -> None:
    """How often half-samples, and a bootstrap that puts back, cover the mean value at this n."""
    found = read("06_coverage")
    for how in MEASURES:
        if how.name in found:
            continue
        began = time.process_time()
        truth = float(np.mean([how(*related("truth", k, N)).value for k in range(DRAWN)]))
        bounds = [_bounds(how, *related("sets", k, N), k) for k in range(COVERED)]
        halves, naive, values, again = (np.array(one) for one in zip(*bounds, strict=True))
        found[how.name] = {
            "value": _covers(halves, truth),
            "null": _covers(naive, truth),
            "control": "percentile bootstrap that puts plants back",
            "n": N,
            "columns": [P, Q],
            "seeds": COVERED,
            "level": 0.95,
            "truth": truth,
            "mean": float(values.mean()),
            "mean of the bootstrap": float(again.mean()),
            "width": float(np.diff(halves).mean()),
        }
        write("06_coverage", found)
        print(f"{how.name:<12}{found[how.name]['value']:.3f} naive {found[how.name]['null']:.3f}  "
              f"{time.process_time() - began:.0f} s", flush=True)  # fmt: skip


def _bounds(how: Measure, x: torch.Tensor, y: torch.Tensor, k: int) -> tuple[Any, ...]:
    """Half-sample interval, naive interval, the value, and the naive resamples' mean."""

    def on(plants: np.ndarray) -> np.ndarray:
        return np.array(how.compare(how.prepare(x[plants]), how.prepare(y[plants])))

    generator = numpy_generator_for(0, "coverage", k)
    low, high = half_sample_bounds(on, n=N, generator=generator, halves=HALVES)
    drawn = [float(on(generator.integers(0, N, N))) for _ in range(HALVES)]
    naive = np.quantile(drawn, [0.025, 0.975])
    return (float(low), float(high)), naive, float(on(np.arange(N))), float(np.mean(drawn))


def _covers(bounds: np.ndarray, truth: float) -> float:
    return float(((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean())


def speed() -> None:
    """Debiased CKA beside ckatorch in one run, its slow twin, and a table of twenty layers."""
    from ckatorch import cka_base

    x, y = normal("speed x", 0, 512, 2048).float(), normal("speed y", 0, 512, 2048).float()
    y = y + 0.3 * x
    how = LinearCka()
    pairs = [(_seconds(lambda: how(x, y)), _seconds(lambda: cka_base(x, y, unbiased=True)))
             for _ in range(9)]  # fmt: skip
    ours, theirs = (float(np.median(one)) for one in zip(*pairs, strict=True))
    value, twin = how(x, y).value, slow_twin(x.double().numpy(), y.double().numpy())
    shared = normal("layers", 0, 512, 30)
    layers = [shared @ normal("map", k, 30, 64) + 5 * normal("own", k, 512, 64) for k in range(20)]

    def table() -> None:
        sides = [how.prepare(one) for one in layers]
        permutation_null(how, sides, sides, generator=generator_for(0, "table"), shuffles=200)

    found = {
        "debiased": {"seconds": ours, "ckatorch": theirs, "share": ours / theirs, "n": 512},
        "values": {"ours": value, "slow_twin": twin, "difference": abs(value - twin),
                   "ckatorch": float(cka_base(x, y, unbiased=True))},
        "table": {"seconds": _seconds(table), "layers": 20, "shuffles": 200, "n": 512,
                  "threads": torch.get_num_threads()},
    }  # fmt: skip
    write("06_speed", found)
    print(json.dumps(found, indent=1))


def _seconds(what: Callable[[], Any]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def slow_twin(x: np.ndarray, y: np.ndarray) -> float:
    """Debiased CKA pair of plants by pair of plants, HSIC as Song et al. write it."""
    n, kernels = len(x), []
    for rows in (x, y):
        k = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                k[i, j] = 0.0 if i == j else float(rows[i] @ rows[j])
        kernels.append(k)

    def hsic(k: np.ndarray, m: np.ndarray) -> float:
        total = sum(float(k[i] @ m[:, i]) for i in range(n))
        ends = k.sum() * m.sum() / ((n - 1) * (n - 2))
        cross = sum(float(k[:, i].sum() * m[i].sum()) for i in range(n))
        return (total + ends - 2 / (n - 2) * cross) / (n * (n - 3))

    k, m = kernels
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


PARTS = {"speed": speed, "errors": errors, "coverage": coverage}


if __name__ == "__main__":
    for word in sys.argv[1:] or PARTS:
        PARTS[word]()
