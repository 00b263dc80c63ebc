"""An episodic linear probe on a layer of somebody else's network, without touching its training.

A forward hook takes the layer's output, detached and averaged over places; the probe learns from
it with a generator of its own. So the network ends in the same bits with the probe as without.

Source: Liang et al. 2022 [liang2022]. Lesson: 04_family.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.pooling import pooled
from plantedu.training.episodic_probe import EpisodicProbe
from plantedu.training.seeding import generator_for


@dataclass(frozen=True)
class ProbeReading:
    """What the probe said of one batch, before it learned from it.

    Attributes:
        accuracy: Share of samples that the probe names right; NaN where n is 0.
        gap: mean p_y - q_y, head minus probe, at the label; None where the head is not known.
        n: Samples whose features are finite: of the others the probe says nothing.
        null: Accuracy of the same probe that learns from shuffled labels; None without one.
    """

    accuracy: float
    gap: float | None
    n: int
    null: float | None = None


def find_layer(model: nn.Module, layer: str | nn.Module) -> nn.Module:
    """The layer itself, or the one of this dotted name.

    Raises:
        PlantEduError: if the model has no such layer.
    """
    if isinstance(layer, nn.Module):
        return layer
    try:
        return model.get_submodule(layer)
    except AttributeError as error:
        names = ", ".join(name for name, _ in model.named_children())
        raise PlantEduError(
            f"The model has no layer {layer!r}; at its top it has: {names}."
        ) from error


class LayerProbe:
    """Hooks a layer, and reads labels off what it gives.

    Attributes:
        probe: The probe; made when the layer's width is seen first.
        null: The same on shuffled labels, where one is asked for.
        passes: Passes over the data that it has learned from.
    """

    def __init__(
        self,
        *,
        classes: int,
        every: int = 2,
        seed: int = 0,
        hidden: int = 512,
        learning_rate: float = 0.01,
        shuffled: bool = False,
    ) -> None:
        """Set up; nothing is hooked yet.

        Args:
            classes: How many labels there are.
            every: Passes over the data between two fresh starts.
            seed: Seed of the probe's weights.
            hidden: Width between its two linear layers.
            learning_rate: Of its SGD.
            shuffled: Beside it, a probe of the same start that learns from shuffled labels.

        Raises:
            PlantEduError: for fewer than two classes, or `every` below 1.
        """
        require(classes >= 2, f"A probe tells classes apart: need 2 or more, got {classes}.")
        require(every >= 1, f"every counts passes over the data: 1 or more, got {every}.")
        self.classes, self.every, self.seed = classes, every, seed
        self.hidden, self.learning_rate = hidden, learning_rate
        self.probe: EpisodicProbe | None = None
        self.null: EpisodicProbe | None = None
        self._orders = generator_for(seed, "elp shuffles") if shuffled else None
        self.passes = 0
        self._features: Tensor | None = None
        self._remove: Callable[[], None] = lambda: None

    def attach(self, layer: nn.Module) -> None:
        """Hook a layer; one that was hooked before is let go."""

        def keep(module: nn.Module, given: object, output: object) -> None:
            self._features = pooled(output).detach()

        self._remove()
        self._remove = layer.register_forward_hook(keep).remove

    def detach(self) -> None:
        """Let the layer go."""
        self._remove()
        self._features, self._remove = None, lambda: None

    @torch.no_grad()
    def read(self, labels: Tensor, logits: Tensor | None = None, *, learn: bool) -> ProbeReading:
        """Score the probe on the batch that has just passed the layer, then learn from it.

        Args:
            labels: Classes of the batch, whole numbers, "batch".
            logits: What the network's own head says, "batch classes".
            learn: Whether the probe learns; never on validation data.

        Raises:
            PlantEduError: if no batch has passed, or the labels are not one class for each row.
        """
        h, self._features = self._features, None
        if h is None:
            raise PlantEduError("No batch has passed the probed layer: is it part of the forward?")
        labels = labels.detach()
        require(
            labels.shape == h.shape[:1] and not labels.is_floating_point(),
            f"The probe needs one class for each of the layer's {len(h)} rows, got labels of shape "
            f"{tuple(labels.shape)}, {labels.dtype}: blended labels (mixup) cannot be probed.",
        )
        require(
            0 <= int(labels.min()) <= int(labels.max()) < self.classes,
            f"Labels must be whole numbers from 0 to {self.classes - 1}.",
        )
        probe = self._probe(h)
        said = probe(h)
        there = said.isfinite().all(1)
        gap = None
        if logits is not None and logits.shape == said.shape:
            p, q = (x.detach().float().softmax(1) for x in (logits, said))
            gap = float((p - q).gather(1, labels[:, None])[there].mean())
        if learn:
            probe.update(h, labels)
        right = (said.argmax(1) == labels)[there].float()
        null = self._read_null(h, labels, there, learn=learn)
        return ProbeReading(float(right.mean()), gap, len(right), null)

    def _read_null(self, h: Tensor, labels: Tensor, there: Tensor, *, learn: bool) -> float | None:
        """Accuracy of the probe of shuffled labels, before it learns from these in another order.

        It can know how frequent each class is, and nothing of what the features say of it.
        """
        if self._orders is None:
            return None
        if self.null is None:
            self.null = self._made(h)
        null = self.null.to(h.device)
        right = (null(h).argmax(1) == labels)[there].float()
        if learn:
            order = torch.randperm(len(labels), generator=self._orders)
            null.update(h, labels[order.to(labels.device)])
        return float(right.mean())

    def end_pass(self) -> bool:
        """A pass over the training data is over; whether the probe starts anew now."""
        self.passes += 1
        anew = self.passes % self.every == 0
        if anew:
            self.start_anew()
        return anew

    def start_anew(self) -> None:
        """Fresh weights, of the probe of shuffled labels too."""
        for probe in (self.probe, self.null):
            if probe is not None:
                probe.start_anew()

    def _probe(self, h: Tensor) -> EpisodicProbe:
        if self.probe is None:
            self.probe = self._made(h)
        return self.probe.to(h.device)

    def _made(self, h: Tensor) -> EpisodicProbe:
        return EpisodicProbe(
            h.shape[1],
            self.classes,
            episode=0,
            seed=self.seed,
            hidden=self.hidden,
            learning_rate=self.learning_rate,
        )
