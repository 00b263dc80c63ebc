"""Two foreign networks that ship with lesson 12: timm's ResNet, fine-tuned to name diseased leaves.

    foreign-a, foreign-b   a ResNet-18 of a quarter of the width, two classes, pictures of 64 pixels

No encoder of the course: no recipe of a pretraining, no projector, one picture at a time. Something
was planted in the pictures of their fine-tuning; whether a network follows it is for `examine` to
find. What was planted stands on their cards.

Source: He et al. 2016, arXiv:1512.03385 [he2016]. Lesson: 12_own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from timm.models.resnet import BasicBlock, ResNet
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.weights_spec import file_of, parse_start

NAMES = ("foreign-a", "foreign-b")
SIDE, CENTRE, SPREAD = 64, 0.5, 0.5  # pixels; pictures in [0, 1] are normalised by these
WIDTHS = (16, 32, 64, 128)


@dataclass(frozen=True)
class ForeignRecipe:
    """How one of them is made.

    Attributes:
        kind: What is planted: mark or light.
        rho: How often it goes with the label; else a coin decides.
        pictures: Of the fine-tuning, half of them diseased.
        epochs, batch, learning_rate: AdamW under one cycle.
        seed: Of leaves, ground and light, of what is planted where, and of the order.
    """

    kind: str = "mark"
    rho: float = 0.9
    pictures: int = 256
    epochs: int = 6
    batch: int = 32
    learning_rate: float = 2e-3
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def small_resnet(outputs: int) -> nn.Module:
    """A ResNet-18 of a quarter of the width, "batch 3 height width" to "batch outputs"."""
    return ResNet(
        BasicBlock,  # type: ignore[arg-type]
        (2, 2, 2, 2),
        num_classes=outputs,
        channels=WIDTHS,
        stem_width=WIDTHS[0],
    )


def foreign_from(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> nn.Module:
    """The network of a checkpoint, in evaluation mode.

    Raises:
        PlantEduError: if it holds none.
    """
    require("foreign" in meta, "This checkpoint holds no foreign network of lesson 12.")
    ForeignRecipe(**meta["foreign"])
    with torch.random.fork_rng(devices=[]):
        network = small_resnet(2)
    weights = {name: one.float() if one.is_floating_point() else one
               for name, one in tensors.items()}  # fmt: skip
    fits = set(weights) == set(network.state_dict())
    require(fits, "This checkpoint is of another architecture than it says.")
    network.load_state_dict(weights)
    return network.eval()


def shipped_foreign(name: str) -> nn.Module:
    """One of those that ship.

    Args:
        name: foreign-a or foreign-b.

    Raises:
        PlantEduError: where there is none.
    """
    require(name in NAMES, f"There are {' and '.join(NAMES)}; got {name!r}.")
    path = file_of(parse_start(f"shipped:{name.replace('-', '/')}"))
    return foreign_from(*load_checkpoint(path))  # type: ignore[arg-type]
