"""Labelled plants as rows: which are trained on, which fit the temperature, which are scored.

    pool (`pairs` plants) -> `labels` of it are labelled -> `validation` of those are kept aside
    fresh plants          -> scored, and used for nothing else

`grouped` deals out plants. `leaked` deals out images, as the published classifier did: then the
RGB image of a plant may be trained on and its RGN image validated on.

A planted world's fresh plants begin behind the plants that the shipped encoders were pretrained
on (without labels), so that nothing in the house has ever seen them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import factor
from plantedu.data.splits import leaked_share, split_by_plant, split_by_row
from plantedu.errors import require
from plantedu.training.pair_source import FolderSource, PairSource

BOTH, RGB, RGN = 0, 1, 2


@dataclass(frozen=True)
class Rows:
    """Plants, and the sensor by which each row shows its plant: BOTH, RGB or RGN."""

    plants: np.ndarray
    sensors: np.ndarray

    def __len__(self) -> int:
        return len(self.plants)

    def __getitem__(self, which: np.ndarray) -> "Rows":
        return Rows(self.plants[which], self.sensors[which])

    @property
    def ids(self) -> list[str]:
        """A name for each row, as its file would have."""
        pairs = zip(self.plants.tolist(), self.sensors.tolist(), strict=True)
        return [f"{plant}{'_rgn' if sensor == RGN else ''}.jpg" for plant, sensor in pairs]


@dataclass(frozen=True)
class Labelled:
    """Where pairs come from, and the class of each plant by its number."""

    source: PairSource
    codes: np.ndarray
    names: tuple[str, ...]

    def views(self, rows: Rows) -> Tensor:
        """What rows show, uint8, "views row 3 side side"; two views where rows are BOTH."""
        x1, x2 = self.source.take(rows.plants)
        if len(rows) and rows.sensors[0] == BOTH:
            return torch.from_numpy(np.stack([x1, x2]))
        chosen = np.where((rows.sensors == RGB)[:, None, None, None], x1, x2)
        return torch.from_numpy(chosen)[None]

    def labels(self, rows: Rows) -> Tensor:
        """Class of every row."""
        return torch.from_numpy(self.codes[rows.plants].astype(np.int64))


def shuffled(data: Labelled, pool: np.ndarray, generator: np.random.Generator) -> Labelled:
    """The classes of the pool's plants shuffled among them: nothing in a picture says them.

    A plant's two images keep one class, so who is right here has recognised the plant.
    """
    codes = data.codes.copy()
    codes[pool] = codes[generator.permutation(pool)]
    return Labelled(data.source, codes, data.names)


def labelled_from(source: PairSource) -> Labelled:
    """The plants of a source with their disease.

    Raises:
        PlantEduError: if fewer than two classes occur.
    """
    column = source.column("disease", "both")
    require(column is not None, "This data has no disease to classify.")
    assert column is not None
    folder = isinstance(source, FolderSource)
    names = source.levels if folder else factor("disease").levels
    present = len(np.unique(column[0][source.train]))
    require(present > 1, f"A classifier needs 2 classes or more; this data has {present}.")
    return Labelled(source, np.asarray(column[0]), names)


def rows_of(plants: np.ndarray, sensors: str) -> Rows:
    """One row a plant, or one an image where `sensors` is "either"."""
    plants = np.asarray(plants, dtype=np.int64)
    if sensors == "either":
        return Rows(np.tile(plants, 2), np.repeat([RGB, RGN], len(plants)))
    code = {"both": BOTH, "rgb": RGB, "rgn": RGN}[sensors]
    return Rows(plants, np.full(len(plants), code))


@dataclass(frozen=True)
class Split:
    """Rows to train on, to validate on, and the share of the latter whose plant is trained on."""

    train: Rows
    validation: Rows
    leaked: float


def split(
    data: Labelled,
    pool: np.ndarray,
    *,
    labels: float,
    validation: float,
    sensors: str,
    how: str,
    generator: np.random.Generator,
) -> Split:
    """Choose the labelled plants of a pool, alike in each class, and keep some aside.

    Args:
        data: Whose plants.
        pool: Numbers of the plants that may be labelled.
        labels: Share of them that is.
        validation: Share of the labelled ones (of their images, if leaked) that is kept aside.
        sensors: As `rows_of`.
        how: "grouped" or "leaked".
        generator: Draws both.

    Raises:
        PlantEduError: for a class of which fewer than two plants are labelled, or a part without
            plants.
    """
    _require_every_class(data, pool, labels)
    chosen = _share(data, pool, labels, generator)[0] if labels < 1 else np.asarray(pool)
    if how == "leaked":
        rows = rows_of(chosen, sensors)
        shares = (1 - validation, validation)
        parts = [rows[part] for part in split_by_row(rows.ids, shares=shares, generator=generator)]
    else:
        train, kept = _share(data, chosen, 1 - validation, generator)
        parts = [rows_of(train, sensors), rows_of(kept, sensors)]
    both = Rows(*(np.concatenate(two) for two in _columns(parts)))
    first = np.arange(len(parts[0]))
    leaked = leaked_share(both.ids, first, np.arange(len(first), len(both)))
    return Split(parts[0], parts[1], leaked)


def _columns(parts: Sequence[Rows]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return [part.plants for part in parts], [part.sensors for part in parts]


def _share(
    data: Labelled, plants: np.ndarray, share: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Plants split in two, each class alike."""
    names = [str(plant) for plant in plants.tolist()]
    classes = [data.names[code] for code in data.codes[plants].tolist()]
    parts = split_by_plant(names, classes, shares=(share, 1 - share), generator=generator)
    return plants[parts[0]], plants[parts[1]]


def _require_every_class(data: Labelled, pool: np.ndarray, labels: float) -> None:
    """Two labelled plants of each class: one to train on and one to be kept aside."""
    for code in np.unique(data.codes[pool]).tolist():
        there = int((data.codes[pool] == code).sum())
        taken = round(labels * there)
        require(
            taken >= 2,
            f"Class {data.names[code]!r} has {taken} labelled plant(s) of {there} in the pool; "
            "every class needs two, one to train on and one to be kept aside. Label a larger "
            "share, or leave the class out.",
        )
