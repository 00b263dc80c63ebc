"""Are the predictions' confidences meant as they are said? ECE beside its null band.

A head that means what it says still has an error of calibration with few pictures. The null draws
the outcomes from the stated confidences: what lies within its band is no sign against the head.

Source: Guo et al. 2017, arXiv:1706.04599 [guo2017]; the band: Broecker & Smith 2007 [brocker2007].
Lesson: 04_family.
"""

import numpy as np
import torch

from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.statistics.brier import calibration_error
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.training.seeding import numpy_generator_for

DRAWS, BINS = 499, 10


def forecasts(asked: Asked) -> Finding:
    """Accuracy and calibration error of the predictions, beside chance and the null band.

    Args:
        asked: Model and labelled pictures.
    """
    rows = np.arange(len(asked.x))
    scores = torch.from_numpy(np.asarray(asked.head.names(asked.x, rows))).double()
    confidence, said = (one.numpy() for one in scores.softmax(1).max(1))
    right = said == asked.labels
    rng = numpy_generator_for(asked.seed, "forecasts")
    drawn = [
        calibration_error(confidence, rng.random(len(rows)) < confidence, bins=BINS)
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    ece = calibration_error(confidence, right, bins=BINS)
    error = Evidence(
        question=f"How far are the confidences of {asked.head.name} from the shares right (ECE)?",
        value=ece,
        null=float(np.mean(drawn)),
        control="outcomes drawn from the confidences",
        n=len(rows),
    )
    majority = float(np.bincount(asked.labels).max() / len(rows))
    accuracy = mean_over_plants(
        f"What share of the labels does {asked.head.name} name?",
        right.astype(float),
        majority,
        "always the largest class",
        kind="share",
    )
    within = "inside" if low <= ece <= high else "outside"
    return Finding(
        title=f"Does {asked.head.name} mean its confidences?",
        unit="ECE, and share right",
        lines=(("calibration error", error), ("accuracy", accuracy)),
        notes=(
            f"The error, {ece:z.3f}, is {within} the band of a head that means what it says, "
            f"{low:z.3f} to {high:z.3f}.",
        ),
        settings={"n": len(rows), "bins": BINS},
    )
