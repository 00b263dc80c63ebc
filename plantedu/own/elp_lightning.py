"""ELP in Lightning's loop: `Trainer(callbacks=[ELP(...).lightning()])`.

Batches are (images, labels); give `labels_of` where they are not.

Needs the extra `plantedu[lightning]`. Lesson: 04_family.
"""

from collections.abc import Callable
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn

from plantedu.training.layer_probe import find_layer


class ElpCallback(Callback):
    """Hands each batch to an ELP; hooks are taken off at the end, and after an exception."""

    def __init__(
        self, elp: Any, head: str | None = None, labels_of: Callable[[Any], Tensor] | None = None
    ) -> None:
        self.elp, self.head = elp, head
        self.labels_of = labels_of or (lambda batch: batch[1])
        self._logits: Tensor | None = None
        self._hook: Any = None
        self._on = False

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hook the layers, and the head where one is named."""

        def keep(module: nn.Module, given: Any, output: Any) -> None:
            self._logits = output.detach()

        self.elp.attach(pl_module)
        self._on = True
        if self.head is not None:
            self._hook = find_layer(pl_module, self.head).register_forward_hook(keep)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Score, log, learn."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        self.elp.step(self.labels_of(batch), loss=loss, logits=self._logits)
        self._logits = None

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Score; the batches that only check the set-up do not count."""
        if not trainer.sanity_checking:
            self.elp.valid(self.labels_of(batch), logits=self._logits)
        self._logits = None

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """A fresh start if the episode is over; validation saw the trained probes."""
        self.elp.end_pass()

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let the layers go."""
        self._end("")

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Let the layers go when training breaks off, too."""
        self._end(f"{type(exception).__name__}: {exception}")

    def _end(self, error: str) -> None:
        if self._on:
            self._on = False
            self.elp.detach(error)
        if self._hook is not None:
            self._hook.remove()
        self._logits, self._hook = None, None
