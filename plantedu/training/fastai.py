"""The episodic linear probe as a fastai callback, which draws while the network trains.

    from plantedu.training.fastai import EpisodicLinearProbe

    probe = EpisodicLinearProbe("0", classes=3)     # "0" is the body of a vision_learner
    learn.fit_one_cycle(4, 1e-3, cbs=probe)
    print(probe.train[-1], probe.valid[-1])         # accuracy of the last pass
    print(probe.restarts)                           # batches at which the probe started anew

In a notebook the progress bar shows the probe's accuracy: on each training batch before the probe
learned from it (smoothed), and on the validation data after each pass. It falls at each restart;
how fast it recovers is how easy the classes are to separate by then. In a terminal fastai draws
no graph, and the numbers are there all the same. ShowGraphCallback wants the same graph: use one.

The network's training is not touched: it ends in the same bits without the callback.

Needs the extra `plantedu[fastai]`. Source: Liang et al. 2022 [liang2022]. Lesson: 04_family.
"""

import math
from typing import Any

from fastai.callback.core import Callback
from torch import nn

from plantedu.training.layer_probe import LayerProbe, ProbeReading, find_layer

SMOOTHING = 0.9


class EpisodicLinearProbe(Callback):
    """Trains a probe on a layer's detached features, starts it anew each episode, draws it.

    Attributes:
        train: Accuracy of each pass over the training data.
        valid: Accuracy of each pass over the validation data.
        gaps: Mean p_y - q_y (head minus probe) of each training pass.
        batches: Accuracy on each training batch, before the probe learned from it.
        restarts: Training batches after which the probe started anew.
    """

    order = 65  # after the progress bar
    learn: Any

    def __init__(
        self,
        layer: str | nn.Module,
        *,
        classes: int,
        every: int = 2,
        seed: int = 0,
        hidden: int = 512,
        learning_rate: float = 0.01,
    ) -> None:
        """Choose what to probe.

        Args:
            layer: A layer of the model, or its dotted name.
            classes: How many labels there are.
            every: Epochs between two fresh starts.
            seed, hidden, learning_rate: Of the probe.

        Raises:
            PlantEduError: for fewer than two classes, or `every` below 1.
        """
        super().__init__()
        self.layer = layer
        self.probe = LayerProbe(
            classes=classes, every=every, seed=seed, hidden=hidden, learning_rate=learning_rate
        )
        self.train: list[float] = []
        self.valid: list[float] = []
        self.gaps: list[float] = []
        self.batches: list[float] = []
        self.restarts: list[int] = []
        self._readings: list[ProbeReading] = []
        self._ends: list[int] = []

    def before_fit(self) -> None:
        """Hook the layer; a learning-rate finder or get_preds is nothing to watch."""
        self.run = not hasattr(self.learn, "lr_finder") and not hasattr(self, "gather_preds")
        if self.run:
            self.probe.attach(find_layer(self.learn.model, self.layer))

    def before_train(self) -> None:
        """A pass begins."""
        self._readings = []

    def before_validate(self) -> None:
        """A pass begins."""
        self._readings = []

    def after_pred(self) -> None:
        """The batch has passed the layer: score, and learn if it is training data."""
        training = bool(self.learn.training)
        reading = self.probe.read(self.learn.yb[0], self.learn.pred, learn=training)
        self._readings.append(reading)
        if training:
            self.batches.append(reading.accuracy)

    def after_train(self) -> None:
        """Accuracy of the pass; at an episode's end the probe starts anew."""
        if not self._readings:
            return
        self.train.append(mean_of(self._readings, "accuracy"))
        if all(reading.gap is not None for reading in self._readings):
            self.gaps.append(mean_of(self._readings, "gap"))
        self._ends.append(len(self.batches))

    def after_validate(self) -> None:
        """Accuracy of the pass."""
        if self._readings:
            self.valid.append(mean_of(self._readings, "accuracy"))

    def after_epoch(self) -> None:
        """Draw; then a fresh start if the episode is over: validation saw the trained probe."""
        self._draw()
        if self.probe.end_pass():
            self.restarts.append(len(self.batches))

    def after_fit(self) -> None:
        """Let the layer go."""
        self.probe.detach()

    def _draw(self) -> None:
        """Both curves in the progress bar's graph, where there is one."""
        bar = getattr(getattr(self.learn, "progress", None), "mbar", None)
        if bar is None or not self._ends:
            return
        bar.names = ["probe, training batches", "probe, validation"]
        curves = [(list(range(1, len(self.batches) + 1)), smooth(self.batches))]
        if len(self.valid) == len(self._ends):
            curves.append((self._ends, self.valid))
        left = (self.learn.n_epoch - self.learn.epoch - 1) * len(self.learn.dls.train)
        bar.update_graph(curves, (0, len(self.batches) + left), (0, 1))


def mean_of(readings: list[ProbeReading], name: str) -> float:
    """Mean over the samples that the probe could read; NaN where there is none."""
    said = [reading for reading in readings if reading.n]
    total = sum(reading.n for reading in said)
    return sum(getattr(reading, name) * reading.n for reading in said) / total if said else math.nan


def smooth(values: list[float]) -> list[float]:
    """Exponentially smoothed, without the bias of starting at zero."""
    found, level, weight = [], 0.0, 0.0
    for value in values:
        level = SMOOTHING * level + (1 - SMOOTHING) * value
        weight = SMOOTHING * weight + (1 - SMOOTHING)
        found.append(level / weight)
    return found
