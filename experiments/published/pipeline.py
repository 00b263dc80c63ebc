"""The published pipeline's SwAV, as its library gives it, with a clock instead of epochs.

self_supervised 1.0.4 is the library of semisupervised-rice-africa: fastai's Learner with the SWAV
callback. As published: batch 32, 3,000 prototypes, hidden layer 2,048, 128 dimensions, a queue of
2,048 used from half time on, one cycle, RGB alone. The published peak learning rate, 1e-4 over 600
epochs, is made for hours; here it is 1e-3, fastai's own default, which nobody tuned.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from plantedu.models.encoders import make_encoder
from plantedu.training.pair_source import PairSource
from plantedu.training.recipe import Recipe

BATCH, PROTOTYPES, HIDDEN, WIDTH, QUEUE = 32, 3000, 2048, 128, 2048
PEAK = 1e-3
SCALES = ((0.25, 0.05), (1.0, 0.3))  # least and most of large and small crops, as published


class ClockLike(Protocol):
    """Who says how much of the time is over, and copies the encoder at its marks."""

    @property
    def share(self) -> float: ...
    def tick(self, encoder: nn.Module) -> bool: ...


class Batches:
    """Batches of 32 RGB pictures in [0, 1] without end, as fastai asks for them."""

    device = torch.device("cpu")
    bs = BATCH

    def __init__(self, source: PairSource, seed: int) -> None:
        self.images = torch.from_numpy(source.take(source.train)[0])
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self.images) // BATCH

    def __iter__(self) -> Iterator[tuple[Any, torch.Tensor]]:
        from fastai.torch_core import TensorImage

        order = torch.randperm(len(self.images), generator=self.generator)
        for part in order.split(BATCH)[: len(self)]:
            yield TensorImage(self.images[part].float() / 255), torch.zeros(len(part))


def learner(
    recipe: Recipe,
    source: PairSource,
    clock: ClockLike,
    *,
    large: int,
    small: int,
    counts: tuple[int, int],
) -> "Timed":
    """A fastai Learner whose schedule, queue and end go by the clock."""
    from fastai.callback.core import Callback, CancelFitException
    from fastai.learner import Learner
    from self_supervised.vision.swav import SWAV, create_swav_model, get_swav_aug_pipelines

    class ByTheClock(Callback):
        order = -50  # before schedule and queue look at the share of the run

        def before_batch(self) -> None:
            self.learn.pct_train = min(clock.share, 0.9999)

        def after_batch(self) -> None:
            if clock.tick(self.learn.model.encoder):
                raise CancelFitException

    encoder = make_encoder(recipe.encoder, seed=recipe.seed)
    encoder.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        np.random.seed(recipe.seed)  # noqa: NPY002 - the library's blur draws from there
        model = create_swav_model(encoder, HIDDEN, WIDTH, PROTOTYPES)
    pipelines = get_swav_aug_pipelines(
        num_crops=counts,
        crop_sizes=(large, small),
        min_scales=SCALES[0],
        max_scales=SCALES[1],
        rotate_deg=10,
        stats=None,  # the encoder normalises for itself
        cuda=False,
    )
    callbacks = [SWAV(pipelines, [0, 1], K=QUEUE, queue_start_pct=0.5), ByTheClock()]
    learn = Learner(Loaders(source, recipe.seed), model, loss_func=nothing, cbs=callbacks)
    return Timed(learn)


def nothing(prediction: Any, *_: Any) -> Any:
    """Stands where a loss must stand until the callback brings its own."""
    return prediction


class Loaders:
    """fastai's pair of loaders; the one for validation is empty."""

    device = torch.device("cpu")

    def __init__(self, source: PairSource, seed: int) -> None:
        self.train, self.valid = Batches(source, seed), list[Any]()

    def __getitem__(self, k: int) -> Any:
        return (self.train, self.valid)[k]


class Timed:
    """A Learner that trains until its clock is over."""

    def __init__(self, learn: Any) -> None:
        self.learn = learn

    def fit(self) -> None:
        """One cycle, by the clock."""
        with self.learn.no_bar(), self.learn.no_logging():
            self.learn.fit_one_cycle(10_000, PEAK, wd=1e-6)
