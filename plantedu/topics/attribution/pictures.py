"""Maps as pictures that a page can show: the plant in grey, relevance in colour, masks in outline.

Lesson: 09_attribution.
"""

import base64
import io

import numpy as np
from PIL import Image

ZOOM = 3  # screen pixels a side for one of the picture's
LOW, HIGH = np.array([214.0, 69.0, 20.0]), np.array([255.0, 240.0, 150.0])  # ember to pale
EDGE = np.array([60, 220, 255], dtype=np.uint8)  # outline of a mask


def address(picture: np.ndarray, *, colours: int = 0) -> str:
    """An address of a picture, uint8 "height width 3"; with few colours it takes less room."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    if colours:
        image = image.quantize(colours)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def plain(view: np.ndarray) -> np.ndarray:
    """A picture in [0, 1], "3 height width", enlarged."""
    seen = np.clip(np.rint(view * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return seen.repeat(ZOOM, 0).repeat(ZOOM, 1)


def heat(relevance: np.ndarray, view: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """A map over its picture.

    Args:
        relevance: "height width", scaled to [0, 1]; higher is clipped.
        view: The picture in [0, 1], "3 height width".
        mask: What matters, bool, "height width"; its outline is drawn.
    """
    strength = np.clip(relevance, 0, 1)[..., None]
    grey = (view.mean(0)[..., None] * 110).repeat(3, 2)
    tint = LOW + (HIGH - LOW) * strength
    mixed = grey * (1 - strength) + tint * strength
    seen = np.clip(mixed, 0, 255).astype(np.uint8).repeat(ZOOM, 0).repeat(ZOOM, 1)
    if mask is not None:
        seen[outline(mask.repeat(ZOOM, 0).repeat(ZOOM, 1))] = EDGE
    return seen


def outline(mask: np.ndarray) -> np.ndarray:
    """Pixels of a mask that touch its outside."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


def scaled(relevance: np.ndarray) -> np.ndarray:
    """Both sensors' maps of each plant on one scale: 1 is the highest hundredth of its pixels.

    Args:
        relevance: "2 plants height width".
    """
    top = np.quantile(relevance, 0.99, axis=(0, 2, 3), keepdims=True)
    return relevance / np.where(top > 0, top, 1)
