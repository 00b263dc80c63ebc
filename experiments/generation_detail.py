"""What detail changes: the same denoiser, the same noise, with the small network and without.

    uv run python -m experiments.generation_detail compare  # -> lessons/results/05_detail.json
    uv run python -m experiments.generation_detail picture  # -> lessons/figures/05_detail.png

From h of both pictures of held-out plants, by every denoiser that ships with a detail: as the
tables are drawn, with detail, and as the page draws (detail, UniPC). *Looks*: KID of crops at full
size, and power in the finest octave over the source's own. *Tells*: MRR by an encoder that had no
part in it, R2 of the source's factors, and pinned.
"""

import io
import sys
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from experiments.generation_extremes import judged
from experiments.parts import RESULTS, read, run, write
from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.statistics.evidence import t_interval
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler, encoder_named
from plantedu.topics.generation.denoisers import FOLDER, detail_of
from plantedu.topics.generation.image_grid import sheet
from plantedu.topics.generation.invariances import Settings
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.invariances import BLIND
from plantedu.topics.generation.retrieval_scores import kid_evidence
from plantedu.topics.generation.variance_components import explained, read_pairs, settled, showing
from plantedu.topics.generation.verdicts import spearman
from plantedu.training.weights_spec import file_sha256
from plantedu.zoo.encoders import SHIPPED

JUDGE = "cross-1"
MANY = 256  # plants of which one sample is drawn
CROP = 40  # pixels, from the middle: the side that the judge sees, so none is shrunk
FINEST = 0.25, 0.5  # cycles a pixel
SHOWN = (0, 2, 3, 5)  # plants of the picture
FIGURES = RESULTS.parent / "figures"
WITHOUT, WITH, PAGE = "without", "with", "page"
HOW = WITHOUT, WITH, PAGE
PAGE_SAMPLER = "unipc"


def pairs_of_samplers() -> dict[str, dict[str, ConditionalSampler]]:
    """By denoiser, who draws without detail, with it, and as the page does."""
    found = {}
    for path in sorted((SHIPPED / FOLDER).glob("*.safetensors")):
        detail = detail_of(path)
        if detail is not None:
            files = {WITHOUT: path, WITH: detail}
            found[path.stem] = {
                n: ConditionalSampler(f, bank_folder(), home() / "samples")
                for n, f in files.items()
            }
            alike = found[path.stem][WITH]
            found[path.stem][PAGE] = alike.again(sampler=PAGE_SAMPLER, steps=alike.steps)
    return found


def finest(pictures: Tensor) -> np.ndarray:
    """Power of each X1 in the finest octave, under a Hann window, "n channels side side" -> "n"."""
    x, side = grey(pictures), pictures.shape[-1]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fft2((x - x.mean((1, 2), keepdims=True)) * window)) ** 2
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    return power[:, (radius > FINEST[0]) & (radius <= FINEST[1])].mean(1)


def grey(pictures: Tensor) -> np.ndarray:
    """Mean of the channels of X1."""
    return pictures[:, :3].mean(1).numpy()


def middle(pictures: Tensor) -> Tensor:
    """The middle of each X1 at full size."""
    start = (pictures.shape[-1] - CROP) // 2
    return pictures[:, :3, start : start + CROP, start : start + CROP]


def of_one(sampler: ConditionalSampler, seen: list[str]) -> dict[str, Any]:
    """Looks and tells of one drawing of the sources of the lesson's tables."""
    settings, judge = Settings(), encoder_named(JUDGE)
    many = sampler.sources(MANY)
    single = sampler.draw(settings.conditioning, many, samples=1)
    others = np.setdiff1d(sampler.gallery, many)
    kid = kid_evidence(
        judge.h(middle(single[:, 0])),
        torch.cat([judge.h(middle(sampler.pairs(part))) for part in np.array_split(others, 4)]),
        question="How far are crops of drawn pictures from crops of real ones?",
        rng=np.random.default_rng(0),
    )
    own = sampler.pairs(many)
    sources = sampler.sources(settings.plants)
    truth = draw_factors(sampler.world, sources)
    disease = torch.from_numpy(truth["disease"])
    drawn = sampler.draw(settings.conditioning, sources, samples=settings.samples)
    readings = read_pairs(shipped_reader(), drawn)
    shown = {c: showing(c, disease) for c in seen}
    return {
        "kid": kid.as_json(),
        "finest": float(np.exp(np.log(finest(single[:, 0]) / finest(own)).mean())),
        "mrr": judged(sampler, many, single).tolist(),
        "r2": {c: explained(c, readings[c][shown[c]], truth[c][shown[c].numpy()]) for c in seen},
        "pinned": {c: settled(readings[c][shown[c]]) for c in seen},
    }


