"""A logger of a training: what a person could have measured, kept step by step.

Every step: what the log has (loss, learning rate, H(q), KL) and what was fed. Every `every` steps:
what an evaluation of the weights would have found, and which parts have moved since the last one:

    moved = |w_t - w_(t - every)| / |w_t|      of each part's weights, and of running statistics

The logger reads weights and puts back every batch-norm statistic that a forward pass in training
mode moves, so that a run with a logger ends in the same bits as one without.

Lesson: 03_bump.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.bump.interventions import FrozenStatistics
from plantedu.training.fit import Observer, Record, State

LOGGED = ("loss", "learning_rate", "entropy", "divergence")
PARTS = ("encoder", "projector", "last")
Exam = Callable[[nn.Module], Mapping[str, Any]]


class TrainingLogger(Observer):
    """Keeps everything; `columns` is by step, `looks` by evaluation.

    Attributes:
        rows: One mapping a step: LOGGED and what was fed.
        looks: One mapping an evaluation: what the exam found, and `moved/PART`.
    """

    def __init__(self, exam: Exam, *, every: int, row_every: int = 1, shown: str = "loss") -> None:
        """Watch a run.

        Args:
            exam: Measures an objective without changing it.
            every: Steps between two evaluations.
            row_every: Steps between two rows of the log.
            shown: Number that is logged as the loss.

        Raises:
            PlantEduError: if evaluations do not fall on rows.
        """
        require(
            every >= row_every >= 1 and every % row_every == 0,
            f"Evaluations come at every whole number of rows: got every {every}, rows {row_every}.",
        )
        self.exam, self.every, self.row_every, self.shown = exam, every, row_every, shown
        self.rows: list[dict[str, float]] = []
        self.looks: list[dict[str, Any]] = []
        self._before: dict[str, Tensor] = {}

    def on_start(self, state: State) -> None:
        self._before = parts_of(state.objective)

    def on_step(self, state: State, record: Record) -> None:
        if "loss" not in record.values or record.step % self.row_every:
            return
        logged = {n: float(record.values[n]) for n in LOGGED if n in record.values}  # type: ignore[arg-type]
        logged["loss"] = float(record.values[self.shown])  # type: ignore[arg-type]
        self.rows.append({"step": record.step, **logged, **fed(state.batch)})
        if record.step % self.every == 0:
            after = parts_of(state.objective)
            moved = {f"moved/{n}": _moved(self._before[n], now) for n, now in after.items()}
            self._before = after
            self.looks.append({"step": record.step, **moved, **self.exam(bare(state.objective))})

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was kept, float32: "row/NAME" by step, "look/NAME" by evaluation."""
        found = {}
        for kind, kept in (("row", self.rows), ("look", self.looks)):
            for name in kept[0] if kept else ():
                found[f"{kind}/{name}"] = np.asarray([one[name] for one in kept], np.float32)
        return found


def bare(objective: nn.Module) -> nn.Module:
    """An objective without the wrapper of a change."""
    return objective.inner if isinstance(objective, FrozenStatistics) else objective


def parts_of(objective: nn.Module) -> dict[str, Tensor]:
    """The weights of each part as one vector, and all running statistics as another.

    The last part is what scores are made with: prototypes, the classifier's head, the answers.
    """
    found: dict[str, list[Tensor]] = {part: [] for part in (*PARTS, "statistics")}
    for name, weight in bare(objective).named_parameters():
        found[_part(name)].append(weight.detach().flatten())
    for name, values in bare(objective).named_buffers():
        if name.endswith(("running_mean", "running_var")):
            found["statistics"].append(values.flatten())
    return {n: torch.cat(all_).clone() for n, all_ in found.items() if all_}


def _part(name: str) -> str:
    if any(word in name for word in ("encoder", "embedding")):
        return "encoder"
    return "projector" if any(word in name for word in ("projector", "hidden")) else "last"


def _moved(before: Tensor, now: Tensor) -> float:
    return float((now - before).norm() / now.norm().clamp_min(1e-12))


def fed(batch: Any) -> dict[str, float]:
    """Rows of a batch and, where it holds pictures, their bands, contrast and how sensors agree."""
    pictures = getattr(batch, "large", getattr(batch, "views", None))
    if pictures is None:
        return {"fed/rows": float(sum(len(one) for one in batch.values()))}
    bands = pictures.mean((1, 3, 4))  # views, bands
    bright = pictures.mean((2, 3, 4))  # views, plants
    values = {"fed/rows": float(pictures.shape[1]), "fed/contrast": float(pictures.std())}
    for k, name in enumerate(("red", "green", "third")):
        values[f"fed/{name}"] = float(bands[:, k].mean())
    values["fed/sensors"] = float(bands[0].mean() - bands[-1].mean())
    centred = bright - bright.mean(1, keepdim=True)
    values["fed/agreement"] = float(
        (centred[0] * centred[-1]).sum() / (centred[0].norm() * centred[-1].norm()).clamp_min(1e-9)
    )
    return values


@contextmanager
def in_training_mode(module: nn.Module) -> Iterator[None]:
    """Training mode without gradients inside; modes and running statistics back outside."""
    modes = [(part, part.training) for part in module.modules()]
    kept = {name: values.clone() for name, values in module.named_buffers()}
    module.train()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training
        for name, values in module.named_buffers():
            values.copy_(kept[name])
