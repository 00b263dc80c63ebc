"""Attacked pairs given back: as pictures that a page can show, and as a file.

The file holds attacked and clean pairs with their labels and plants, so that anything else can be
fed with them, such as a generator that is conditioned on what an encoder sees.

Lesson: 08_attacks.
"""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from plantedu.data.renderer.factors import SENSORS, factor
from plantedu.errors import PlantEduError
from plantedu.topics.attacks.results.attack_pairs import AMPLIFIED, Example
from plantedu.topics.attacks.setup import Setup

CLASSES = factor("disease").levels


def example(setup: Setup, pictures: np.ndarray, row: int) -> Example:
    """One plant before and after, in pictures and words."""
    clean, new = setup.views[:, row].numpy(), pictures[:, row]
    before, after = (setup.said(x, row) for x in (clean, new))
    shown = {}
    for sensor, was, now in zip(SENSORS, clean, new, strict=True):
        moved = now.astype(np.int16) - was.astype(np.int16)
        seen = np.clip(128 + AMPLIFIED * moved, 0, 255).astype(np.uint8)
        shown |= {sensor: was, f"{sensor} attacked": now, f"{sensor} change": seen}
    size = np.abs(new.astype(int) - clean.astype(int)).max((1, 2, 3)).tolist()
    return Example(
        int(setup.plants[row]),
        CLASSES[int(setup.labels[row])],
        before,
        after,
        {name: _address(x) for name, x in shown.items()},
        (float(size[0]), float(size[1])),
    )


def _address(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0))).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def save_pairs(path: Path, setup: Setup, pictures: np.ndarray) -> None:
    """Attacked and clean pairs with labels and plants, as a .npz file.

    Raises:
        PlantEduError: where it cannot be written.
    """
    clean = setup.views.numpy()
    words = {"x1": pictures[0], "x2": pictures[1], "clean1": clean[0], "clean2": clean[1]}
    try:
        with Path(path).open("wb") as file:
            np.savez_compressed(file, **words, labels=setup.labels.numpy(), plants=setup.plants)
    except OSError as error:
        raise PlantEduError(f"Cannot write the pairs to {path}: {error.strerror}.") from error
