"""A linear probe that starts anew every episode, on detached features of a network that trains.

    logits = (h W1 + b1) W2 + b2         no non-linearity: a linear map of rank <= hidden

trained by SGD on the cross-entropy with the labels. At the end of an episode W1 and W2 are drawn
again from N(0, 0.01^2); biases and momentum are kept, as in the authors' code, where they are
finite. How fast it is good again says how easy the features are to separate *now*; it gives nothing
back to the network.

A batch whose features or slopes are not finite (any overflow in half precision) is skipped and
counted: one such batch would leave the probe at chance for good, through every fresh start. A probe
that is itself no longer finite starts anew wholly.

Source: Liang et al. 2022 [liang2022]; github.com/akira-l/ELP, models/elp_model.py and
utils/utils.py. Lesson: 04_family.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.training.seeding import generator_for


class EpisodicProbe(nn.Module):
    """Two stacked linear layers and their own SGD.

    Weights, momentum and the counts of updates and of skipped batches are buffers: they are saved
    and restored with whatever holds the probe, and no other optimiser ever finds them.
    """

    weight1: Tensor
    bias1: Tensor
    weight2: Tensor
    bias2: Tensor
    updates: Tensor
    skipped: Tensor

    def __init__(
        self,
        dim: int,
        classes: int,
        *,
        episode: int,
        seed: int,
        hidden: int = 512,
        learning_rate: float = 0.01,
        momentum: float = 0.9,
    ) -> None:
        """Make a probe.

        Args:
            dim: Width of the features h.
            classes: How many labels there are.
            episode: Updates between two fresh starts; 0 for never.
            seed: Seed of the first weights and of every fresh start.
            hidden: Width between the two layers.
            learning_rate: SGD's, never decayed.
            momentum: SGD's.

        Raises:
            PlantEduError: for a width below 1, fewer than two classes, or a negative episode.
        """
        super().__init__()
        require(dim >= 1 and hidden >= 1, f"Need widths of 1 or more, got {dim} and {hidden}.")
        require(classes >= 2, f"A probe tells classes apart: need 2 or more, got {classes}.")
        require(episode >= 0, f"episode counts updates: 0 or more, got {episode}.")
        self.episode, self.seed = episode, seed
        self.learning_rate, self.momentum = learning_rate, momentum
        generator = generator_for(seed, "elp start")
        shapes = {"weight1": (hidden, dim), "bias1": (hidden,)}
        shapes |= {"weight2": (classes, hidden), "bias2": (classes,)}
        for name, shape in shapes.items():
            bound = (dim if name[-1] == "1" else hidden) ** -0.5  # torch's start of a linear layer
            start = torch.empty(shape).uniform_(-bound, bound, generator=generator)
            self.register_buffer(name, start)
            self.register_buffer(f"{name}_momentum", torch.zeros(shape))
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))
        self.register_buffer("skipped", torch.zeros((), dtype=torch.long))
        self.register_load_state_dict_pre_hook(_without_count)

    @torch.no_grad()
    def forward(self, features: Tensor) -> Tensor:
        """Logits, "batch classes", float32, of features "batch dim"; no gradient flows back."""
        return self._layers(features)[2]

    def _layers(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features, hidden layer and logits in the probe's own arithmetic."""
        with torch.autocast(features.device.type, enabled=False):
            h = features.detach().to(self.weight1.dtype)
            a = F.linear(h, self.weight1, self.bias1)
            return h, a, F.linear(a, self.weight2, self.bias2)

    @torch.no_grad()
    def update(self, features: Tensor, labels: Tensor) -> bool:
        """One step of SGD on the cross-entropy of this batch; at an episode's end, a fresh start.

        dL/dlogits = (softmax - one-hot) / batch, and the chain rule through two linear layers.

        Returns:
            Whether the probe learned; False for a batch skipped because it is not finite. Skipped
            batches count towards the episode, so that its end stays in step with the training.
        """
        h, a, logits = self._layers(features)
        with torch.autocast(features.device.type, enabled=False):
            off = (logits.softmax(1) - F.one_hot(labels, logits.shape[1])) / len(logits)
            back = off @ self.weight2
            slopes = {"weight2": off.T @ a, "bias2": off.sum(0)}
            slopes |= {"weight1": back.T @ h, "bias1": back.sum(0)}
        learns = all(bool(slope.isfinite().all()) for slope in slopes.values())
        self.skipped += not learns
        for name, slope in slopes.items() if learns else ():
            speed = self.get_buffer(f"{name}_momentum").mul_(self.momentum).add_(slope)
            self.get_buffer(name).sub_(speed, alpha=self.learning_rate)
        self.updates += 1
        broken = not learns and bool(h.isfinite().all())  # not this batch's fault, but the probe's
        if broken or (self.episode and int(self.updates) % self.episode == 0):
            self.start_anew(wholly=broken)
        return learns

    def start_anew(self, *, wholly: bool = False) -> None:
        """Weights from N(0, 0.01^2); biases and momentum stay where they are finite.

        Args:
            wholly: Put biases and momentum to 0 whatever they are.
        """
        for name, kept in self.named_buffers():
            if "bias" in name or "momentum" in name:
                kept.nan_to_num_(0.0, 0.0, 0.0).mul_(not wholly)
        generator = generator_for(self.seed, "elp episode", int(self.updates))
        for weight in (self.weight1, self.weight2):
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.01)


def _without_count(probe: nn.Module, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
    """Checkpoints from before batches were skipped have no count of them."""
    state.setdefault(f"{prefix}skipped", torch.zeros((), dtype=torch.long))
