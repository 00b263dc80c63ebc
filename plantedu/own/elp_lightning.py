"""ELP in Lightning's loop: `Trainer(callbacks=[ELP(...).lightning()])`.

Batches are (images, labels); give `labels_of` where they are not.

Needs the extra `plantedu[lightning]`. Lesson: 04_family.
"""

from collections.abc import Callable
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from plantedu.own.elp import ELP
from plantedu.training.lightning import BatchCallback


class ElpCallback(BatchCallback):
    """Hands each batch to an ELP."""

    def __init__(
        self, elp: ELP, head: str | None = None, labels_of: Callable[[Any], Tensor] | None = None
    ) -> None:
        super().__init__(head, labels_of or (lambda batch: batch[1]))
        self.elp, self._on = elp, False

    def begun(self, pl_module: LightningModule) -> None:
        """Hook the layers."""
        self.elp.attach(pl_module)
        self._on = True

    def seen(self, pl_module: LightningModule, batch: Any, outputs: Any, *, learn: bool) -> None:
        """Score and log; learn in training."""
        labels = self.labels_of(batch)
        if learn:
            loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
            self.elp.step(labels, loss=loss, logits=self.logits)
        else:
            self.elp.valid(labels, logits=self.logits)

    def passed(self, trainer: Trainer) -> None:
        """A fresh start if the episode is over."""
        self.elp.end_pass()

    def ended(self, error: str) -> None:
        """Let the layers go, once."""
        if self._on:
            self._on = False
            self.elp.detach(error)
