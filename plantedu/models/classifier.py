"""A classifier of plants: one encoder for both sensors, and a small head on what it says of them.

    both         h = [f(x1), f(x2)]      one row a plant
    rgb, rgn     h = f(x)                one row a plant
    either       h = f(x)                one row an image, which has the label of its plant

    logits = W n(h) + b     or, with a hidden layer,     W2 relu(W1 n(h) + b1) + b2

where n brings each feature to mean 0 and variance 1 (batch norm without weights of its own), so
that one learning rate suits every encoder. A frozen encoder is frozen whole: its weights get no
gradient, and its batch norms neither move nor use the batch, which a plain `requires_grad = False`
leaves them doing.

Lesson: 04_family.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from timm.models import group_parameters
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.models.encoders import Encoder

VIEWS_OF: dict[str, int] = {"rgb": 1, "rgn": 1, "both": 2, "either": 1}
Events = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LabelledCrops:
    """Crops of one batch with what they show: soft targets to learn, and the plain labels."""

    views: Float[Tensor, "views batch 3 side side"]
    targets: Float[Tensor, "batch classes"]
    labels: Int[Tensor, " batch"]


@dataclass(frozen=True)
class ClassifierLoss:
    """Total, named parts (0-d) and the events of a step."""

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    events: Events = ()


class Regulariser(Protocol):
    """Adds a term to the cross-entropy; sees features that are detached inside."""

    def term(
        self, features: Tensor, logits: Tensor, labels: Tensor, step: int
    ) -> tuple[Tensor, dict[str, Tensor]]: ...


class PairClassifier(nn.Module):
    """Encoder, head, and the loss that trains them.

    Attributes:
        encoder: f, images in [0, 1] to features.
        head: Features to logits.
        sensors: What a row is: a key of VIEWS_OF.
        dim: Width of h.
        classes: How many classes there are.
        frozen: Whether the encoder is frozen now.
        regulariser: A term beside the cross-entropy; None for none.
        step: Training steps done; part of the state that is saved.
    """

    step: Tensor

    def __init__(
        self,
        encoder: Encoder,
        *,
        classes: int,
        sensors: str = "both",
        hidden: int = 0,
        frozen_steps: int = 0,
        seed: int,
    ) -> None:
        """Put a head on an encoder.

        Args:
            encoder: Images in [0, 1] to features.
            classes: How many classes, 2 or more.
            sensors: A key of VIEWS_OF.
            hidden: Width of the head's hidden layer; 0 for a linear head.
            frozen_steps: First steps in which the encoder is frozen.
            seed: Seed of the head; global random state is left as it was.

        Raises:
            PlantEduError: for a knob out of range.
        """
        super().__init__()
        known = ", ".join(VIEWS_OF)
        require(sensors in VIEWS_OF, f"sensors must be one of {known}; got {sensors!r}.")
        require(classes >= 2, f"A classifier needs 2 classes or more, got {classes}.")
        require(hidden >= 0, f"hidden must be 0 (a linear head) or more, got {hidden}.")
        require(frozen_steps >= 0, f"frozen_steps must be 0 or more, got {frozen_steps}.")
        self.encoder, self.sensors, self.classes = encoder, sensors, classes
        self.dim = encoder.dim * VIEWS_OF[sensors]
        self.frozen_steps = frozen_steps
        self.regulariser: Regulariser | None = None
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.head = _head(self.dim, hidden, classes)
        self.register_buffer("step", torch.zeros((), dtype=torch.long))
        self.frozen = False
        self.freeze(frozen_steps > 0)

    def freeze(self, frozen: bool) -> None:
        """Freeze the encoder, weights and batch norms, or let it go."""
        self.frozen = frozen
        self.encoder.requires_grad_(not frozen)
        self.encoder.train(self.training and not frozen)

    def train(self, mode: bool = True) -> "PairClassifier":
        """Training mode for the head, and for the encoder unless it is frozen."""
        super().train(mode)
        self.encoder.train(mode and not self.frozen)
        return self

    def features(
        self, views: Float[Tensor, "views batch 3 height width"]
    ) -> Float[Tensor, "batch dim"]:
        """h of every row; both sensors pass the encoder in one batch.

        Raises:
            PlantEduError: for another number of views than `sensors` has.
        """
        wanted = VIEWS_OF[self.sensors]
        require(
            len(views) == wanted,
            f"sensors {self.sensors!r} needs {wanted} view(s) of each row, got {len(views)}.",
        )
        h = self.encoder(views.flatten(0, 1)).unflatten(0, views.shape[:2])
        return h.transpose(0, 1).flatten(1)

    def forward(
        self, views: Float[Tensor, "views batch 3 height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Logits of every row, float32."""
        return self.head(self.features(views)).float()

    def loss(self, batch: LabelledCrops) -> ClassifierLoss:
        """Cross-entropy with the targets, and the regulariser's term; moves the step counter."""
        step = int(self.step)
        events = self._release(step)
        h = self.features(batch.views)
        logits = self.head(h).float()
        total = F.cross_entropy(logits, batch.targets)
        right = (logits.argmax(1) == batch.labels).float().mean()
        parts = {"cross_entropy": total.detach(), "accuracy/train": right}
        if self.regulariser is not None:
            term, named = self.regulariser.term(h, logits, batch.labels, step)
            total, parts = total + term, parts | named
        self.step += 1
        return ClassifierLoss(total, parts, events)

    def _release(self, step: int) -> Events:
        """Freeze or let go as the step says; the event of the step in which the encoder goes."""
        frozen = step < self.frozen_steps
        if frozen != self.frozen:
            self.freeze(frozen)
        first = 0 < step == self.frozen_steps
        return (("encoder released", f"frozen for {step} steps"),) if first else ()


def _head(dim: int, hidden: int, classes: int) -> nn.Sequential:
    """Normalise, then one linear layer or two with a ReLU between them."""
    middle = [nn.Linear(dim, hidden), nn.ReLU(inplace=True)] if hidden else []
    last = nn.Linear(hidden or dim, classes)
    return nn.Sequential(nn.BatchNorm1d(dim, affine=False), *middle, last)


def stages(encoder: Encoder) -> list[list[nn.Parameter]]:
    """An encoder's weights by depth, stem first; one stage where timm does not know the depth."""
    weights = dict(encoder.body.named_parameters())
    matcher = getattr(encoder.body, "group_matcher", None)
    if matcher is None:
        return [list(weights.values())]
    groups = group_parameters(encoder.body, matcher(coarse=True))
    found = [[weights[name] for name in groups[k] if name in weights] for k in sorted(groups)]
    return [stage for stage in found if stage]
