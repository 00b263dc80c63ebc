"""Is the angle in z? Asked without a denoiser: ridge regression, straight and with a curved kernel.

    uv run python -m experiments.angle_in_z        # -> lessons/results/05_angle.json

The denoiser of lesson 05 keeps the leaf's angle when it is conditioned on z. The first probe of
lesson 02 had a fixed penalty and found next to nothing there. A claim like that wants a second
witness. Here 1,600 plants fit a kernel ridge regression (linear; quadratic), 400 others choose its
penalty, and 400 more, never seen, give R^2; the null fits the same on shuffled angles.

    a = (K + lambda I)^-1 y,   f(z) = k(z)^T a,   k(z, z') = z.z'/d,  or  (1 + z.z'/d)^2
"""

import json
from pathlib import Path

import numpy as np
import torch

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.jobs.threads import share_cores
from plantedu.zoo.encoders import load_encoder

OUT = Path(__file__).parents[1] / "lessons" / "results" / "05_angle.json"
FIRST, FIT, CHOOSE, TEST = 9000, 1600, 400, 400
PENALTIES = tuple(10.0**power for power in range(-3, 4))
ENCODERS = ("cross-0", "cross-1", "cross-2", "random-cross-0")


def kernel(a: np.ndarray, b: np.ndarray, degree: int) -> np.ndarray:
    """k(a, b) of standardised rows."""
    inner = a @ b.T / a.shape[1]
    return inner if degree == 1 else (1 + inner) ** degree


def r2(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Share of the variance that is explained; below 0 where the mean would tell more."""
    return float(1 - ((predicted - truth) ** 2).mean() / truth.var())


def read(rows: np.ndarray, y: np.ndarray, degree: int, y_fit: np.ndarray) -> float:
    """R^2 on plants that chose nothing.

    Args:
        rows: Representations, fit, choose and test plants in this order.
        y: Their angles.
        degree: Of the kernel.
        y_fit: Angles that are fitted: the first of y, or those shuffled.
    """
    z = (rows - rows[:FIT].mean(0)) / (rows[:FIT].std(0) + 1e-9)
    fit, choose, test = z[:FIT], z[FIT : FIT + CHOOSE], z[FIT + CHOOSE :]
    gram = kernel(fit, fit, degree)
    weights = [
        np.linalg.solve(gram + penalty * np.eye(FIT), y_fit - y_fit.mean()) for penalty in PENALTIES
    ]
    across = kernel(choose, fit, degree)
    scores = [r2(across @ a + y_fit.mean(), y[FIT : FIT + CHOOSE]) for a in weights]
    best = weights[int(np.argmax(scores))]
    return r2(kernel(test, fit, degree) @ best + y_fit.mean(), y[FIT + CHOOSE :])


def main() -> None:
    """Every encoder, layer, and one or both pictures."""
    share_cores()
    plants = np.arange(FIRST, FIRST + FIT + CHOOSE + TEST)
    y = draw_factors(world("field", 0), plants)["angle"].astype(float)
    pairs = render(world("field", 0), plants.tolist(), size=64)
    shuffled = np.random.default_rng(0).permutation(y[:FIT])
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name in ENCODERS:
        encoder = load_encoder(name)
        for layer in ("h", "z"):
            one, other = (
                encoder.of(torch.from_numpy(x), layer).double().numpy()
                for x in (pairs.x1, pairs.x2)
            )
            for sensors, rows in (("rgb", one), ("both", np.hstack([one, other]))):
                found.setdefault(name, {})[f"{layer} {sensors}"] = {
                    "linear": read(rows, y, 1, y[:FIT]),
                    "quadratic": read(rows, y, 2, y[:FIT]),
                    "null": read(rows, y, 2, shuffled),
                }
    cross = [found[name] for name in ENCODERS if name.startswith("cross")]
    mean = {
        key: {kind: float(np.mean([one[key][kind] for one in cross])) for kind in cross[0][key]}
        for key in cross[0]
    }
    command = "uv run python -m experiments.angle_in_z"
    whole = {"command": command, "n": TEST, "seeds": len(cross), "cross": mean, **found}
    OUT.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(mean, indent=1))


if __name__ == "__main__":
    main()
