"""Which scores of a model are attacked and explained: its own head's, or those of a linear one.

    own head       the network answers "batch classes" by itself
    linear head    softmax regression on frozen h, from the labels of the pictures; also for a
                   head whose classes are others than the labels'

What is attacked or explained is named, so that nobody takes the one for the other.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 08_attacks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError
from plantedu.own.images import Images
from plantedu.own.model import Model
from plantedu.training.classifier.linear_head import fit_softmax
from plantedu.training.linear_probe import standardised
from plantedu.training.seeding import generator_for


class Scores(nn.Module):
    """Logits of pictures in [0, 1], "batch classes", with gradients to the pictures.

    Attributes:
        says: What these are the scores of.
    """

    def __init__(self, model: Model, head: nn.Module | None, says: str) -> None:
        super().__init__()
        self.model, self.reader, self.head, self.says = model, model.reader, head, says
        self.eval().requires_grad_(False)

    def forward(self, *views: Tensor) -> Tensor:
        seen = self.model.fitted(*views)  # noise of a method may leave [0, 1]
        return self.reader.logits(*seen) if self.head is None else self.head(self.reader(*seen))


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of some pictures.

    Attributes:
        scores: Logits from pictures.
        logits: Of the pictures, "n classes".
        classes: Names of the scores.
        follows: Whether the scores are of the pictures' own labels.
    """

    scores: Scores
    logits: Tensor
    classes: tuple[str, ...]
    follows: bool


def scores_of(
    model: Model, data: Images, *, seed: int = 0, fitted_on: Images | None = None
) -> Scored:
    """The model's scores, by its own head or a linear one.

    Args:
        model: Whose.
        data: Pictures; with labels where there is no own head.
        seed: Draws the linear head's start.
        fitted_on: More labelled pictures, for a linear head; None fits it on `data`.

    Raises:
        PlantEduError: where there is neither a head nor labels of two classes.
    """
    logits = model.logits(data) if model.has_head else None
    if logits is not None and logits.shape[1] >= 2:
        count = logits.shape[1]
        same = data.labels is not None and count == len(data.classes)
        names = data.classes if same else tuple(f"output {k}" for k in range(count))
        return Scored(Scores(model, None, "its own head"), logits, names, same)
    if data.labels is None:
        raise PlantEduError(
            f"{model.name} has no head of its own and {data.origin or 'these pictures'} no labels "
            "to fit one with: give a network with its head, or labelled pictures."
        )
    head, logits = linear_scores(model, data if fitted_on is None else fitted_on, seed)
    if fitted_on is not None:
        with torch.no_grad():
            logits = head(model.features(data))
    return Scored(Scores(model, head, "a linear head on frozen h"), logits, data.classes, True)


def linear_scores(model: Model, data: Images, seed: int) -> tuple[nn.Linear, Tensor]:
    """Softmax regression on h, its standardisation folded into one linear layer."""
    labels = torch.as_tensor(data.require_labels("A linear head"))
    h = model.features(data)
    scaled, _ = standardised(h, h[:1])
    classes = len(data.classes)
    generator = generator_for(seed, "own head")
    weights = fit_softmax(scaled, labels, classes=classes, generator=generator)
    spread = h.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))  # as `standardised`
    head = nn.Linear(h.shape[1], classes)
    with torch.no_grad():
        head.weight.copy_((weights[:-1] / spread[:, None]).T)
        head.bias.copy_(weights[-1] - (h.mean(0) / spread) @ weights[:-1])
        return head, head(h)