def compare() -> None:
    """Both drawings of every denoiser; differences with their interval over denoisers."""
    table = {one["column"]: one for one in read("05_kept")["factors"]}
    seen = [c for c in COLUMNS if table[c]["verdict"] != BLIND]
    each: dict[str, Any] = {}
    for name, two in pairs_of_samplers().items():
        found = {how: of_one(sampler, seen) for how, sampler in two.items()}
        order = {
            key: {
                how: spearman(list(found[WITHOUT][key].values()), list(found[how][key].values()))[0]
                for how in (WITH, PAGE)
            }
            for key in ("r2", "pinned")
        }
        each[name] = {
            "sha256": file_sha256(two[WITH].path),
            "kid": {how: one["kid"] for how, one in found.items()},
            "finest": {how: one["finest"] for how, one in found.items()},
            "mrr": {how: float(np.mean(one["mrr"])) for how, one in found.items()},
            "r2": {how: float(np.mean(list(one["r2"].values()))) for how, one in found.items()},
            "pinned": {how: one["pinned"] for how, one in found.items()},
            "r2 by factor": {how: one["r2"] for how, one in found.items()},
            "order": order,
        }
        print(name, {k: each[name][k] for k in ("finest", "mrr", "r2", "order")}, flush=True)
    found = {"plants": MANY, "denoisers": each, "over": over(each)}
    write("05_detail", found, "experiments.generation_detail compare")


def over(each: dict[str, Any]) -> dict[str, Any]:
    """Means and intervals over denoisers."""
    kinds = {
        "kid": lambda one, how: one["kid"][how]["value"],
        "finest": lambda one, how: one["finest"][how],
        "mrr": lambda one, how: one["mrr"][how],
        "r2": lambda one, how: one["r2"][how],
    }
    found: dict[str, Any] = {"n": len(each)}
    for name, value in kinds.items():
        by = {how: np.array([value(one, how) for one in each.values()]) for how in HOW}
        found[name] = {how: float(x.mean()) for how, x in by.items()}
        for how in (WITH, PAGE):
            apart = by[how] - by[WITHOUT]
            found[name][f"{how}, apart"] = float(apart.mean())
            found[name][f"{how}, interval"] = t_interval(apart)
    found["kid"]["real"] = float(np.mean([one["kid"][WITH]["null"] for one in each.values()]))
    for name in ("r2", "pinned"):
        found[f"order of {name}"] = {
            how: min(one["order"][name][how] for one in each.values()) for how in (WITH, PAGE)
        }
    return found


def picture() -> None:
    """X1 of four sources, each beside one sample without detail, with it, and as the page draws."""
    two = next(iter(pairs_of_samplers().values()))
    sources = two[WITH].sources(Settings().plants)[list(SHOWN)]
    columns = [two[WITH].pairs(sources)]
    for sampler in two.values():
        drawn = sampler.draw(Settings().conditioning, sampler.sources(Settings().plants),
                             samples=Settings().samples)  # fmt: skip
        columns.append(drawn[list(SHOWN), 0])
    pictures = (torch.stack(columns, 1)[:, :, :3] * 255).round().to(torch.uint8).numpy()
    found = Image.open(io.BytesIO(sheet(pictures, columns=4)))
    twice = (2 * found.width, 2 * found.height)  # a rim is a pixel or two wide
    found.resize(twice, Image.Resampling.NEAREST).save(FIGURES / "05_detail.png", optimize=True)


PARTS = {"compare": compare, "picture": picture}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
