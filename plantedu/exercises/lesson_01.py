"""Code exercises of lesson 01: a leak finder, a split by plants, what reached the encoder.

Lesson: 01_pairs. The package's own versions are in data/challenge/leaks.py, data/splits.py and
zoo/hooks.py.
"""

from collections.abc import Callable

import numpy as np
import torch

from plantedu.exercises import checks_01 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "01_pairs"


def find_leaks(plants: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, float]:
    """The plants on both sides of a split, and the share of held-out rows that are not new.

        leaked = plants with a held-out row and with a training row
        share  = held-out rows of leaked plants / held-out rows

    Args:
        plants: Number of each row's plant, shape (rows,), integers. The rows of a plant need not
            be neighbours.
        held_out: Whether a row is held out, shape (rows,), bool; all others are for training.

    Returns:
        The leaked plants, each once, ascending; and the share, a number from 0 to 1, 0 where
        nothing is held out.

    Source: Kapoor & Narayanan 2023 [kapoor2023].
    """
    leaked = np.intersect1d(plants[held_out], plants[~held_out])
    if not held_out.any():
        return leaked, 0.0
    return leaked, float(np.isin(plants[held_out], leaked).mean())


def split_by_plants(plants: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Hold out plants at random, each with all of its rows.

    Args:
        plants: Number of each row's plant, shape (rows,), integers; a plant has one row or more.
        share: Of the *plants* (not of the rows) that are held out, rounded to whole plants.
        rng: Where chance comes from: the same generator gives the same split.

    Returns:
        Whether a row is held out, shape (rows,), bool.

    Source: Kapoor & Narayanan 2023 [kapoor2023].
    """
    unique = np.unique(plants)
    wanted = round(share * len(unique))
    chosen = rng.permutation(unique)[:wanted]
    return np.isin(plants, chosen)


def what_reached(encoder: torch.nn.Module, run: Callable[[], object]) -> list[torch.Tensor]:
    """What an encoder was given, call by call, while something runs: an audit of the pipe.

    A *forward pre-hook* is called with (module, inputs) before each forward pass; what it returns
    would replace the input, so it returns None.

    Args:
        encoder: A module whose forward takes one batch.
        run: Called once, without arguments. It calls the encoder, perhaps many times, and may
            reuse or change its batch afterwards. What it raises is raised.

    Returns:
        A copy of each batch, in the order of the calls, without a gradient. No hook is left on the
        encoder, however `run` ends.

    Source: torch.nn.Module.register_forward_pre_hook; lesson 01, "The pair that was not".
    """
    seen: list[torch.Tensor] = []

    def keep(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        seen.append(inputs[0].detach().clone())

    handle = encoder.register_forward_pre_hook(keep)
    try:
        run()
    finally:
        handle.remove()
    return seen


EXERCISES = (
    Exercise(
        key="01.5",
        title="A leak finder",
        lesson=LESSON,
        reference=find_leaks,
        checks=(checks.one_leak, checks.far_apart, checks.clean, checks.nothing_held_out),
        mistakes={
            "the share is of all rows": (
                "A score is computed on the held-out rows alone, so what matters is how many of "
                "*them* were seen. Divided by all rows, the leak looks several times smaller."
            ),
            "the share is of the plants": (
                "Plants with many rows weigh more in a score than plants with one. The score "
                "averages over held-out rows, and so does the share."
            ),
            "every plant that has two rows": (
                "Two rows on the same side are no leak. A plant leaks when one of its rows is in "
                "training and another one is held out."
            ),
            "neighbouring rows only": (
                "Rows of a plant may stand anywhere: a table is often sorted by camera, or "
                "shuffled. Compare numbers of plants, not neighbours."
            ),
            "nothing held out is 0/0": (
                "The mean of no rows is NaN, and NaN compares false with everything: a test "
                "`share > 0` would pass a broken split."
            ),
        },
    ),
    Exercise(
        key="01.6",
        title="A split by plants",
        lesson=LESSON,
        reference=split_by_plants,
        checks=(checks.whole_plants, checks.so_many, checks.at_random),
        mistakes={
            "rows are split, not plants": (
                "This is the published project's leak: with two rows a plant and a fifth held out, "
                "four in five held-out rows have their twin in training."
            ),
            "the share is of the rows": (
                "Plants are the independent units, so their number says how sure a score is. "
                "Filling up by rows makes that number depend on who was photographed often."
            ),
            "the first plants are held out": (
                "Rows come in the order of fields and days. The first plants are of one field and "
                "one day, and a score on them says nothing about the others."
            ),
            "a generator of its own": (
                "Chance comes from the generator that is given. With one of its own the function "
                "gives the same split for every seed, or another one each time."
            ),
        },
    ),
    Exercise(
        key="01.7",
        title="What reached the encoder",
        lesson=LESSON,
        reference=what_reached,
        checks=(checks.each_call, checks.copies, checks.no_graph, checks.nothing_is_left),
        mistakes={
            "the output is kept": (
                "A forward hook gets (module, inputs, output). The question is what went in: a "
                "wrong pair may come out looking fine."
            ),
            "only the last call": (
                "The error of lesson 01 shows in a *sequence*: the same picture twice where two "
                "cameras should alternate. One batch cannot show that."
            ),
            "a reference, not a copy": (
                "Data loaders and augmentations reuse their memory. A tensor that is kept without "
                "a copy shows what stands there later, not what the encoder saw."
            ),
            "the graph is kept": (
                "A tensor with requires_grad holds on to all that it was computed from. Over a "
                "training this fills the memory; detach() lets go."
            ),
            "the hook stays": (
                "The hook goes on collecting in every later run, and a second call counts each "
                "batch twice."
            ),
            "the hook stays after an error": (
                "Runs do fail. Remove the hook under `finally`, or the next audit of the same "
                "encoder is wrong."
            ),
        },
    ),
)
