"""Train the upscaler of drawn pairs, 48 to 192 pixels a side, ship it and measure it.

    OMP_NUM_THREADS=1 uv run python -m experiments.upscaler train     # 10 minutes of one core
    uv run python -m experiments.upscaler numbers   # -> lessons/results/05_upscaler.json
    uv run python -m experiments.upscaler ship      # -> checkpoints/upscaler-0
    uv run python -m experiments.upscaler figure    # -> lessons/figures/05_enlarged.png
    uv run python -m experiments.upscaler extremes  # -> lessons/figures/05_extremes.png, the same

Weights ship as float16; the training is kept under PLANTEDU_HOME every 250 steps, and what was
stopped goes on. The null is a cubic curve through the pixels, which has never seen a leaf.
"""

import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from experiments.parts import run, write
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.models.pair_upscaler import TIMES, PairUpscaler, enlarged
from plantedu.publishing.publish import bare
from plantedu.publishing.registry import path_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.statistics.retrieval import reciprocal_ranks_among
from plantedu.store.cards import write_card
from plantedu.store.paths import bank_folder, home
from plantedu.topics.generation.conditional_samples import ConditionalSampler, encoder_named
from plantedu.topics.generation.denoisers import shipped_denoiser
from plantedu.topics.generation.image_grid import sheet
from plantedu.topics.generation.regressor_training import album, examined, shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.upscaler_training import (
    SHIPPED_UPSCALER,
    UpscalerRecipe,
    train_upscaler,
    upscaler_from,
)
from plantedu.topics.generation.variance_components import pictures_of
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.fit import Observer, Record, State
from plantedu.training.seeding import generator_for

RECIPE = UpscalerRecipe()
COMMAND = """OMP_NUM_THREADS=1 python -m experiments.upscaler train
python -m experiments.upscaler ship"""
EVERY = 250  # steps between checkpoints
PLANTS, DRAWN, SAMPLES = 256, 256, 4  # held out; of which samples are drawn; of each
FIGURES = Path(__file__).parents[1] / "lessons" / "figures"
NOISE = 0.02  # standard deviation, of full range
SHOWN = (2, 3)  # plants of the figure


class Keeper(Observer):
    """Keeps the training and says how far it is."""

    def __init__(self, path: Path) -> None:
        self.path, self.began = path, time.process_time()

    def on_step(self, state: State, record: Record) -> None:
        if record.step % EVERY and record.step < state.steps:
            return
        save_checkpoint(self.path, *state.snapshot())
        said = "  ".join(f"{n} {v:.4f}" for n, v in record.values.items() if isinstance(v, float))
        print(f"step {record.step}  {said}  {time.process_time() - self.began:.0f} s", flush=True)


def kept() -> Path:
    """Where the training is kept."""
    return home() / "upscalers" / "real.safetensors"


def train() -> None:
    """Train and keep."""
    resume = load_checkpoint(kept()) if kept().is_file() else None
    train_upscaler(RECIPE, bank_folder=bank_folder(), observers=[Keeper(kept())], resume=resume)


def trained() -> PairUpscaler:
    """As it ships: float16, read back; what ships itself where nothing was trained here."""
    if not kept().is_file():
        return upscaler_from(*load_checkpoint(path_of(SHIPPED_UPSCALER)))
    return upscaler_from(*bare(load_checkpoint(kept()), "half"))


def numbers() -> None:
    """How far it is from the true large picture, what a reader reads off it, what it adds."""
    upscaler = trained()
    found: dict[str, Any] = {}
    found |= {"distance": distances(upscaler), "read": readings(upscaler), "mrr": ranks(upscaler)}
    found["seconds"] = seconds(upscaler)
    found["plants"], found["recipe"] = PLANTS, RECIPE.as_json()
    write("05_upscaler", found, "experiments.upscaler numbers")


