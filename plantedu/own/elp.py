"""The episodic linear probe in any loop, with its nulls.

    elp = ELP(layers=["layer2", "layer4"], classes=5, show="notebook")
    with elp.watch(net):
        for images, labels in batches:
            loss = criterion(net(images), labels)
            loss.backward(); optimiser.step(); optimiser.zero_grad()
            elp.step(labels, loss=loss)            # after the forward pass of this batch
        elp.end_pass()                             # an episode is over every `every` passes

`elp.fastai()` and `elp.lightning()` give a callback that does the same in those loops.

For each layer a linear probe learns from the detached features while the network trains, and starts
anew each episode: how fast it is good again says how easy the classes are to separate by then. It
is scored on each batch before it learns from it. Beside it stand the same probe on shuffled labels,
chance (the most frequent class so far), and the same probe on the random-init twin of the network,
through the first episode.

The loop is left as it is: the network ends in the same bits, its mode and every global random state
are untouched, and hooks are gone after `with`, also after an exception.

Source: Liang et al. 2022 [liang2022]. Lesson: 04_family.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from plantedu.charts.chart import Drawing
from plantedu.charts.loop_curves import AXES, loop_chart
from plantedu.charts.tables import Runs, series_of
from plantedu.errors import require
from plantedu.extras import extra
from plantedu.own.live_log import Sink, sink_of
from plantedu.own.random_start import RandomStart
from plantedu.store.run import Event, Metric
from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.detect import bump
from plantedu.topics.bump.results.detect import BumpResult
from plantedu.training.layer_probe import LayerProbe, ProbeReading, find_layer

RESTART = "probe starts anew"
Layer = str | nn.Module


class ELP:
    """Probes of some layers, their nulls, and what they logged.

    Attributes:
        step_count: Training batches so far; the axis of every series.
        restarts: Batches after which the probes started anew.
        notes: What could not be done, a sentence each.
        stop_asked: Whether the page Live training asked this run to stop; nobody stops your loop.
        axes: What each kind of key means, with its unit.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | Layer,
        classes: int,
        *,
        null: str | None = "shuffled",
        show: str | None = None,
        every: int = 2,
        episode: int = 0,
        start: bool = True,
        seed: int = 0,
        hidden: int = 512,
        learning_rate: float = 0.01,
        name: str = "a loop of one's own",
    ) -> None:
        """Choose what to probe.

        Args:
            layers: Layers, or their dotted names; keys carry the name.
            classes: How many labels there are, 2 or more.
            null: "shuffled": the same probe on shuffled labels. None leaves it out.
            show: "notebook" draws in the cell, "app" writes to the store, so that the page Live
                training shows the run as it goes; None does neither.
            every: Passes over the data between two fresh starts, 1 or more.
            episode: Training batches between two fresh starts, for loops without passes; 0: by
                `end_pass`.
            start: Probe the random-init twin through the first episode.
            seed: Of probes, shuffles and twin.
            hidden, learning_rate: Of the probe.
            name: How the page calls the run.

        Raises:
            PlantEduError: without layers, or for a word or a number out of range.
        """
        given = [layers] if isinstance(layers, str | nn.Module) else list(layers)
        require(bool(given), "Name a layer to probe, such as layers=['layer4'].")
        require(null in ("shuffled", None), f"null is 'shuffled' or None; got {null!r}.")
        require(episode >= 0, f"episode counts batches: 0 or more, got {episode}.")
        self.classes, self.every, self.episode, self.name = classes, every, episode, name
        self.layers = {_called(one, k): one for k, one in enumerate(given)}
        require(len(self.layers) == len(given), "Two of the layers have the same name.")

        def made(*, shuffled: bool = False) -> LayerProbe:
            return LayerProbe(classes=classes, every=every, seed=seed, hidden=hidden,
                              learning_rate=learning_rate, shuffled=shuffled)  # fmt: skip

        self.probes = {name: made(shuffled=null is not None) for name in self.layers}
        self._start = RandomStart(self.layers, made, seed) if start else None
        self.sink: Sink = sink_of(show)
        self.axes = AXES
        self.step_count, self.restarts, self.notes = 0, [], list[str]()
        self.rows: list[Metric] = []
        self.events: list[Event] = []
        self._seen: Counter[int] = Counter()
        self._held: list[tuple[float, int, str]] = []
        self._hooks: list[Any] = []

    @contextmanager
    def watch(self, net: nn.Module) -> Iterator["ELP"]:
        """Hook the layers of a network inside; afterwards it is as it was.

        Args:
            net: Whose layers they are; called once for each batch.

        Raises:
            PlantEduError: for a layer that it does not have.
        """
        error = ""
        try:
            self.attach(net)
            yield self
        except BaseException as broken:
            error = f"{type(broken).__name__}: {broken}"
            raise
        finally:
            self.detach(error)

    def attach(self, net: nn.Module) -> None:
        """Hook the layers, for loops that have no `with`; see `watch`."""
        require(not self._hooks, "This ELP watches a network already; make one for each.")
        for name, layer in self.layers.items():
            self.probes[name].attach(find_layer(net, layer))
        self._hooks = [net.register_forward_pre_hook(self._passes)]
        request = {"layers": list(self.layers), "classes": self.classes, "every": self.every}
        self.sink.begin(self.name, request | {"episode": self.episode})

    def detach(self, error: str = "") -> None:
        """Take every hook off, and end the run on the page."""
        for probe in self.probes.values():
            probe.detach()
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._end_start()
        last = {row.name: row.value for row in self.rows}
        self.sink.end(self, last, error)

    def step(
        self, labels: Tensor, *, loss: Tensor | float | None = None, logits: Tensor | None = None
    ) -> dict[str, float]:
        """Score the probes on the training batch that has just passed, then let them learn.

        Args:
            labels: Classes of the batch, whole numbers, "batch".
            loss: The loop's own, logged as it is.
            logits: What the network's head says, "batch classes"; then `gap/LAYER` is logged, mean
                p_y - q_y, head minus probe.

        Returns:
            What was logged, by key.

        Raises:
            PlantEduError: if no batch has passed, or labels are not one class for each row.
        """
        given = loss.detach() if isinstance(loss, Tensor) else loss
        found = {} if given is None else {"loss": float(given)}
        for name, probe in self.probes.items():
            found |= _keyed(name, probe.read(labels, logits, learn=True), "probe")
        self._seen.update(labels.detach().flatten().tolist())
        found["chance"] = max(self._seen.values()) / self._seen.total()
        if self._start is not None:
            found |= {f"start/{k}": v for k, v in self._start.read(labels.detach()).items()}
        self.step_count += 1
        self._log(found)
        if self.episode and self.step_count % self.episode == 0:
            for probe in self.probes.values():
                probe.start_anew()
            self._anew()
        return found

    def valid(self, labels: Tensor, *, logits: Tensor | None = None) -> None:
        """Score the probes on a validation batch; nothing learns from it, `end_pass` logs it."""
        for name, probe in self.probes.items():
            reading = probe.read(labels, logits, learn=False)
            found = _keyed(name, reading, "valid")
            self._held += [(value, reading.n, key) for key, value in found.items()]

    def end_pass(self) -> bool:
        """A pass over the training data is over; whether the probes start anew now."""
        totals: dict[str, list[float]] = {}
        for value, n, key in self._held:
            one = totals.setdefault(key, [0.0, 0.0])
            one[:] = one[0] + value * n, one[1] + n
        self._log({key: total / n for key, (total, n) in totals.items()})
        self._held = []
        if self.episode:
            return False
        ends = [probe.end_pass() for probe in self.probes.values()]
        if anew := any(ends):
            self._anew()
        return anew

    def series(self) -> Runs:
        """What was logged, by key: loss, probe/LAYER, null/LAYER, start/LAYER, chance, ..."""
        return series_of(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """A row a training batch: step, then a column a key; NaN where it was not logged."""
        table = pd.DataFrame(
            [(row.step, row.name, row.value) for row in self.rows], columns=["step", "key", "value"]
        )
        wide = table.pivot_table("value", "step", "key", sort=False, aggfunc="last")
        wide.columns.name = None
        return wide.sort_index().reset_index()

    def bumps(self, key: str = "loss", **knobs: Any) -> BumpResult:
        """Where a series steps abruptly, beside curves without a step: the detector of lesson 03.

        Args:
            key: Which series; of a probe, its fresh starts are steps of its own making.
            knobs: Of `topics.bump.detect.bump`, such as level, within, draws, seed.

        Raises:
            PlantEduError: for a key that was not logged, or fewer than 30 batches.
        """
        found = self.series()
        known = ", ".join(found) or "nothing yet"
        require(key in found, f"Nothing called {key!r} was logged; there is {known}.")
        return bump(tidy(found[key].steps, found[key].values, name=key), **knobs)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Probes over the batches, smoothed, with shuffled labels, chance, start and restarts.

        Raises:
            PlantEduError: before the first batch.
        """
        return loop_chart(self.series(), self.events, dark=dark)

    def fastai(self) -> Any:
        """A callback for fastai's Learner; stands beside ShowGraphCallback.

        Raises:
            PlantEduError: without the extra `plantedu[fastai]`.
        """
        return _callback("plantedu.own.elp_fastai", "fastai", self)

    def lightning(self, head: str | None = None, labels_of: Callable[[Any], Tensor] | None = None):
        """A callback for Lightning's Trainer.

        Args:
            head: Dotted name of the layer that gives the logits; None logs no gap.
            labels_of: Labels in a batch; its second part by default.

        Raises:
            PlantEduError: without the extra `plantedu[lightning]`.
        """
        return _callback("plantedu.own.elp_lightning", "lightning", self, head, labels_of)

    def _passes(self, net: nn.Module, given: tuple[Any, ...]) -> None:
        """Before a training batch passes the network, it passes the twin."""
        if self._start is not None and torch.is_grad_enabled():
            self._start.see(net, given)
            if self._start.note and self._start.note not in self.notes:
                self.notes.append(self._start.note)

    def _anew(self) -> None:
        """Note a fresh start; the twin has had its episode."""
        self.restarts.append(self.step_count)
        self.events.append(Event(self.step_count, RESTART, "", 0.0))
        self.sink.event(self.events[-1])
        self._end_start()

    def _end_start(self) -> None:
        if self._start is None:
            return
        if self._start.twin is None and not self._start.note and self.step_count:
            self.notes.append("No random-init start: the network itself was not called.")
        self._start.end()
        self._start = None

    def _log(self, found: dict[str, float]) -> None:
        rows = [Metric(self.step_count, key, v) for key, v in found.items() if not math.isnan(v)]
        self.rows += rows
        self.sink.log(self, rows)

    @property
    def stop_asked(self) -> bool:
        """Whether the page asked this run to stop."""
        return self.sink.stop_asked


def _called(layer: Layer, k: int) -> str:
    return layer if isinstance(layer, str) else f"{type(layer).__name__.lower()}{k}"


def _keyed(layer: str, reading: ProbeReading, what: str) -> dict[str, float]:
    """A reading by key; nothing of a batch whose features were not finite."""
    if not reading.n:
        return {}
    null, gap = ("null", "gap") if what == "probe" else (f"{what}_null", f"{what}_gap")
    named = {what: reading.accuracy, null: reading.null, gap: reading.gap}
    return {f"{key}/{layer}": value for key, value in named.items() if value is not None}


def _callback(module: str, name: str, *given: Any) -> Any:
    with extra(name):
        return import_module(module).ElpCallback(*given)
