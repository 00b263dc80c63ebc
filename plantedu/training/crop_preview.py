"""A strip of what the encoder is fed: the crops of a few plants, X1 above X2, as one PNG."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from plantedu.data.crops import CropBatch
from plantedu.training.fit import Observer, Record, State


def strip(crops: CropBatch, *, plants: int = 10, gap: int = 2) -> np.ndarray:
    """Large crops side by side, one row a view, "height width 3" uint8.

    Args:
        crops: A batch as the objective gets it, in [0, 1].
        plants: How many plants to show.
        gap: White pixels between crops.
    """
    shown = crops.large[:, :plants].detach().cpu().clamp(0, 1)
    views, count, _, side, _ = shown.shape
    sheet = torch.ones(3, views * (side + gap) - gap, count * (side + gap) - gap)
    for view in range(views):
        for plant in range(count):
            top, left = view * (side + gap), plant * (side + gap)
            sheet[:, top : top + side, left : left + side] = shown[view, plant]
    return (sheet.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


class CropStrip(Observer):
    """Writes the first batch's strip into a folder as crops.png."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "crops.png"

    def on_step(self, state: State, record: Record) -> None:
        if state.batch is not None and not self.path.exists():
            Image.fromarray(strip(state.batch)).save(self.path)
