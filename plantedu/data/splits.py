"""Splits by plant: a plant's pictures stay on one side, whatever the labels and the shares.

A plant is what is left of a file's name without its ending and `_rgn`. The published split of the
rice challenge was drawn over rows, which put the twin of about four validation pictures in five
into training; `split_by_row` does the same, so that a lesson can show what it costs.
"""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import require

Parts = tuple[np.ndarray, ...]
PICTURES = (".jpg", ".jpeg", ".png")
RGN = "_rgn"


@dataclass(frozen=True)
class Name:
    """What a picture's name says.

    Attributes:
        plant: Whose picture it is, accents composed.
        rgn: Whether it is the RGN one of its pair.
        ending: `.jpg` and the like in small letters; "" without one.
    """

    plant: str
    rgn: bool
    ending: str


def name_of(name: str) -> Name:
    """The parts of a name; encodings of accents, the case of ending and `_rgn` do not count."""
    name = unicodedata.normalize("NFC", name)
    stem, ending = os.path.splitext(name)
    stem, ending = (stem, ending.lower()) if ending.lower() in PICTURES else (name, "")
    rgn = stem.lower().endswith(RGN)
    return Name(stem[: -len(RGN)] if rgn else stem, rgn, ending)


def plant_of(name: str) -> str:
    """Plant of a picture: `id_7_rgn.jpg`, `id_7.JPG` and `id_7` are all `id_7`."""
    return name_of(name).plant


def split_by_plant(
    ids: Sequence[str],
    labels: Sequence[str],
    *,
    shares: Sequence[float],
    generator: np.random.Generator,
) -> Parts:
    """Rows of each part; each label is shared out alike, to within one plant.

    Args:
        ids: Name of each row's picture or plant, "row"; twins need not be neighbours.
        labels: Label of each row, "row"; the same for all rows of a plant.
        shares: Share of the plants in each part; they sum to 1.
        generator: Shuffles the plants.

    Returns:
        One int64 array of rows per share, in shuffled order of plants.

    Raises:
        PlantEduError: for shares that do not sum to 1, a plant with two labels, or a part that
            would be empty.
    """
    rows, label_of = _plants(ids, labels)
    parts: list[list[str]] = [[] for _ in _cuts(shares)]
    for label in sorted(set(label_of.values())):
        members = [plant for plant in rows if label_of[plant] == label]
        shuffled = [members[k] for k in generator.permutation(len(members))]
        for part, some in zip(parts, _deal(shuffled, shares), strict=True):
            part.extend(some)
    _refuse_empty(parts, shares, f"{len(rows)} plants")
    mixed = [[part[k] for k in generator.permutation(len(part))] for part in parts]
    return tuple(np.array([r for p in part for r in rows[p]], dtype=np.int64) for part in mixed)


def folds_by_plant(
    ids: Sequence[str], labels: Sequence[str], *, folds: int, generator: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and held-out rows of each of `folds` rounds; each plant is held out once.

    Raises:
        PlantEduError: as `split_by_plant`; also for fewer than 2 folds.
    """
    require(folds >= 2, f"Folds are at least 2; got {folds}.")
    parts = split_by_plant(ids, labels, shares=[1 / folds] * folds, generator=generator)
    rest = [np.concatenate([p for p in parts if p is not held_out]) for held_out in parts]
    return list(zip(rest, parts, strict=True))


def split_by_row(
    ids: Sequence[str], *, shares: Sequence[float], generator: np.random.Generator
) -> Parts:
    """The leaky split: rows are split without asking whose they are. For teaching only.

    Raises:
        PlantEduError: for shares that do not sum to 1, or a part that would be empty.
    """
    rows = [int(row) for row in generator.permutation(len(ids))]
    parts = _deal(rows, shares)
    _refuse_empty(parts, shares, f"{len(rows)} rows")
    return tuple(np.array(part, dtype=np.int64) for part in parts)


def leaked_share(ids: Sequence[str], train: np.ndarray, held_out: np.ndarray) -> float:
    """Share of the held-out rows whose plant also stands in training; 0 is the honest answer."""
    seen = {plant_of(ids[int(row)]) for row in train}
    return float(np.mean([plant_of(ids[int(row)]) in seen for row in held_out]))


def _plants(
    ids: Sequence[str], labels: Sequence[str]
) -> tuple[dict[str, list[int]], dict[str, str]]:
    """Rows of each plant and its label, in the order in which the plants come first."""
    require(
        len(ids) == len(labels),
        f"Every row needs a label: got {len(ids)} ids and {len(labels)} labels.",
    )
    rows: dict[str, list[int]] = {}
    label_of: dict[str, str] = {}
    for row, (name, label) in enumerate(zip(ids, labels, strict=True)):
        plant = plant_of(name)
        rows.setdefault(plant, []).append(row)
        first = label_of.setdefault(plant, label)
        require(first == label, f"{plant} is labelled {first} and {label}: mend its rows first.")
    return rows, label_of


def _cuts(shares: Sequence[float]) -> np.ndarray:
    """Cumulative shares, checked."""
    cuts = np.cumsum(shares)
    fine = len(cuts) > 0 and min(shares) > 0 and abs(cuts[-1] - 1) < 1e-9
    require(bool(fine), f"Shares are above 0 and sum to 1; got {tuple(shares)}.")
    return cuts


def _deal(things: list, shares: Sequence[float]) -> list[list]:
    """Consecutive pieces of `things`, as long as the shares say, to within one."""
    ends = [round(cut * len(things)) for cut in _cuts(shares)]
    return [things[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _refuse_empty(parts: Sequence[Sequence], shares: Sequence[float], what: str) -> None:
    require(
        all(parts),
        f"{what} are too few to split {tuple(round(s, 3) for s in shares)}: a part would be empty.",
    )
