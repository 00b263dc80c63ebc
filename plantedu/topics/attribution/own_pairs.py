"""Maps of one's own pairs, from a file: no mask and no do() there, so nothing is graded.

The file (.npz) holds x1 and x2, "plants 3 height width", uint8 or [0, 1]; and, where the pictures
are named, plants1 and plants2 (or plants for both). `attacks attack-pairs --save` writes one.

Lesson: 09_attribution.
"""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.errors import PlantEduError, require
from plantedu.topics.attribution.methods import Attribution, Check, method
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.results.attribute import Settings
from plantedu.topics.attribution.targets import Scored
from plantedu.training.seeding import generator_for
from plantedu.whole_files import why_unreadable

LARGEST = 256 * 2**20  # bytes, unpacked


def read_pairs(path: Path) -> PairBatch:
    """The pairs of a file.

    Raises:
        PlantEduError: for a file that is not there, is none of these, is too large, or whose
            pictures do not fit together.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(one.file_size for one in packed.infolist())
            require(size <= LARGEST, f"{path} unpacks to {size:,} bytes; the most is {LARGEST:,}.")
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise PlantEduError(f"Cannot read pairs from {path}: {why_unreadable(error)}.") from error
    strange = [name for name, one in found.items() if not isinstance(one, np.ndarray)]
    require(not strange, f"{path}: {', '.join(strange)} is no array of numpy's.")
    missing = [name for name in ("x1", "x2") if name not in found]
    require(not missing, f"{path} holds {', '.join(found) or 'nothing'}; x1 and x2 are needed.")
    plants = found.get("plants", np.empty(0))
    names = [_names(key, found.get(key, plants)) for key in ("plants1", "plants2")]
    x1, x2 = (_picture(name, found[name]) for name in ("x1", "x2"))
    return PairBatch(x1, x2, names[0], names[1])


def own_maps(
    scored: Scored, pair: PairBatch, settings: Settings, *, check: Check = lambda: None
) -> tuple[Attribution, int]:
    """One method's maps of any pairs, and the output that is explained.

    Args:
        scored: The network.
        pair: The pictures.
        settings: See `attribute.Settings`; output -1 is the highest score of the first pair.
        check: Called between chunks; may raise to stop.
    """
    with torch.no_grad():
        highest = int(scored(*pair.rows(slice(0, 1)).both).argmax(1))
    target = highest if settings.output < 0 else scored.target(settings.output)
    how = method(settings.method, **settings.knobs)
    generator = generator_for(settings.seed, "attribute")
    return how(scored, pair, target, generator=generator, check=check), target


def save_maps(path: Path, pair: PairBatch, found: Attribution) -> None:
    """Maps and pictures as a .npz file: relevance, signed, x1, x2, plants.

    Raises:
        PlantEduError: where it cannot be written.
    """
    words: dict[str, Any] = {"relevance": found.relevance, "signed": found.signed}
    for name, x in (("x1", pair.x1), ("x2", pair.x2)):
        words[name] = (x * 255).round().byte().numpy()
    words["plants"] = np.array(pair.plants1, dtype=str)
    try:
        with Path(path).open("wb") as file:
            np.savez_compressed(file, **words)
    except OSError as error:
        raise PlantEduError(f"Cannot write the maps to {path}: {error.strerror}.") from error


def _picture(name: str, x: np.ndarray) -> Tensor:
    kind = x.dtype
    require(
        kind == np.uint8 or np.issubdtype(kind, np.floating),
        f"{name} holds {kind}; pictures are uint8 (0 to 255) or floating (0 to 1).",
    )
    scale = 255.0 if kind == np.uint8 else 1.0
    return torch.from_numpy(np.asarray(x, np.float32)) / scale


def _names(name: str, plants: np.ndarray) -> tuple[str, ...]:
    require(plants.ndim == 1, f"{name} is a row of names; got the shape {plants.shape}.")
    return tuple(str(one) for one in plants.tolist())
