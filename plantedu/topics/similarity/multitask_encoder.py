"""An encoder trained on some factors of its plants and not on others: what it must know is planted.

    L = mean over its factors of    CE(h W_f, y_f) / ln(levels)      for a category
                                    mean (h W_f - y_f)^2             for a number, standardised

Two such encoders whose lists differ by one factor were made to differ in that factor alone; start,
order of the plants and crops come from the seed, so two seeds of one list differ in nothing that
was planted. Whether the factor left out is really missing is for a probe to say: pictures leak.

Lesson: 06_similarity.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.data.renderer.factors import COLUMNS, factor
from plantedu.errors import require
from plantedu.models.encoders import Encoder, make_encoder
from plantedu.training.fit import State, fit, one_cycle
from plantedu.training.online_probes import shrunk
from plantedu.training.seeding import generator_for


@dataclass(frozen=True)
class MultitaskLoss:
    """The scalar, and its part for each factor."""

    total: Tensor
    parts: Mapping[str, Tensor]
    events: tuple[tuple[str, str], ...] = ()


class MultitaskObjective(nn.Module):
    """Encoder with a linear reader for each of its factors."""

    def __init__(self, encoder: Encoder, columns: Sequence[str]) -> None:
        """Readers start at zero: all that differs between seeds is the encoder's start.

        Args:
            encoder: What is trained.
            columns: Columns of factors, such as "disease" or "light_rgb".

        Raises:
            PlantEduError: for no column, or an unknown one.
        """
        super().__init__()
        require(bool(columns), "An encoder is trained on one factor or more; got none.")
        for name in columns:
            factor(name)
        self.encoder, self.columns = encoder, tuple(columns)
        self.levels = {name: len(COLUMNS[name].levels) for name in columns}
        self.readers = nn.ModuleDict(
            {name: nn.Linear(encoder.dim, self.levels[name] or 1) for name in columns}
        )
        for weight in self.readers.parameters():
            nn.init.zeros_(weight)

    def loss(self, batch: tuple[Tensor, Mapping[str, Tensor]]) -> MultitaskLoss:
        """Mean over factors, each in units of what a constant answer costs."""
        images, truth = batch
        h = self.encoder(images)
        parts = {}
        for name in self.columns:
            output, levels = self.readers[name](h), self.levels[name]
            if levels:
                parts[name] = F.cross_entropy(output, truth[name]) / math.log(levels)
            else:
                parts[name] = F.mse_loss(output[:, 0], truth[name])
        return MultitaskLoss(torch.stack(list(parts.values())).mean(), parts)


def multitask_encoder(
    images: np.ndarray,
    truth: Mapping[str, np.ndarray],
    *,
    columns: Sequence[str],
    seed: int,
    encoder: str = "res2next_tiny",
    side: int = 40,
    batch: int = 64,
    steps: int = 300,
    learning_rate: float = 3e-3,
    check: Callable[[], None] = lambda: None,
) -> Encoder:
    """Train one.

    Args:
        images: Pictures of one sensor, uint8, "plants 3 height width".
        truth: Columns of draws of the same plants.
        columns: Which of them the encoder is trained on.
        seed: Start of the weights and order of the plants.
        encoder: Name in plantedu.models.encoders.
        side: Side in pixels that it sees.
        batch: Plants a step.
        steps: Optimiser steps.
        learning_rate: Peak of the one-cycle schedule (AdamW).
        check: Called each step; may raise to stop.

    Raises:
        PlantEduError: for an unknown column, or fewer plants than a batch.
    """
    n = len(images)
    require(n >= batch, f"A batch of {batch} needs as many plants; got {n}.")
    objective = MultitaskObjective(make_encoder(encoder, seed=seed, side=side), columns)
    pictures, wanted = shrunk(images, side), _targets(truth, columns)

    def batches(step: int) -> tuple[Tensor, dict[str, Tensor]]:
        check()
        order = torch.randperm(n, generator=generator_for(seed, "told", step))  # a stream's name
        rows = order[:batch]
        return pictures[rows], {name: column[rows] for name, column in wanted.items()}

    optimizer = torch.optim.AdamW(objective.parameters(), lr=learning_rate, weight_decay=1e-4)
    objective.train()
    fit(
        State(objective, optimizer, steps),
        batches,
        learning_rate=lambda k: one_cycle(k, steps=steps, peak=learning_rate, warmup=0.2),
    )
    return objective.encoder.eval()


def _targets(truth: Mapping[str, np.ndarray], columns: Sequence[str]) -> dict[str, Tensor]:
    """Codes of categories as they are, numbers standardised."""
    found = {}
    for name in columns:
        column = torch.from_numpy(np.asarray(truth[name]))
        if COLUMNS[name].levels:
            found[name] = column.long()
        else:
            found[name] = ((column - column.mean()) / column.std()).float()
    return found
