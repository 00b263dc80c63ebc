"""What a map explains: one number for each pair, as a network of (x1, x2) that captum can take.

    class        s_c = l_c - mean of the other logits       "batch classes"
    prototype    s_k = (z1 . c_k + z2 . c_k) / 2            "batch prototypes"
    similarity   s   = z1 . z2                              "batch 1"

A constant added to all logits changes no probability, so a class is explained by its lead over
the others. Both pictures pass the encoder in one call, which hooks on its layers rely on.

Lesson: 09_attribution.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.models.pair_models import Embedder


class Scored(nn.Module):
    """A network of two pictures, "batch 3 height width" each in [0, 1], and its scores.

    Attributes:
        outputs: How many scores there are.
        names: What each is called; empty where a number says all.
    """

    outputs: int
    names: tuple[str, ...] = ()

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Scores, "batch outputs"."""
        raise NotImplementedError

    def stages(self) -> dict[str, nn.Module]:
        """Stages that Grad-CAM may explain, by name; their maps have channels first."""
        return dict(encoder_of(self).named_children())

    def target(self, wanted: int) -> int:
        """The same number, if there is such a score.

        Raises:
            PlantEduError: for a number out of range, naming what there is.
        """
        known = ", ".join(f"{k} {name}".strip() for k, name in enumerate(self.names))
        outputs = known or f"0 to {self.outputs - 1}"
        whole = isinstance(wanted, int) and 0 <= wanted < self.outputs
        require(whole, f"This network has no output {wanted!r}; it has {outputs}.")
        return wanted


class ClassLead(Scored):
    """By how much a classifier's logit of a class leads the mean of the others."""

    def __init__(self, namer: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        require(len(names) >= 2, f"A classifier has 2 classes or more; got {names!r}.")
        self.namer, self.names, self.outputs = namer, names, len(names)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return lead_of(self.namer(torch.stack([x1, x2])))


def lead_of(logits: Tensor) -> Tensor:
    """By how much each logit leads the mean of the others, "batch classes"."""
    return logits - (logits.sum(1, keepdim=True) - logits) / (logits.shape[1] - 1)


class PrototypeScore(Scored):
    """How near both embeddings of a pair are to each prototype, cosine."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self.embedder, self.outputs = embedder, len(embedder.prototypes)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        z = self.embedder(torch.stack([x1, x2]))
        return z.mean(1) @ self.embedder.prototypes.T


class PairSimilarity(Scored):
    """Cosine of a pair's two embeddings."""

    outputs = 1
    names = ("similarity of the pair",)

    def __init__(self, embedder: nn.Module) -> None:
        super().__init__()
        self.embedder = embedder

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        z = self.embedder(torch.stack([x1, x2]))
        return (z[:, 0] * z[:, 1]).sum(1, keepdim=True)


def encoder_of(scored: nn.Module) -> nn.Module:
    """The timm network inside, whose stages Grad-CAM and the cascade name.

    Raises:
        PlantEduError: where there is none.
    """
    inside = [getattr(m, "body", None) for m in scored.modules()]
    found = [body for body in inside if isinstance(body, nn.Module)]
    require(bool(found), "This network has no encoder of the course's inside; name its own layer.")
    return found[0]
