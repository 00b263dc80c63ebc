"""Checkpoints: safetensors with JSON beside the tensors, written whole or not at all.

Nothing here loads a pickle: a pickle runs code when it is read. The tensors' own hash stands in
the file, so a flipped bit is found too, which safetensors alone would not notice.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from plantedu.errors import PlantEduError, require
from plantedu.whole_files import write_whole

FORMAT = "plantedu-1"
PICKLES = (b"PK\x03\x04", b"\x80")  # torch.save's zip, and a bare pickle


def save_checkpoint(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
    """Write tensors and what belongs to them.

    Args:
        path: Where; a file that is there is replaced in one step.
        tensors: Of any kind and device.
        meta: Plain JSON.

    Raises:
        DiskFullError: if the disk is full; nothing is then left behind, earlier files stay.
        PlantEduError: if it cannot be written, or `meta` is no JSON.
    """
    whole = {name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
             for name, tensor in tensors.items()}  # fmt: skip
    try:
        words = {"format": FORMAT, "meta": json.dumps(meta), "sha256": tensors_hash(whole)}
    except (TypeError, ValueError) as error:
        raise PlantEduError(f"A checkpoint's meta must be plain JSON: {error}.") from error
    write_whole(Path(path), save(whole, words))


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and meta of a checkpoint, on the CPU.

    Raises:
        PlantEduError: if the file is missing, cut short, damaged, a pickle, or not plantedu's.
    """
    path = Path(path)
    tensors, words = _read(path)
    require(
        words.get("format") == FORMAT,
        f"{path.name} is a safetensors file, but no checkpoint of plantedu ({FORMAT}).",
    )
    return tensors, json.loads(words["meta"])


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors of any safetensors file, on the CPU; the meta of a checkpoint, {} of others.

    Raises:
        PlantEduError: if the file is missing, cut short, damaged or a pickle.
    """
    tensors, words = _read(Path(path))
    return tensors, json.loads(words["meta"]) if words.get("format") == FORMAT else {}


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and words of a safetensors file; a checkpoint's are compared with their hash."""
    _check_start(path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            words = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise PlantEduError(
            f"{path.name} cannot be read as a checkpoint ({error}): it was cut short or damaged. "
            "Use another copy of it, or an earlier checkpoint of the run."
        ) from error
    require(
        words.get("format") != FORMAT or words.get("sha256") == tensors_hash(tensors),
        f"{path.name} is damaged: its numbers do not match the hash they were saved with. "
        "Use another copy of it, or an earlier checkpoint of the run.",
    )
    return tensors, words


def _check_start(path: Path) -> None:
    """Refuse what is no safetensors file by its first bytes."""
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read: {error.strerror}.") from error
    require(
        not start.startswith(PICKLES) or start[8:9] == b"{",
        f"{path.name} is a pickle (torch.save). Loading one runs whatever code is in it, so "
        "plantedu reads safetensors only; convert it with `safetensors.torch.save_file`.",
    )


def tensors_hash(tensors: Mapping[str, Tensor]) -> str:
    """sha256 over names, types, shapes and bytes, in the order of the names."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        found.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        found.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where a run's checkpoint of a step lies."""
    return Path(folder) / "checkpoints" / f"step-{step:06d}.safetensors"


def newest_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The latest checkpoint of a run that reads back; None where there is none."""
    for path in sorted((Path(folder) / "checkpoints").glob("step-*.safetensors"), reverse=True):
        with contextlib.suppress(PlantEduError):
            return load_checkpoint(path)
    return None
