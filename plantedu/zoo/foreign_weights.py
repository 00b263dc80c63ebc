"""Weights of a foreign network from a file: safetensors, or torch's state dict without any code.

A state dict is read with `weights_only=True`: torch then refuses everything that is no tensor,
number, text or container of these. Words that frameworks put before names (`module.`, `model.`,
`backbone.`, `encoder.`) are left out, as for the course's own starts.

Lesson: 04_family.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.training.checkpoints import PICKLES, read_weights
from plantedu.training.initial_weights import fill, wrapper_of

INSIDE = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "ema")


def file_tensors(path: Path) -> dict[str, Tensor]:
    """Tensors of a safetensors file or of a torch file that holds nothing but weights.

    Raises:
        PlantEduError: for a file that is not there, damaged, or holds more than weights.
    """
    require(path.is_file(), f"There is no file {path}.")
    with path.open("rb") as file:
        start = file.read(9)
    if not start.startswith(PICKLES) or start[8:9] == b"{":
        return read_weights(path)[0]
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever a damaged or forbidden pickle made it raise
        said = " ".join(str(error).split())[:120]
        raise PlantEduError(
            f"{path.name} is no file of weights alone, and a pickle with more in it may run code "
            f"({type(error).__name__}: {said}). Save the state dict: torch.save(net.state_dict(), "
            "FILE), or safetensors."
        ) from error
    return _tensors(found, path.name)


def load_into(network: nn.Module, tensors: Mapping[str, Tensor], file: str, name: str) -> str:
    """Fill a network, whole or not at all; what was left out of names, in words.

    Raises:
        PlantEduError: for weights of another architecture, or that are not finite.
    """
    known = set(network.state_dict())
    word = wrapper_of(tensors, known)
    inside = {k.removeprefix(word): v for k, v in tensors.items() if k.startswith(word)}
    fill(network, inside, file, name=name)
    left = len(tensors) - len(inside)
    beside = f", {left} weights beside it left alone" if left else ""
    return f" (names without {word!r}{beside})" if word else ""


def _tensors(found: object, file: str) -> dict[str, Tensor]:
    """The state dict of a torch file, where frameworks keep it."""
    for _ in range(3):
        if not isinstance(found, Mapping):
            break
        tensors = {str(k): v for k, v in found.items() if isinstance(v, Tensor)}
        if tensors:
            return tensors
        found = next((found[k] for k in INSIDE if k in found), None)
    raise PlantEduError(
        f"{file} holds no state dict: a dict of tensors by name, or one under {', '.join(INSIDE)}."
    )
