"""A small denoiser for tests: trained for two steps, shipped, with plants around it."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import train
from plantedu.topics.generation.denoisers import FOLDER, drawing
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import Observer
from plantedu.zoo.encoders import SHIPPED

TINY = Denoise(
    side=16,
    channels=(16, 32),
    fold=2,
    pairs=16,
    first=64,
    held_first=0,
    held_out=24,
    conditions=("cross-0/h", "cross-0/z", "supervised_rgb-0/h"),
    batch=4,
    steps=2,
    precision="float32",
)


class Last(Observer):
    """Keeps the snapshot of the end."""

    def on_end(self, state):
        self.snapshot = state.snapshot()


@cache
def painter(low: bool = False) -> Path:
    """A folder of checkpoints with encoders and denoisers/tiny; with `low` its upper stage too."""
    folder = Path(tempfile.mkdtemp(prefix="painter-"))
    for name in ("cross-0", "cross-1", "supervised_rgb-0"):
        (folder / f"{name}.safetensors").write_bytes((SHIPPED / f"{name}.safetensors").read_bytes())
    recipes = {"tiny": TINY}
    if low:
        recipes["upper"] = replace(TINY, side=32, low_side=16, conditions=("cross-0/h",))
    for name, recipe in recipes.items():
        last = Last()
        train(recipe, bank_folder=folder / "bank", observers=[last])
        save_checkpoint(folder / FOLDER / f"{name}.safetensors", *drawing(last.snapshot))
    return folder
