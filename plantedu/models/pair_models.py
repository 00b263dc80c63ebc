"""What is attacked: networks that take pairs in [0, 1] and shrink and normalise for themselves.

    views, "2 batch 3 height width"  ->  logits, "batch classes"        (Namer, LateFusion)
                                     ->  unit embeddings, "batch 2 dim" (Embedder)
                                     ->  logits and cos(z_1, z_2)       (Watched)

Shrinking to the side that an encoder was trained at is inside, so that slopes reach the camera's
own pixels: an attacker changes files, not tensors.

Lesson: 08_attacks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.data.renderer.factors import SENSORS
from plantedu.models.classifier import PairClassifier
from plantedu.models.swav import SwAV


class Victim(nn.Module):
    """A network in evaluation mode whose weights ask for no slope of their own."""

    def __init__(self, *parts: nn.Module, side: int) -> None:
        super().__init__()
        self.parts, self.side = nn.ModuleList(parts), side
        self.requires_grad_(False)
        self.eval()

    def shrunk(self, views: Tensor) -> Tensor:
        """Views at the side that the encoder was trained at."""
        if views.shape[-1] == self.side:
            return views
        size = (self.side, self.side)
        flat = F.interpolate(views.flatten(0, 1), size=size, mode="bilinear", antialias=True)
        return flat.unflatten(0, views.shape[:2])


def seen_by(sensors: str, views: Tensor) -> Tensor:
    """The views that a classifier of these sensors takes."""
    return views if sensors == "both" else views[SENSORS.index(sensors)][None]


class Namer(Victim):
    """A classifier of RGB, of RGN, or of both."""

    def __init__(self, classifier: PairClassifier, *, side: int) -> None:
        super().__init__(classifier, side=side)
        self.classifier = classifier

    def forward(self, views: Tensor) -> Tensor:
        return self.classifier(self.shrunk(seen_by(self.classifier.sensors, views)))


class Features(Victim):
    """What a classifier's last layers are fed with, "batch dim"."""

    def __init__(self, classifier: PairClassifier, *, side: int) -> None:
        super().__init__(classifier, side=side)
        self.classifier = classifier

    def forward(self, views: Tensor) -> Tensor:
        return self.classifier.features(self.shrunk(seen_by(self.classifier.sensors, views)))


class LateFusion(Victim):
    """Two classifiers of one sensor each; their probabilities are averaged: the baseline."""

    def __init__(self, first: PairClassifier, second: PairClassifier, *, side: int) -> None:
        super().__init__(first, second, side=side)

    def forward(self, views: Tensor) -> Tensor:
        views = self.shrunk(views)
        logs = [
            part(seen_by(part.sensors, views)).log_softmax(1)  # type: ignore[arg-type]
            for part in self.parts
        ]
        return torch.stack(logs).logsumexp(0) - torch.log(torch.tensor(float(len(logs))))


class Embedder(Victim):
    """Where an encoder puts either picture."""

    def __init__(self, objective: SwAV, *, side: int) -> None:
        super().__init__(objective, side=side)
        self.objective = objective

    def forward(self, views: Tensor) -> Tensor:
        z = self.objective.project(self.shrunk(views).flatten(0, 1))
        return z.unflatten(0, views.shape[:2]).transpose(0, 1)

    @property
    def prototypes(self) -> Tensor:
        """C, unit rows."""
        return F.normalize(self.objective.prototypes, dim=1)


class Watched(Victim):
    """A classifier on an encoder, and whether that encoder's two embeddings still agree."""

    def __init__(self, objective: SwAV, head: nn.Module, *, side: int) -> None:
        super().__init__(objective, head, side=side)
        self.objective, self.head = objective, head

    def forward(self, views: Tensor) -> Tensor:
        h = self.objective.encoder(self.shrunk(views).flatten(0, 1))
        z = F.normalize(self.objective.projector(h), dim=1).unflatten(0, views.shape[:2])
        joined = h.unflatten(0, views.shape[:2]).transpose(0, 1).flatten(1)
        return torch.cat([self.head(joined), (z[0] * z[1]).sum(1, keepdim=True)], 1)
