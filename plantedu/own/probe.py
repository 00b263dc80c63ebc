"""What a linear reader finds of one's own labels: beside shuffled labels, random init and pixels.

    accuracy     each picture is read once, by a reader fitted without its fold
    null         the same reader on shuffled labels
    less random  accuracy on h less accuracy on the random-init twin's h, picture by picture

What is read from random weights was not learned. What a linear reader finds is there; it does not
follow that the network uses it.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]; shuffled labels in the spirit of Hewitt
& Liang 2019, arXiv:1909.03368 [hewitt2019]. Lesson: 02_training.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.splits import folds_by_plant
from plantedu.errors import require
from plantedu.own.finding import Finding
from plantedu.own.images import Images
from plantedu.own.images import images as images_of
from plantedu.own.model import Model, Pictures, model
from plantedu.own.picture_set import labelled
from plantedu.own.similarity import pixel_features
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.statistics.paired_differences import difference
from plantedu.training.linear_probe import FEWEST, Target, answered
from plantedu.training.seeding import numpy_generator_for

FOLDS = 5
CONTROL = "shuffled labels"


def probe(
    me: Model | str,
    data: Images | Pictures,
    *,
    labels: Sequence[Any] | None = None,
    shuffles: int = 10,
    seed: int = 0,
) -> Finding:
    """Which share of one's own labels a linear reader finds in h.

    Args:
        me: A model, or words that name one (see `model`).
        data: Pictures with labels, 16 or more.
        labels: One a picture, in place of those of `data`.
        shuffles: Shuffles of the labels, for the null.
        seed: Draws folds and shuffles.

    Returns:
        Accuracy on pictures not fitted on, with a 95 % interval over pictures, beside the mean over
        shuffled labels; for the model, its random-init twin, the pixels, and model less twin.

    Raises:
        PlantEduError: without labels, with one class, with fewer than 16 pictures, or features
            that are not finite.

    Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 02_training.
    """
    began, me = time.perf_counter(), model(me)
    data = data if isinstance(data, Images) else images_of(data, size=me.side)  # type: ignore[arg-type]
    data.require_varied()
    data = data if labels is None else labelled(data, labels)
    codes = data.require_labels("A probe")
    n, folds = len(data), min(FOLDS, len(data) // FEWEST)
    require(folds >= 2, f"A probe needs {2 * FEWEST} pictures or more, to hold some out; got {n}.")
    twin = me.random_twin(pictures=data)
    sides = {
        me.name: me.features(data),
        twin.name: twin.features(data),
        "pixels": pixel_features(data),
    }
    read = {name: _read(h, codes, len(data.classes), folds, shuffles, seed)
            for name, h in sides.items()}  # fmt: skip
    lines = [(name, _evidence(name, *found)) for name, found in read.items()]
    less = difference(
        f"{me.name} less {twin.name}",
        read[me.name][0],
        read[twin.name][0],
        question=f"What does {me.name} say of the labels that random weights do not?",
        seed=seed,
    )
    lines.append((less.name, less.evidence))
    notes = [] if less.p < 0.05 else [_no_more(me.name, less.p)]
    share = float(np.bincount(codes).max() / n)
    return Finding(
        title=f"How much of {len(data.classes)} classes does a linear reader find in {me.layer}?",
        unit="accuracy",
        lines=tuple(lines),
        notes=(*notes, f"The largest class holds {share:.2f} of the pictures."),
        settings={"n": n, "folds": folds, "shuffles": shuffles, "seed": seed, "layer": me.layer},
        seconds=time.perf_counter() - began,
    )


def _no_more(name: str, p: float) -> str:
    return (
        f"No more is found in {name} than in random weights (p = {p:.2f}): nothing here says that "
        "training put the labels there."
    )


def _read(
    h: Tensor, codes: np.ndarray, classes: int, folds: int, shuffles: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each picture is read correctly, "n"; and the same of each shuffle, "shuffles n"."""
    right, null = np.zeros(len(codes)), np.zeros((shuffles, len(codes)))
    places, labels = torch.as_tensor(codes), [str(code) for code in codes.tolist()]
    generator = numpy_generator_for(seed, "own folds")
    ids = [f"picture {k}" for k in range(len(codes))]
    for step, (train, held) in enumerate(
        folds_by_plant(ids, labels, folds=folds, generator=generator)
    ):
        target = Target("the labels", "own", classes, places[train], places[held])
        parts = answered(h[train], h[held], [target], seeds=shuffles, seed=seed, step=step)
        for name, found in parts:
            if name.startswith("probe"):
                right[held] = found[0].numpy()
            else:
                null[:, held] = found.numpy()
    return right, null


def _evidence(name: str, right: np.ndarray, null: np.ndarray) -> Evidence:
    question = f"Which share of the labels does a linear reader find in {name}?"
    return mean_over_plants(question, right, float(null.mean()), CONTROL, kind="share")
