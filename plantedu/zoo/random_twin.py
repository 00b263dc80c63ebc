"""The random-init control of any network: the same architecture, drawn anew, batch norms settled.

    timm        weights as timm starts that network
    else        every module that knows how starts again (`reset_parameters`); a parameter that no
                module resets (a class token, a layer scale) has its numbers shuffled, so that
                their sizes stay and what they say goes

Batch norms are then settled on pictures, as those of the course's own control are
(`random_init.py`): in evaluation mode a network whose norms have seen nothing does not normalise.

Lesson: 07_spectrum.
"""

import copy
from typing import Any

import timm
import torch
from torch import Tensor, nn

from plantedu.zoo.random_init import settle

SETTLED_OWN = 64  # pictures that a foreign control's batch norms see


def random_twin(network: nn.Module, *, seed: int, pictures: tuple[Tensor, ...]) -> nn.Module:
    """A copy of a network that learned nothing, in evaluation mode.

    Args:
        network: Any; left as it is.
        seed: Of the weights; global random state is left as it was.
        pictures: Normalised pictures, "batch 3 side side" a camera, for its batch norms.
    """
    twin = copy.deepcopy(network)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.default_generator.manual_seed(seed)
        fresh = _by_timm(network)
        if fresh is not None:
            twin.load_state_dict(fresh)
        else:
            _start_again(twin)
    settle(twin, pictures[0], lambda _: twin(*pictures))
    return twin.requires_grad_(False)


def _by_timm(network: nn.Module) -> dict[str, Tensor] | None:
    """Weights of a fresh network of the same name; None where its shapes are others."""
    config: Any = getattr(network, "pretrained_cfg", None) or getattr(network, "default_cfg", {})
    name = str(config.get("architecture") or "") if isinstance(config, dict) else ""
    if not name or not timm.is_model(name):
        return None
    own = network.state_dict()
    classes = int(getattr(network, "num_classes", 0) or 0)
    try:
        fresh = timm.create_model(name, pretrained=False, num_classes=classes).state_dict()
    except (TypeError, RuntimeError, AssertionError, ValueError):
        return None
    same = own.keys() == fresh.keys() and all(own[k].shape == fresh[k].shape for k in own)
    return fresh if same else None


def _start_again(network: nn.Module) -> None:
    done: set[int] = set()
    for part in network.modules():
        own = list(part.parameters(recurse=False))
        again: Any = getattr(part, "reset_parameters", getattr(part, "_reset_parameters", None))
        if own and callable(again):
            try:
                again()
                done |= {id(p) for p in own}
            except TypeError:  # it wants something that nobody here knows
                pass
    for parameter in network.parameters():
        if id(parameter) not in done:
            flat = parameter.flatten()
            parameter.copy_(flat[torch.randperm(len(flat))].view_as(parameter))
