"""ImageGrid sheets: many small pictures on one, as PNG, and the files of a run that draws them.

Lesson: 05_generation.
"""

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from plantedu.whole_files import write_whole

ENLARGED = 96  # pixels a side of each picture on a sheet, at least
GAP = 4
PAPER = 127


class ImageGrid:
    """Writes what a run has drawn so far, and what it has drawn in the end, into its folder.

    grid/NNN-x1.png and grid/NNN-x2.png after step NNN; x1.png, x2.png, sources.png and
    pictures.npz at the end.

    Args:
        folder: The run's.
        across: Whether places run across and samples down, as along a walk.
        made_by: The command that draws it again; kept in the files.
    """

    def __init__(self, folder: Path, *, across: bool = False, made_by: str = "") -> None:
        self.folder, self.across, self.made_by = Path(folder), across, made_by

    def preview(self, step: int, pictures: Float[Tensor, "place sample channel side side"]) -> None:
        """What would come out now."""
        drawn = (pictures * 255).round().to(torch.uint8).numpy()
        for name, part in views(drawn).items():
            write_whole(self.folder / "grid" / f"{step:03d}-{name}.png", self._sheet(part))

    def finish(
        self,
        pictures: UInt8[np.ndarray, "place sample channel side side"],
        sources: Sequence[tuple[str, UInt8[np.ndarray, "3 side side"]]],
    ) -> None:
        """What came out, and what was represented: name and picture."""
        file, cameras = io.BytesIO(), by_camera(sources, side=pictures.shape[-1])
        np.savez_compressed(file, pictures=pictures, sources=cameras, made_by=self.made_by)
        write_whole(self.folder / "pictures.npz", file.getvalue())
        for name, part in views(pictures).items():
            write_whole(self.folder / f"{name}.png", self._sheet(part))
        if sources:
            shown = np.stack([picture for _, picture in sources])[None]
            write_whole(self.folder / "sources.png", sheet(shown, columns=len(shown[0])))

    def _sheet(self, pictures: UInt8[np.ndarray, "place sample 3 side side"]) -> bytes:
        if not self.across:
            return sheet(pictures)
        return sheet(pictures.swapaxes(0, 1), columns=len(pictures))


def by_camera(
    sources: Sequence[tuple[str, UInt8[np.ndarray, "3 side side"]]], *, side: int
) -> UInt8[np.ndarray, "n 3 side side"]:
    """What was represented, one picture a camera: X1, then X2, then X2 of other plants.

    Args:
        sources: Name and picture: "X1", "X2", "X1, attacked" in the place of X1, "plant 7, X2";
            other names, such as the plant at the end of an interpolation, are left out. One alone
            is always kept.
        side: Pixels a side, where there is none.
    """
    found = {name[:2]: picture for name, picture in sources if name.startswith(("X1", "X2"))}
    cameras = [found[name] for name in ("X1", "X2") if name in found]
    cameras += [picture for name, picture in sources if name.endswith(", X2")]
    cameras = cameras or [picture for _, picture in sources[:1]]
    return np.stack(cameras) if cameras else np.zeros((0, 3, side, side), np.uint8)


def views(
    pictures: UInt8[np.ndarray, "place sample channel side side"],
) -> dict[str, UInt8[np.ndarray, "place sample 3 side side"]]:
    """The pictures of each sensor that was drawn."""
    parts = pictures.shape[2] // 3
    return {f"x{k + 1}": pictures[:, :, 3 * k : 3 * k + 3] for k in range(parts)}


def sheet(
    pictures: UInt8[np.ndarray, "place sample channel side side"], *, columns: int = 0
) -> bytes:
    """Pictures in rows, as PNG: a row for each place; one place alone fills a square.

    Six channels are shown as X1 above X2.
    """
    if pictures.shape[2] > 3:
        pictures = np.concatenate(list(views(pictures).values()), axis=0)
    places, samples, _, side, _ = pictures.shape
    across = columns or (samples if places > 1 else math.ceil(math.sqrt(samples)))
    rows = places if places > 1 else math.ceil(samples / across)
    times = max(1, math.ceil(ENLARGED / side))
    cell = side * times + GAP
    paper = np.full((rows * cell - GAP, across * cell - GAP, 3), PAPER, np.uint8)
    for k, picture in enumerate(pictures.reshape(-1, *pictures.shape[2:])):
        top, left = cell * (k // across), cell * (k % across)
        large = picture.transpose(1, 2, 0).repeat(times, 0).repeat(times, 1)
        paper[top : top + len(large), left : left + len(large)] = large
    file = io.BytesIO()
    Image.fromarray(paper).save(file, "PNG")
    return file.getvalue()
