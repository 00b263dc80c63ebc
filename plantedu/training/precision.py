"""In which numbers a step is computed: float32, bfloat16, or float16 with a scaled loss.

    g = grad(c * loss) / c        c doubles after 2,000 good steps in a row, halves at an overflow

float16 ends at 65,504 and begins at 6e-8, so the gradients of a small loss vanish unless it is
multiplied by c first. Where a gradient overflows, the weights stay as they are for that step.
bfloat16 has the range of float32 and needs no c. Weights and optimiser are float32 in all three.

A processor without wide vectors has no bfloat16 either, and oneDNN does it number by number: a step
of the course's denoiser took 16.5 s in place of 1.0 s. There float32 stands in for it, and the run
says so. It is the more exact of the two, with the same range.

A *loss* that is not finite is another matter: the forward pass has then fed it to batch norm's
running mean and to the queue, and skipping an update would not undo that. So the run stops.

Source: Micikevicius et al. 2018, ICLR (scaling of the loss) [micikevicius2018].
Lesson: 04_family.
"""

import math
import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require

AUTOCAST = {"bfloat16": torch.bfloat16, "float16": torch.float16}
SMALLEST = 2.0**-10  # a scale below it means that gradients overflow at any scale

PRECISION = "precision"  # the event of a run that does not compute, or no longer, as asked
STANDS_IN = (
    "This processor does bfloat16 number by number, several times slower: float32 stands in for it."
)
BACK = "As asked from here on; where this run was before, float32 stood in for bfloat16."

Events = tuple[tuple[str, str], ...]


class NotFiniteError(PlantEduError):
    """A loss or its gradients are no numbers; the run stops, its last checkpoint is kept."""


class Arithmetic:
    """Forward pass and update of one precision; the scale is saved with a run."""

    def __init__(self, precision: str = "float32", device: str = "cpu") -> None:
        """Compute in `precision` on `device` ("cpu" or "cuda")."""
        self.device, self.dtype = torch.device(device).type, dtype_of(precision, device)
        self._asked = precision
        self._computes = precision if self.dtype is AUTOCAST.get(precision) else "float32"
        self._before = precision
        self.scaler = torch.amp.GradScaler(self.device, enabled=precision == "float16")

    def forward(self) -> torch.autocast:
        """The context in which the loss is computed."""
        return torch.autocast(self.device, dtype=self.dtype, enabled=self.dtype is not None)

    def update(
        self,
        total: Tensor,
        optimizer: torch.optim.Optimizer,
        shared: Callable[[torch.optim.Optimizer], None] | None = None,
    ) -> Events:
        """Gradients of `total`, and the optimiser's step unless they overflowed.

        Args:
            total: The loss, 0-d and finite.
            optimizer: Moves the weights.
            shared: Averages gradients over processes, before anybody looks at them.

        Returns:
            The event of an overflow, with the scale that the next step will use; and at the first
            update that float32 stands in for bfloat16, or does so no longer.

        Raises:
            NotFiniteError: if gradients overflow at any scale.
        """
        optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(total).backward()
        if shared is not None:
            shared(optimizer)
        before = self.scaler.get_scale()
        self.scaler.step(optimizer)
        self.scaler.update()
        after = self.scaler.get_scale()
        if self._before != self._computes:
            self._before = self._computes
            return ((PRECISION, BACK if self._computes == self._asked else STANDS_IN),)
        if after >= before:
            return ()
        if after < SMALLEST:
            raise NotFiniteError(
                "Gradients in float16 overflow at any scale: train in bfloat16 or float32, or "
                "lower the learning rate. The last checkpoint is kept."
            )
        return (("fp16 overflow", f"this update is skipped; scale is now {after:g}"),)

    def state(self) -> dict[str, Any]:
        """What a bit-exact resume needs, plain JSON; {} where nothing is scaled or stood in for."""
        found = dict(self.scaler.state_dict())
        return found if self._computes == self._asked else found | {"computes": self._computes}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put the scale back; a run of another precision has none and starts with its own."""
        self._before = state.get("computes", self._asked)
        if "scale" in state and self.scaler.is_enabled():
            self.scaler.load_state_dict(dict(state))


def dtype_of(precision: str, device: str) -> torch.dtype | None:
    """What a forward pass is cast to on a device ("cpu", "cuda"); None for float32."""
    slow = precision == "bfloat16" and torch.device(device).type == "cpu" and not has_bfloat16()
    return None if slow else AUTOCAST.get(precision)


def has_bfloat16() -> bool:
    """Whether this processor does bfloat16 many numbers at once, as oneDNN has found; else True."""
    tells = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)  # not in every build
    return tells is None or bool(tells())


def check_finite(loss: float, step: int) -> None:
    """Raise NotFiniteError unless the loss of this step is a number."""
    if not math.isfinite(loss):
        raise NotFiniteError(
            f"The loss is {loss} at step {step}: lower the learning rate or raise epsilon. "
            "The last checkpoint is kept."
        )


def compiled(body: nn.Module, *, backend: str = "inductor") -> None:
    """Let torch.compile rewrite a network's passes, in place; its weights keep their names.

    Raises:
        PlantEduError: for an unknown backend, or where this machine has no C++ compiler.
    """
    known = torch._dynamo.list_backends(exclude_tags=())
    require(backend in known, f"torch.compile has no backend {backend!r} here; it has {known}.")
    compilers = [name for name in (os.environ.get("CXX"), "g++", "clang++", "cl") if name]
    require(
        backend != "inductor" or any(shutil.which(name) for name in compilers),
        f"compile needs a C++ compiler, and none of {', '.join(compilers)} is here: install one, "
        "or leave compile off.",
    )
    body.compile(backend=backend)
