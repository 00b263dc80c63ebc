"""Four stages of a tiny run that switches its queue on, and of its twin that never does."""

from dataclasses import replace
from pathlib import Path

import pytest

from plantedu.runs.checkpoints import save_checkpoint
from plantedu.training.fit import Observer
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

TINY = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16, steps=12,
    projection_dim=8, queue_length=16, queue_start=0.5, probe_plants=40, probe_factors=(),
    learning_rate=3e-3,
)  # fmt: skip


class Keeper(Observer):
    """Saves checkpoints at some steps."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name

    def on_step(self, state, record) -> None:
        if state.step in (4, 6, 12) and record.step == state.step:
            path = self.folder / f"{self.name}-{state.step}.safetensors"
            save_checkpoint(path, *state.snapshot())


@pytest.fixture(scope="session")
def tiny_stages(tmp_path_factory):
    """A folder with on-4, on-6, on-12, off-4, off-6, off-12, and "bank" beside them."""
    folder = tmp_path_factory.mktemp("stages")
    for name, start in (("on", 0.5), ("off", 1.0)):
        keeper = Keeper(folder, name)
        train(replace(TINY, queue_start=start), bank_folder=folder / "bank", observers=[keeper])
    return folder
