"""The best and the worst that the shipped denoiser draws, for lesson 05.

    uv run python -m experiments.generation_extremes extremes
    # -> lessons/figures/05_extremes.png, lessons/results/05_extremes.json

Samples from h of both pictures of DRAWN held-out plants, judged by MRR of their X1 by an encoder
that had no part in drawing them. Each row of the figure: X1 of the source, then of three samples.
"""

import io
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from experiments.parts import run, write
from plantedu.statistics.retrieval import reciprocal_ranks_among
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler, encoder_named
from plantedu.topics.generation.denoisers import shipped_denoiser
from plantedu.topics.generation.image_grid import sheet
from plantedu.topics.generation.results.conditioning import Conditioning

DRAWN, SAMPLES, SHOWN = 256, 4, 3  # plants; samples of each; of which are shown
FIGURES = Path(__file__).parents[1] / "lessons" / "figures"


def judged(sampler: ConditionalSampler, sources: np.ndarray, pictures: Tensor) -> np.ndarray:
    """MRR of each source by the X1 of its samples, "plants samples 6 side side", by cross-1."""
    judge, (plants, samples) = encoder_named("cross-1"), pictures.shape[:2]
    gallery = judge.h(sampler.bank.take(sampler.gallery)[0])
    own = torch.from_numpy(np.repeat(sources - sampler.gallery[0], samples))
    each = reciprocal_ranks_among(judge.h(pictures.flatten(0, 1)[:, :3]), gallery, own)
    return each.view(plants, samples).mean(1).numpy()


def extremes() -> None:
    """Of the plants that are judged, the two that samples lead back to best, and the two worst."""
    sampler = ConditionalSampler(shipped_denoiser(), bank_folder(), home() / "samples")
    sources = sampler.sources(DRAWN)
    drawn = sampler.draw(Conditioning(), sources, samples=SAMPLES)
    mrr = judged(sampler, sources, drawn)
    order = np.argsort(mrr, kind="stable")
    rows = np.concatenate([order[::-1][:2], order[:2]])
    shown = torch.cat([sampler.pairs(sources[rows])[:, None], drawn[rows][:, :SHOWN]], 1)
    pictures = (shown[:, :, :3] * 255).round().to(torch.uint8).numpy()
    Image.open(io.BytesIO(sheet(pictures, columns=1 + SHOWN))).save(
        FIGURES / "05_extremes.png", optimize=True
    )
    found = [{"plant": int(sources[k]), "mrr": float(mrr[k])} for k in rows]
    write(
        "05_extremes", {"plants": DRAWN, "rows": found}, "experiments.generation_extremes extremes"
    )


PARTS = {"extremes": extremes}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