def distances(upscaler: PairUpscaler) -> dict[str, Any]:
    """Mean absolute error in 1/255 of each camera, of all pixels and of dead tissue alone."""
    planted, rows = world(RECIPE.data, RECIPE.world_seed), np.arange(PLANTS) + FIRST_HELD_OUT
    parts: dict[str, list[np.ndarray]] = {}
    for few in np.array_split(rows, PLANTS // 16):
        small = render(planted, few, size=RECIPE.side)
        large = render(planted, few, size=TIMES * RECIPE.side)
        x, true = (pictures_of(one.x1, one.x2) for one in (small, large))
        for who, drawn in (("upscaler", upscaler.draw(x)), ("cubic", enlarged(x).clamp(0, 1))):
            error = 255 * (drawn - true).abs().numpy()
            for k, (camera, dead) in enumerate((("rgb", large.lesions1), ("rgn", large.lesions2))):
                each = error[:, 3 * k : 3 * k + 3].mean(1)
                parts.setdefault(f"{camera} {who}", []).append(each.mean((1, 2)))
                ill = [one[mask].mean() for one, mask in zip(each, dead, strict=True) if mask.any()]
                parts.setdefault(f"{camera} lesions {who}", []).append(np.array(ill))
    whole = {name: np.concatenate(each) for name, each in parts.items()}
    return {
        name: mean_over_plants(
            f"How far are enlarged {name} pixels from the plant rendered large, in 1/255?",
            whole[f"{name} upscaler"],
            float(whole[f"{name} cubic"].mean()),
            "a cubic curve through the pixels",
        ).as_json()
        for name in ("rgb", "rgb lesions", "rgn", "rgn lesions")
    }


def readings(upscaler: PairUpscaler) -> dict[str, Any]:
    """Error of the reader on pairs that were enlarged and brought back, over that on originals.

    The error is 1 - accuracy, or 1 - R2. The cubic is brought back in the same way.
    """
    rows = np.arange(PLANTS) + FIRST_HELD_OUT
    book = album(RECIPE.data, RECIPE.world_seed, rows, RECIPE.side)
    x, found = pictures_of(book.x1, book.x2), {}
    for name, pictures in (
        ("originals", x),
        ("upscaler", brought_back(upscaler.draw(x))),
        ("cubic", brought_back(enlarged(x).clamp(0, 1))),
    ):
        bytes_ = (pictures * 255).round().to(torch.uint8).numpy()
        other = type(book)(bytes_[:, :3], bytes_[:, 3:], book.factors)
        scores = examined(shipped_reader(), other)
        found[name] = {column: float(each.mean()) for column, each in scores.items()}
    ratio = {
        column: (1 - found["upscaler"][column]) / (1 - score)
        for column, score in found["originals"].items()
        if score < 1
    }
    worst = max(ratio, key=lambda name: ratio[name])
    return {"scores": found, "ratio": ratio, "worst": worst, "worst_ratio": ratio[worst]}


def brought_back(large: Tensor) -> Tensor:
    """Means of squares: the large picture at the side that it came from."""
    return F.avg_pool2d(large, TIMES)


def judged(sampler: ConditionalSampler, sources: np.ndarray, pictures: Tensor) -> np.ndarray:
    """MRR of each source by the X1 of its samples, "plants samples 6 side side", by cross-1."""
    judge, (plants, samples) = encoder_named("cross-1"), pictures.shape[:2]
    gallery = judge.h(sampler.bank.take(sampler.gallery)[0])
    own = torch.from_numpy(np.repeat(sources - sampler.gallery[0], samples))
    each = reciprocal_ranks_among(judge.h(pictures.flatten(0, 1)[:, :3]), gallery, own)
    return each.view(plants, samples).mean(1).numpy()


def drawn_from(plants: int) -> tuple[ConditionalSampler, np.ndarray, Tensor]:
    """Samples from h of both pictures of some held-out plants."""
    sampler = ConditionalSampler(shipped_denoiser(), bank_folder(), home() / "samples")
    sources = sampler.sources(plants)
    return sampler, sources, sampler.draw(Conditioning(), sources, samples=SAMPLES)


def ranks(upscaler: PairUpscaler) -> dict[str, Any]:
    """MRR of drawn pairs by the independent judge, as drawn and as enlarged and brought back."""
    sampler, sources, drawn = drawn_from(DRAWN)
    flat = drawn.flatten(0, 1)
    back = brought_back(upscaler.draw(flat))
    noise = torch.randn(back.shape, generator=generator_for(0, "noise put back"))
    other = {
        "drawn": flat,
        "enlarged": back,
        "enlarged, noise put back": (back + NOISE * noise).clamp(0, 1),
        "mean of 3 x 3": F.avg_pool2d(F.pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1),
    }
    mrr = {name: judged(sampler, sources, one.view_as(drawn)) for name, one in other.items()}
    return mean_over_plants(
        "By how much does enlarging change the MRR of what was drawn, by cross-1?",
        mrr["enlarged"] - mrr["drawn"],
        0.0,
        "as drawn",
        kind="mean",
    ).as_json() | {name: float(each.mean()) for name, each in mrr.items()}


def seconds(upscaler: PairUpscaler) -> dict[str, float]:
    """Processor seconds of sixteen pairs, median of three, one thread."""
    threads, taken = torch.get_num_threads(), []
    torch.set_num_threads(1)
    for _ in range(4):
        began = time.process_time()
        upscaler.draw(torch.rand(16, 6, RECIPE.side, RECIPE.side))
        taken.append(time.process_time() - began)
    torch.set_num_threads(threads)
    return {"pairs": 16, "cpu": float(np.median(taken[1:]))}


def figure() -> None:
    """Two plants: rendered small, as cubic, as upscaled, and rendered large; both cameras."""
    upscaler, planted = trained(), world(RECIPE.data, RECIPE.world_seed)
    rows = np.array(SHOWN) + FIRST_HELD_OUT
    small, large = (
        pictures_of(one.x1, one.x2)
        for one in (render(planted, rows, size=s) for s in (RECIPE.side, TIMES * RECIPE.side))
    )
    near = F.interpolate(small, scale_factor=TIMES, mode="nearest")
    shown = torch.stack([near, enlarged(small).clamp(0, 1), upscaler.draw(small), large], 1)
    cells = (shown.view(len(rows), 4, 2, 3, *shown.shape[-2:]) * 255).round().to(torch.uint8)
    pictures = cells.permute(0, 2, 1, 3, 4, 5).reshape(2 * len(rows), 4, 3, *shown.shape[-2:])
    data = sheet(pictures.numpy(), columns=4)
    Image.open(io.BytesIO(data)).save(FIGURES / "05_enlarged.png", optimize=True)


def extremes() -> None:
    """Of the plants that are judged, the two that samples lead back to best, and the two worst.

    Each row: X1 of the source, then of three samples, all enlarged alike.
    """
    upscaler, (sampler, sources, drawn) = trained(), drawn_from(DRAWN)
    mrr = judged(sampler, sources, drawn)
    order = np.argsort(mrr, kind="stable")
    rows = np.concatenate([order[::-1][:2], order[:2]])
    shown = torch.cat([sampler.pairs(sources[rows])[:, None], drawn[rows][:, :3]], 1)
    large = upscaler.draw(shown.flatten(0, 1)).view(len(rows), 4, 6, *2 * (TIMES * RECIPE.side,))
    pictures = (large[:, :, :3] * 255).round().to(torch.uint8).numpy()
    Image.open(io.BytesIO(sheet(pictures, columns=4))).save(
        FIGURES / "05_extremes.png", optimize=True
    )
    found = [{"plant": int(sources[k]), "mrr": float(mrr[k])} for k in rows]
    write("05_extremes", {"plants": DRAWN, "rows": found}, "experiments.upscaler extremes")


def ship() -> None:
    """The trained upscaler as float16, with its distance on its card."""
    weights, meta = bare(load_checkpoint(kept()), "half")
    path = path_of(SHIPPED_UPSCALER)
    save_checkpoint(path, weights, meta)
    found = {name: of_card(one) for name, one in distances(upscaler_from(weights, meta)).items()}
    made = {"kind": "upscaler", "recipe": meta["upscaler"], "seed": RECIPE.seed, "form": "half"}
    made |= {"step": meta["step"], "steps": meta["steps"], "threads": 1}
    about = "enlarges a drawn pair of 48 pixels to 192, for the eye"
    write_card(path, command=COMMAND, headlines=found, about=about, made=made)


def of_card(found: dict[str, Any]) -> dict[str, Any]:
    """A number with its null, as a card holds it."""
    return {name: found[name] for name in Evidence.__dataclass_fields__ if name in found}


PARTS = {
    "train": train,
    "numbers": numbers,
    "figure": figure,
    "extremes": extremes,
    "ship": ship,
}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
