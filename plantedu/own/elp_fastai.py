"""ELP in fastai's loop: `learn.fit_one_cycle(4, cbs=ELP(...).fastai())`.

It draws in no progress bar of fastai's, so that ShowGraphCallback can stand beside it.

Needs the extra `plantedu[fastai]`. Lesson: 04_family.
"""

from typing import Any

from fastai.callback.core import Callback

from plantedu.own.elp import ELP


class ElpCallback(Callback):
    """Hands each batch to an ELP; hooks are taken off when the fit ends, by an error too."""

    order = 65  # after the progress bar
    _learn: Any = None

    def __init__(self, elp: ELP) -> None:
        self.elp, self._on = elp, False
        super().__init__()

    @property
    def learn(self) -> Any:
        """Whose callback this is; fastai takes it away when a fit ends, by an error too."""
        return self._learn

    @learn.setter
    def learn(self, learner: Any) -> None:
        self._learn = learner
        if learner is None:
            self._end("an error in the fit")

    def before_fit(self) -> None:
        """Hook the layers; a learning-rate finder or get_preds is nothing to watch."""
        self._end("an error in the fit before")
        self.run = not hasattr(self.learn, "lr_finder") and not hasattr(self, "gather_preds")
        if self.run:
            self.elp.attach(self.learn.model)
            self._on = True

    def after_loss(self) -> None:
        """The batch has passed: score, and learn if it is training data."""
        labels, logits = self.learn.yb[0], self.learn.pred
        if self.learn.training:
            self.elp.step(labels, loss=self.learn.loss_grad, logits=logits)
        else:
            self.elp.valid(labels, logits=logits)

    def after_epoch(self) -> None:
        """A fresh start if the episode is over: validation saw the trained probes."""
        self.elp.end_pass()

    def after_cancel_fit(self) -> None:
        """Somebody ended the fit."""
        self._end()

    def after_fit(self) -> None:
        """Let the layers go."""
        self._end()

    def _end(self, error: str = "") -> None:
        if self._on:
            self._on = False
            self.elp.detach(error)
