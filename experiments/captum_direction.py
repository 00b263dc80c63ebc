"""What the popular tool does: captum.robust with its default loss, on raw logits.

    uv run python -m experiments.captum_direction      # -> lessons/results/08_captum.json

Its default loss is -log(output of the true class), which means something for probabilities. On
logits its slope is -1 / s_y: for a negative logit it points the other way, and the tool makes the
model more certain of the truth. Which way it goes thus hangs on a constant that may be added to all
logits without changing a single probability. CrossEntropyLoss(reduction="none") mends it. Tuples
and masks work: a mask of zeros leaves a sensor as it is; there is one radius for both.
"""

import json
from pathlib import Path
from typing import Any

import torch
from captum.robust import PGD
from torch import Tensor, nn

from plantedu.store.paths import bank_folder
from plantedu.zoo.model_zoo import ModelZoo, Plot

RESULT = Path(__file__).parents[1] / "lessons" / "results" / "08_captum.json"
RADIUS = 4 / 255


def perturbed(
    model: nn.Module, views: Tensor, labels: Tensor, loss: Any, *, shift: float = 0.0, **knobs: Any
) -> Tensor:
    """Pairs after captum's PGD, "2 batch 3 height width"; `shift` is added to all logits."""

    def forward(first: Tensor, second: Tensor) -> Tensor:
        return model(torch.stack([first, second])) + shift

    attack = PGD(forward, loss, lower_bound=0.0, upper_bound=1.0)
    pair = tuple(x.clone().requires_grad_() for x in views)
    new = attack.perturb(
        pair, radius=RADIUS, step_size=RADIUS / 4, step_num=10, target=labels, **knobs
    )
    return torch.stack([x.detach() for x in new])


@torch.no_grad()
def cross_entropy(model: nn.Module, views: Tensor, labels: Tensor) -> float:
    """Mean cross-entropy."""
    return float(nn.functional.cross_entropy(model(views), labels))


@torch.no_grad()
def accuracy(model: nn.Module, views: Tensor, labels: Tensor) -> float:
    """Share classified correctly."""
    return float((model(views).argmax(1) == labels).double().mean())


def directions(model: nn.Module, views: Tensor, labels: Tensor) -> dict[str, Any]:
    """Cross-entropy and accuracy: clean, default loss, cross-entropy, and one sensor by mask."""
    proper = nn.CrossEntropyLoss(reduction="none")
    masked = (torch.ones_like(views[0]), torch.zeros_like(views[1]))
    arms = {
        "clean": views,
        "default loss": perturbed(model, views, labels, None),
        "default loss, logits - 20": perturbed(model, views, labels, None, shift=-20.0),
        "cross-entropy": perturbed(model, views, labels, proper),
        "RGB alone": perturbed(model, views, labels, proper, mask=masked),
    }
    moved = [255 * float((arms["RGB alone"][k] - views[k]).abs().max()) for k in (0, 1)]
    return {
        "arms": {
            name: {"cross_entropy": cross_entropy(model, x, labels),
                   "accuracy": accuracy(model, x, labels)}
            for name, x in arms.items()
        },
        "moved_255": moved,
        "n": len(labels),
    }  # fmt: skip


def main() -> None:
    plot = Plot(bank_folder())
    plants = plot.fresh(32)
    model = ModelZoo(plot).namer("cross-0")
    found = directions(model, plot.views(plants).float() / 255, plot.labels(plants))
    for name, one in found["arms"].items():
        print(f"{name:<28}CE {one['cross_entropy']:.3f}   accuracy {one['accuracy']:.2f}")
    command = "uv run python -m experiments.captum_direction"
    RESULT.write_text(json.dumps({"command": command, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
