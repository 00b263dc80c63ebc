"""Four stages of a tiny run that switches its queue on, and of its twin; a sampler that pins."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.variance_components import pictures_of, word
from plantedu.training.checkpoints import save_checkpoint
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


class FakeSampler:
    """Draws real pictures that share exactly the factors that it is made to pin, and no other.

    What it "tells" of a picture is the reader's own reading of those factors.
    """

    def __init__(self, reader, pins: dict[str, tuple[str, ...]], gallery: int = 32) -> None:
        self.reader, self.pins = reader, pins
        self.world = world("field", 0)
        self.gallery, self.trained = np.arange(4096, 4096 + gallery), np.arange(5120, 13_312)
        self.calls: list[tuple] = []
        self.drawn: dict[tuple, torch.Tensor] = {}  # a ladder asks for the same again and again

    def sources(self, plants):
        return self.gallery[np.random.default_rng(0).permutation(len(self.gallery))[:plants]]

    def pairs(self, plants):
        drawn = render(self.world, plants, size=self.reader.side)
        return pictures_of(drawn.x1, drawn.x2)

    def again(self, *, sampler, steps):
        self.calls.append((sampler, steps))
        return self

    def draw(self, conditioning, first, second=None, *, samples, do=None):
        key = (conditioning.name, first.tobytes(), samples, *(do or {}).items())
        if key not in self.drawn:
            self.drawn[key] = self._draw(conditioning, first, samples, do or {})
        return self.drawn[key]

    def _draw(self, conditioning, first, samples, fixed):
        rng = np.random.default_rng(1)
        drawn = draw_factors(self.world, first)
        parts = []
        for row in range(len(first)):
            others = rng.integers(9000, 99_000, samples)
            do = {c: fixed.get(c, word(c, drawn[c][row])) for c in self.pins[conditioning.name]}
            pairs = render(self.world, others, size=self.reader.side, do=do)
            parts.append(pictures_of(pairs.x1, pairs.x2))
        return torch.stack(parts)

    def free(self, pictures):
        return self.pairs(np.arange(20_000, 20_000 + pictures))

    def phi(self, conditioning):
        def readings(x1, x2):
            both = pictures_of(x1, x2)
            read = self.reader.read(both[:, :3], both[:, 3:])
            return torch.cat([read[c] for c in self.pins[conditioning.name]], 1)

        return readings


@pytest.fixture(scope="session")
def reader():
    """The reader that ships."""
    return shipped_reader()


@pytest.fixture(scope="session")
def fake_sampler(reader):
    """Makes a fake sampler: names of conditions, and the factors that each of them pins."""

    def make(pins, gallery=32):
        return FakeSampler(reader, pins, gallery)

    return make
