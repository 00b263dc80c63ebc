"""What a probe reads from the network that never learned: the start that a trained one must beat.

Beside a network in somebody's loop runs its random-init twin (`zoo/random_twin.py`), on the same
pictures, through the probe's first episode; then it is let go. What its probe reaches there is what
random weights give away by themselves. The twin costs one forward pass a batch while it runs.

Lesson: 04_family.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError
from plantedu.training.layer_probe import LayerProbe, find_layer
from plantedu.training.online_probes import evaluating
from plantedu.zoo.random_twin import random_twin

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class RandomStart:
    """The twin and its probes; touches neither the network nor any random state.

    Attributes:
        note: Why there is no twin, where the network cannot be copied or started anew; "" else.
    """

    def __init__(
        self, layers: Mapping[str, str | nn.Module], made: Callable[[], LayerProbe], seed: int
    ) -> None:
        """Set up; the twin is made with the first pictures.

        Args:
            layers: Layers to read by the name that keys carry.
            made: A fresh probe, as the network's own.
            seed: Of the twin's weights.
        """
        self.layers, self.probes = layers, {name: made() for name in layers}
        self.seed, self.note = seed, ""
        self.twin: nn.Module | None = None

    def see(self, net: nn.Module, given: tuple[Any, ...]) -> None:
        """Pass what the network was given through the twin as well."""
        if self.note:
            return
        places = [one.device for one in net.parameters() if one.device.type == "cuda"]
        with torch.random.fork_rng(devices=sorted({d.index or 0 for d in places})):
            try:
                twin = self.twin or self._born(net, given)
                with evaluating(twin):
                    twin(*given)
            except (RuntimeError, TypeError, ValueError, AttributeError, PlantEduError) as error:
                said = " ".join(str(error).split())[:120]
                self.note = f"No random-init start: the network has no twin ({said})."

    def read(self, labels: Tensor) -> dict[str, float]:
        """Accuracy by layer on the batch that has just passed, before the probes learn from it."""
        if self.note or self.twin is None:
            return {}
        found = {name: probe.read(labels, learn=True) for name, probe in self.probes.items()}
        return {name: one.accuracy for name, one in found.items() if one.n}

    def end(self) -> None:
        """Let the twin go."""
        for probe in self.probes.values():
            probe.detach()
        self.twin = None

    def _born(self, net: nn.Module, given: tuple[Any, ...]) -> nn.Module:
        """The twin, with none of the hooks that others have put on the network."""
        if not given or not all(isinstance(one, Tensor) for one in given):
            raise TypeError("it is given other things than tensors")
        bare = _without_hooks(net)
        self.twin = random_twin(bare, seed=self.seed, pictures=tuple(one.detach() for one in given))
        for name, layer in self.layers.items():
            self.probes[name].attach(find_layer(self.twin, layer))
        return self.twin


def _without_hooks(net: nn.Module) -> nn.Module:
    """A copy that calls nobody: hooks are taken off while it is made, and put back."""
    held = [(part, name, getattr(part, name)) for part in net.modules() for name in HOOKS]
    try:
        for part, name, hooks in held:
            setattr(part, name, type(hooks)())
        return copy.deepcopy(net)
    finally:
        for part, name, hooks in held:
            setattr(part, name, hooks)
