"""What moves h, and what moves the predictions: do() beside noise of the same size.

    moved(x) = |h(do x) - h(x)| / mean over pairs |h(x_i) - h(x_j)|

1 is as far as another picture is away. The null is white noise whose root mean square on each
picture is that of the intervention: what any change of that size does.

Source: do(): Pearl 2009 [pearl2009]. Lesson: 09_attribution.
"""

import numpy as np
from scipy.spatial.distance import pdist

from plantedu.errors import PlantEduError
from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.own.plant import KINDS, plant
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.training.seeding import numpy_generator_for

DIAL = 0.5
NOISE = "white noise of the same size on the same picture"


def interventions(asked: Asked) -> tuple[Finding, Finding]:
    """How far each kind of planting moves h, and what share of predictions it changes.

    Args:
        asked: Model and pictures.

    Raises:
        PlantEduError: for features that are the same for every picture.
    """
    rows = asked.some(24, 96)
    x, h = asked.x[rows], asked.h[rows].double().numpy()
    scale = max(float(pdist(h).mean()), 1e-12)
    before = asked.head(x, rows)
    features: list[tuple[str, Evidence]] = []
    names: list[tuple[str, Evidence]] = []
    notes = []
    for kind in KINDS:
        try:
            done = plant(x, kind, DIAL, seed=asked.seed).pictures
        except PlantEduError as error:
            notes.append(f"{kind} was not planted: {error}")
            continue
        both = [done, noisy(x, done, seed=asked.seed)]
        far = [np.linalg.norm(asked.me.features(p).double().numpy() - h, axis=1) / scale
               for p in both]  # fmt: skip
        other = [(asked.head(p, rows) != before).astype(float) for p in both]
        question = f"How far does {kind} move h, in distances between pictures?"
        features.append(
            (kind, mean_over_plants(question, far[0], float(far[1].mean()), NOISE, kind="mean"))
        )
        question = f"What share of predictions does {kind} change?"
        names.append(
            (
                kind,
                mean_over_plants(question, other[0], float(other[1].mean()), NOISE, kind="share"),
            )
        )
    settings = {"dial": DIAL, "n": len(rows), "head": asked.head.name}
    return (
        Finding(
            title="What moves h?",
            unit="distances between two pictures",
            lines=tuple(features),
            notes=tuple(notes),
            settings=settings,
        ),
        Finding(
            title=f"What moves the predictions of {asked.head.name}?",
            unit="share of predictions changed",
            lines=tuple(names),
            settings=settings,
        ),
    )


def noisy(x: np.ndarray, done: np.ndarray, *, seed: int) -> np.ndarray:
    """Pictures with white noise as large, root mean square, as the change of each, uint8.

    Args:
        x, done: Before and after, uint8, "batch 3 height width".
        seed: Draws the noise.
    """
    size = np.sqrt(((done.astype(float) - x) ** 2).mean((1, 2, 3), keepdims=True))
    grain = numpy_generator_for(seed, "noise of a size").standard_normal(x.shape)
    return np.clip(np.rint(x + size * grain), 0, 255).astype(np.uint8)
