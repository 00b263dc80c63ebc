"""Where a run's pairs come from: a planted world rendered into a bank, or a challenge folder.

Both give the same thing: pairs by index, labels for the probes, and which plants are held out.
The encoder is never shown a label; held-out plants are never shown to the encoder.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from plantedu.data.challenge.folder import read_folder
from plantedu.data.challenge.pairing import LeftOut, left_out_in_words, refuse_many
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import factor, world
from plantedu.data.splits import split_by_plant
from plantedu.errors import require
from plantedu.training.fit import Observer
from plantedu.training.linear_probe import Target
from plantedu.training.online_probes import VIEWS
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import numpy_generator_for

FOLDER = "folder:"
FEW = 192  # pairs that are rendered in the time that another Python takes to start (1.3 s)
LESION_FACTORS = ("lesion_count", "lesion_size", "severity")  # show on diseased leaves only


@runtime_checkable
class PairSource(Protocol):
    """Pairs to train on and plants to probe."""

    @property
    def train(self) -> np.ndarray:
        """Indices of the plants to train on."""
        ...

    @property
    def held_out(self) -> np.ndarray:
        """Indices of the plants that only probes see."""
        ...

    def take(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """X1 and X2 of these plants, uint8, "n 3 side side"."""
        ...

    def column(self, name: str, view: str) -> tuple[np.ndarray, int] | None:
        """Values of a factor as that view sees it, and its number of classes; None if unknown."""
        ...


@dataclass(frozen=True)
class WorldSource:
    """A planted world; plants past `pairs` are held out."""

    bank: Bank
    pairs: int
    held: int

    @property
    def train(self) -> np.ndarray:
        return np.arange(self.pairs)

    @property
    def held_out(self) -> np.ndarray:
        return np.arange(self.pairs, self.pairs + self.held)

    def take(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.bank.take(indices)

    def column(self, name: str, view: str) -> tuple[np.ndarray, int] | None:
        chosen = factor(name)
        if chosen.role == "per_sensor":
            if view == "both":
                return None
            name = f"{name}_{view}"
        return self.bank.factors[name], len(chosen.levels)


@dataclass(frozen=True)
class FolderSource:
    """A challenge folder in memory, split by plant; its one factor is the label.

    Plants of the folder that could not be read are in `left_out`, with the reason.
    """

    x1: np.ndarray
    x2: np.ndarray
    codes: np.ndarray
    classes: int
    train: np.ndarray
    held_out: np.ndarray
    levels: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def take(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.x1[indices], self.x2[indices]

    def column(self, name: str, view: str) -> tuple[np.ndarray, int] | None:
        return (self.codes, self.classes) if name == "disease" else None


def open_source(recipe: Recipe, bank_folder: Path) -> PairSource:
    """The pairs that a recipe names.

    Raises:
        PlantEduError: for a world or folder that cannot be read, or one with too few plants.
    """
    if recipe.data.startswith(FOLDER):
        return _open_folder(recipe)
    pairs = recipe.pairs + recipe.probe_plants
    planted = world(recipe.data, recipe.world_seed)
    bank = Bank(planted, pairs=pairs, size=recipe.image_size, folder=bank_folder)
    return WorldSource(bank, recipe.pairs, recipe.probe_plants)


def _open_folder(recipe: Recipe) -> FolderSource:
    found = read_folder(Path(recipe.data.removeprefix(FOLDER)), size=recipe.image_size)
    refuse_many(recipe.data, len(found), found.left_out)
    levels, codes = np.unique(np.asarray(found.labels), return_inverse=True)
    generator = numpy_generator_for(recipe.seed, "split")
    train, held_out = split_by_plant(
        found.ids, found.labels, shares=(0.8, 0.2), generator=generator
    )
    require(
        len(train) >= recipe.batch,
        f"{recipe.data} has {len(train)} plants to train on after a fifth is held out, and the "
        f"batch is {recipe.batch}: lower the batch.",
    )
    names = tuple(levels.tolist())
    return FolderSource(
        found.x1, found.x2, codes, len(names), train, held_out, names, found.left_out
    )


def plants_left_out(source: PairSource, observers: Iterable[Observer]) -> int:
    """How many plants of a folder are left out; observers hear of it, at step 0."""
    gone = source.left_out if isinstance(source, FolderSource) else ()
    if gone:
        said = left_out_in_words(len(source.train) + len(source.held_out), gone)
        for observer in observers:
            observer.on_event(0, "left out", said)
    return len(gone)


def probe_targets(recipe: Recipe, source: PairSource) -> list[Target]:
    """What the probes of a recipe read: each factor in each view that can hold it."""
    train, held_out = plants = probe_plants(recipe, source)
    targets = []
    for name in recipe.probe_factors:
        for view in VIEWS:
            column = source.column(name, view)
            if column is not None and len(np.unique(column[0][train])) > 1:
                values = torch.from_numpy(np.asarray(column[0]))
                shows = _shows(source, plants) if name in LESION_FACTORS else None
                targets.append(
                    Target(name, view, column[1], values[train], values[held_out], shows)
                )
    return targets


def _shows(
    source: PairSource, plants: tuple[np.ndarray, np.ndarray]
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Which training and held-out plants have lesions, if any; None where nobody knows."""
    disease = source.column("disease", "both")
    if disease is None:
        return None
    train, held_out = (torch.from_numpy(disease[0][part] > 0) for part in plants)
    return train, held_out


def probe_plants(recipe: Recipe, source: PairSource) -> tuple[np.ndarray, np.ndarray]:
    """Plants that probes train on, and held-out plants that they are scored on."""
    return source.train[: recipe.probe_plants], source.held_out[: recipe.probe_plants]


def plants_of_step(recipe: Recipe, source: PairSource, step: int) -> np.ndarray:
    """Indices of the plants in the batch of a step.

    The first pass goes through the plants as they are numbered, so that training can begin while
    they are still being rendered; every later pass is shuffled.
    """
    per_epoch = len(source.train) // recipe.batch
    epoch, place = divmod(step, per_epoch)
    order = source.train
    if epoch:
        order = numpy_generator_for(recipe.seed, "order", epoch).permutation(order)
    return order[place * recipe.batch : (place + 1) * recipe.batch]


def _missing(recipe: Recipe, total: int, bank_folder: Path) -> int:
    """How many pairs are still to be rendered."""
    planted = world(recipe.data, recipe.world_seed)
    bank = Bank(planted, pairs=total, size=recipe.image_size, folder=bank_folder)
    return total - bank.ready()


@contextlib.contextmanager
def rendering_ahead(recipe: Recipe, bank_folder: Path) -> Iterator[None]:
    """A second process fills the bank while the body trains, where many pairs are missing.

    For few it would only take a core: the body has them before the other process has started.
    """
    total = recipe.pairs + recipe.probe_plants
    if recipe.data.startswith(FOLDER) or _missing(recipe, total, bank_folder) <= FEW:
        yield
        return
    words: Mapping[str, object] = {
        "world": recipe.data,
        "seed": recipe.world_seed,
        "pairs": total,
        "size": recipe.image_size,
        "folder": bank_folder,
    }
    options = [f"--{name}={value}" for name, value in words.items()]
    helper = subprocess.Popen(
        [sys.executable, "-m", "plantedu.data.render_cache", "--leashed", *options],
        stdin=subprocess.PIPE,  # closes with this process, however it ends
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what it cannot render, the training loop will, and say why
    )
    try:
        yield
    finally:
        helper.terminate()
        helper.communicate()
