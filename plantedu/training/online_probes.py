"""Episodic linear probes: what a linear reader finds in the encoder while it trains.

Every episode fits fresh readers (`linear.py`) to detached features of labelled training plants and
scores them on held-out plants, next to the same readers on shuffled labels; step 0 is the encoder
before training. The band is the 95 % interval over held-out plants; of the null, the lowest and
highest shuffle. An episode that finds features that are not finite is skipped, counted and logged
as an event, and so is a factor that cannot be read: neither is shown as chance. The probes are an
observer: they read weights and draw from generators of their own, so a run with probes ends in the
same bits as one without.

Source: Liang et al. 2022, CVPR, pp. 9559-9569 [liang2022]. Lesson: 02_training.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.models.folded import Folded, folded
from plantedu.training.fit import Measure, Observer, Record, State
from plantedu.training.linear_probe import Target, read_off

VIEWS = ("rgb", "rgn", "both")
LEFT_OUT, SKIPPED = "probe left out", "probes skipped"  # events


@contextmanager
def evaluating(module: nn.Module):
    """Evaluation mode and no gradients inside, the module's own modes back outside."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def shrunk(images: np.ndarray, side: int) -> Tensor:
    """Whole uint8 images "n 3 height width" in [0, 1] at the side that the encoder trains at."""
    parts = [
        torch.from_numpy(images[k : k + 256]).float() / 255 for k in range(0, len(images), 256)
    ]
    size = (side, side)
    return torch.cat([F.interpolate(p, size=size, mode="bilinear", antialias=True) for p in parts])


def features_of(encoder: nn.Module, images: Tensor, *, batch: int = 64) -> Tensor:
    """Detached features, float32 on the CPU.

    Args:
        encoder: Images in [0, 1] to "batch dim".
        images: One sensor, "n 3 side side", in [0, 1].
        batch: Images per forward pass.

    Returns:
        Features, "n dim".
    """
    device = next(encoder.parameters()).device
    with evaluating(encoder):
        parts = [encoder(part.to(device)).float().cpu() for part in images.split(batch)]
    return torch.cat(parts)


class EpisodicProbes(Observer):
    """Reads every target from each sensor's features, and from both, every `every` steps."""

    def __init__(
        self,
        images: Callable[[], Mapping[str, tuple[np.ndarray, np.ndarray]]],
        targets: Sequence[Target],
        *,
        every: int,
        seeds: int,
        seed: int,
        side: int,
    ) -> None:
        """Watch a run.

        Args:
            images: Gives training and held-out images by sensor ("rgb", "rgn"), uint8, when the
                first episode needs them.
            targets: What to read, each with its view.
            every: Steps between episodes.
            seeds: Shuffles of the labels a target.
            seed: Seed of the run.
            side: Side in pixels at which images are fed.

        Raises:
            PlantEduError: without targets.
        """
        require(bool(targets), "Probes need at least one factor; leave them out otherwise.")
        self._events = [
            (LEFT_OUT, f"{t.name} from {t.view}: {t.unreadable}") for t in targets if t.unreadable
        ]
        self.skipped = 0
        self._give, self.side = images, side
        self._folded: tuple[()] | tuple[Folded | None] = ()  # () until the first episode
        self._start: nn.Module | None = None  # the encoder before the first step, until it is read
        self.train = len(targets[0].train)
        self.targets = tuple(target for target in targets if target.unreadable is None)
        self.every, self.seeds, self.seed = every, seeds, seed

    @cached_property
    def images(self) -> dict[str, Tensor]:
        """Training, then held-out images by sensor, as the encoder is fed them."""
        given = self._give()
        return {sensor: shrunk(np.concatenate(two), self.side) for sensor, two in given.items()}

    def _features(self, encoder: nn.Module) -> dict[str, Tensor]:
        """Features of all images by sensor; on a CPU through a copy with folded norms."""
        if not self._folded:
            example = next(iter(self.images.values()))[:4]
            self._folded = (folded(encoder, example),)
            if self._folded[0] is not None:  # the copy takes them as its body wants them
                normal: Encoder = encoder  # type: ignore[assignment]
                self.images |= {name: normal.normalised(x) for name, x in self.images.items()}
        (copy,) = self._folded
        if copy is None:
            return {name: features_of(encoder, images) for name, images in self.images.items()}
        copy.take(encoder)  # type: ignore[arg-type]
        return {name: copy.read(images) for name, images in self.images.items()}

    def measure(self, state: State) -> Mapping[str, Measure]:
        """An episode where one is due; at step 0 only chance, the encoder is kept for `late`."""
        encoder: nn.Module = state.objective.encoder  # type: ignore[assignment]
        if state.step == 0:
            self._start = deepcopy(encoder)
            return {f"chance/{t.name}/{t.view}": t.chance for t in self.targets}
        if state.step % self.every and state.step != state.steps:
            return {}
        return self.episode(encoder, state.step)

    def late(self, state: State) -> Record | None:
        """The episode of step 0, after the first step: nobody waits for it to see a first loss."""
        if self._start is None:
            return None
        start, self._start = self._start, None
        return Record(0, self.episode(start, 0))

    def noticed(self) -> Sequence[tuple[str, str]]:
        """Factors left out, and episodes skipped, since the last call."""
        events, self._events = self._events, []
        return events

    def episode(self, encoder: nn.Module, step: int) -> dict[str, Measure]:
        """Fresh probes on this encoder, and their nulls; `step` fixes every draw.

        Where features cannot be read, the one number is `probes_skipped`, episodes so far.
        """
        features = self._features(encoder)
        features["both"] = torch.cat(list(features.values()), 1)
        found: dict[str, Measure] = {}
        try:
            for view in VIEWS:
                targets = [target for target in self.targets if target.view == view]
                if targets:
                    train, held_out = features[view].split(
                        [self.train, len(features[view]) - self.train]
                    )
                    found |= read_off(
                        train, held_out, targets, seeds=self.seeds, seed=self.seed, step=step
                    )
        except PlantEduError as error:
            self.skipped += 1
            self._events.append((SKIPPED, f"step {step}, {self.skipped} so far: {error}"))
            return {"probes_skipped": float(self.skipped)}
        return found
