"""The episodic linear probe as a Lightning callback, which logs beside the network's own numbers.

    from plantedu.training.lightning import EpisodicLinearProbe

    probe = EpisodicLinearProbe("encoder", classes=3, head="head")
    trainer = Trainer(max_epochs=4, callbacks=[probe])
    trainer.fit(model, train_batches, valid_batches)
    print(trainer.logged_metrics["elp/accuracy"], probe.restarts)

Logged are `elp/accuracy` and `elp/gap` for each training batch, before the probe learned from it,
and `elp/valid_accuracy` and `elp/valid_gap` after each validation pass. The gap, mean p_y - q_y,
is how much surer the head is of the label than a fresh linear reader; it needs `head`, the layer
that gives the logits. Batches are (images, labels); give `labels_of` where they are not.

The network's training is not touched: it ends in the same bits without the callback. A run that
is resumed starts with a fresh probe.

Needs the extra `plantedu[lightning]`. Source: Liang et al. 2022 [liang2022]. Lesson: 04_family.
"""

from collections.abc import Callable
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn

from plantedu.training.layer_probe import LayerProbe, find_layer


class BatchCallback(Callback):
    """Hands over each batch's labels and logits; what was hooked is let go at the end of a fit,
    and after an exception.

    Attributes:
        head: Dotted name of the layer that gives the logits; None where none are wanted.
        labels_of: Labels in a batch.
        logits: Of the batch that was seen last, detached; None without a head.
    """

    def __init__(self, head: str | None, labels_of: Callable[[Any], Tensor]) -> None:
        self.head, self.labels_of = head, labels_of
        self.logits: Tensor | None = None
        self._remove: Callable[[], None] = lambda: None

    def begun(self, pl_module: LightningModule) -> None:
        """A fit begins."""
        raise NotImplementedError

    def seen(self, pl_module: LightningModule, batch: Any, outputs: Any, *, learn: bool) -> None:
        """A batch is over: of training where `learn`, else of validation."""
        raise NotImplementedError

    def passed(self, trainer: Trainer) -> None:
        """A pass over the data is over, its validation too."""
        raise NotImplementedError

    def ended(self, error: str) -> None:
        """A fit is over; `error` says what broke it off, "" where nothing did."""
        raise NotImplementedError

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Hook the head where one is named."""

        def keep(module: nn.Module, given: object, output: Tensor) -> None:
            self.logits = output.detach()

        self.begun(pl_module)
        if self.head is not None:
            hook = find_layer(pl_module, self.head).register_forward_hook(keep)
            self._remove = hook.remove

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Score, log, learn."""
        self.seen(pl_module, batch, outputs, learn=True)
        self.logits = None

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Score and log; the batches that only check the set-up do not count."""
        if not trainer.sanity_checking:
            self.seen(pl_module, batch, outputs, learn=False)
        self.logits = None

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """At an episode's end a fresh start; validation saw what was trained."""
        self.passed(trainer)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let the layers go."""
        self._let_go("")

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Let the layers go when training breaks off, too."""
        self._let_go(f"{type(exception).__name__}: {exception}")

    def _let_go(self, error: str) -> None:
        self.ended(error)
        self._remove()
        self.logits, self._remove = None, lambda: None


class EpisodicLinearProbe(BatchCallback):
    """Trains a probe on a layer's detached features, starts it anew each episode, logs it.

    Attributes:
        restarts: Global steps after which the probe started anew.
    """

    def __init__(
        self,
        layer: str,
        *,
        classes: int,
        head: str | None = None,
        every: int = 2,
        seed: int = 0,
        hidden: int = 512,
        learning_rate: float = 0.01,
        labels_of: Callable[[Any], Tensor] = lambda batch: batch[1],
    ) -> None:
        """Choose what to probe.

        Args:
            layer: Dotted name of the layer whose output is probed.
            classes: How many labels there are.
            head: Dotted name of the layer that gives the logits; None logs no gap.
            every: Epochs between two fresh starts.
            seed, hidden, learning_rate: Of the probe.
            labels_of: Labels in a batch.

        Raises:
            PlantEduError: for fewer than two classes, or `every` below 1.
        """
        super().__init__(head, labels_of)
        self.layer = layer
        self.probe = LayerProbe(
            classes=classes, every=every, seed=seed, hidden=hidden, learning_rate=learning_rate
        )
        self.restarts: list[int] = []

    def begun(self, pl_module: LightningModule) -> None:
        """Hook the layer."""
        self.probe.attach(find_layer(pl_module, self.layer))

    def seen(self, pl_module: LightningModule, batch: Any, outputs: Any, *, learn: bool) -> None:
        """Score, log, and learn in training."""
        reading = self.probe.read(self.labels_of(batch), self.logits, learn=learn)
        prefix = "elp/" if learn else "elp/valid_"
        found = {"accuracy": reading.accuracy, "gap": reading.gap}
        for name, value in found.items():
            if value is not None and reading.n:
                pl_module.log(
                    prefix + name, value, on_step=learn, on_epoch=not learn, batch_size=reading.n
                )

    def passed(self, trainer: Trainer) -> None:
        """At an episode's end the probe starts anew."""
        if self.probe.end_pass():
            self.restarts.append(trainer.global_step)

    def ended(self, error: str) -> None:
        """Let the layer go."""
        self.probe.detach()
