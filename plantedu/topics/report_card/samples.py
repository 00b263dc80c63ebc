"""Trials on what a representation keeps: is a factor pinned or free in what is drawn from it?

Readings of 32 conditions with 6 samples each are drawn from a known law: a factor that is settled
has a share B / (B + W) of .2 to .9 between conditions, a free one 0; another factor leaks into
both. No denoiser is run: what is on trial is the statistic, its null and its interval.

Source: Bordes et al. 2022 [bordes2022]; share between conditions: Shrout and Fleiss 1979
[shrout1979]. Lesson: 05_generation.
"""

import numpy as np
import torch

from plantedu.topics.generation.verdicts import settled_evidence
from plantedu.topics.report_card.trial import Mark, drawn

CONDITIONS, SAMPLES = 32, 6


def _readings(rng: np.random.Generator, share: float) -> torch.Tensor:
    between = np.sqrt(share) * rng.normal(size=(CONDITIONS, 1, 1))
    within = np.sqrt(1 - share) * rng.normal(size=(CONDITIONS, SAMPLES, 1))
    return torch.from_numpy(between + within)


def settled(seed: int) -> list[Mark]:
    """What goes of the settled share when the factor is set by do(); kept if surely above 0.

    Another factor leaks into the readings, up to .1 of their variance, with the factor and without.
    """
    rng, marks = drawn(seed, "samples"), []
    for share in (float(rng.uniform(0.2, 0.9)), 0.0):
        leak, other = float(rng.uniform(0, 0.1)), rng.normal(size=(CONDITIONS, 1, 1))
        leaking = torch.from_numpy(np.sqrt(leak) * other)
        own, without = ((1 - leak) ** 0.5 * _readings(rng, part) for part in (share, 0.0))
        _, above, _ = settled_evidence("factor", own + leaking, [without + leaking], rng)
        low = above.interval[0] if above.interval else above.value
        truth = share * (1 - leak)
        marks.append(Mark(share > 0, low > 0, truth, above.value, above.interval))
    return marks


def narrow(seed: int) -> list[Mark]:
    """Samples that vary less than the world, read as kept: but a dull painter varies less too."""
    rng, marks = drawn(seed, "samples"), []
    for share in (float(rng.uniform(0.2, 0.9)), 0.0):
        dull = rng.uniform(0.4, 0.9)  # the painter's own lack of variety
        spread = float((dull * _readings(rng, share)).var(1, correction=1).mean())
        marks.append(Mark(share > 0, spread < 0.8, None, 1 - spread))
    return marks
