"""Code exercises of lesson 01: a leak finder, a split by plants, what reached the encoder.

Lesson: 01_pairs. The package's own versions are in data/challenge/leaks.py, data/splits.py and
zoo/hooks.py.
"""

from collections.abc import Callable

import numpy as np
import torch

from plantedu.exercises.comparing import expect, same
from plantedu.exercises.exercise import Exercise, Failed

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


def _one_leak(f: Callable) -> None:
    """one plant of four rows stands on both sides"""
    plants, held_out = np.array([3, 7, 7, 5]), np.array([False, False, True, True])
    same(
        f(plants, held_out),
        (np.array([7]), 0.5),
        of="plants 3, 7, 7, 5 with the last two rows held out",
        mistakes={
            "the share is of all rows": (np.array([7]), 0.25),
            "the share is of the plants": (np.array([7]), 1 / 3),
        },
    )


def _far_apart(f: Callable) -> None:
    """rows of a plant that are no neighbours, and a plant that is wholly held out"""
    plants = np.array([9, 4, 2, 9, 4, 4, 8, 8, 1])
    held_out = np.isin(np.arange(9), [0, 4, 6, 7])
    both = np.array([4, 9])
    same(
        f(plants, held_out),
        (both, 0.5),
        of="plants 9 4 2 9 4 4 8 8 1 with rows 0, 4, 6 and 7 held out",
        mistakes={
            "every plant that has two rows": (np.array([4, 8, 9]), 1.0),
            "neighbouring rows only": (np.array([4]), 0.25),
            "the share is of all rows": (both, 2 / 9),
            "the share is of the plants": (both, 2 / 5),
        },
    )


def _clean(f: Callable) -> None:
    """a clean split has no leak"""
    plants, held_out = np.array([1, 1, 2, 2]), np.array([False, False, True, True])
    same(
        f(plants, held_out),
        (plants[:0], 0.0),
        of="two plants, one on each side",
        mistakes={"every plant that has two rows": (np.array([1, 2]), 1.0)},
    )


def _nothing_held_out(f: Callable) -> None:
    """nothing held out is no leak, and no division by zero"""
    with np.errstate(all="ignore"):
        _, share = f(np.array([1, 1]), np.array([False, False]))
    expect(
        not np.isnan(share),
        "With nothing held out the share is NaN; it is 0.",
        mistake="nothing held out is 0/0",
    )
    same(share, 0.0, of="two rows for training and none held out")


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


PLANTS = np.array([70, 30, 30, 50, 70, 70, 70, 20, 60, 60, 10, 40, 80, 70])  # 8 plants, 14 rows


def _whole_plants(f: Callable) -> None:
    """all rows of a plant are on one side"""
    for seed in range(5):
        held_out = f(PLANTS, 0.5, np.random.default_rng(seed))
        same(np.zeros_like(held_out), np.zeros(14, dtype=bool), of="8 plants with 14 rows")
        both = set(PLANTS[held_out]) & set(PLANTS[~held_out])
        expect(
            not both,
            f"Half of 8 plants are held out, and {sorted(int(one) for one in both)} have rows on "
            "both sides.",
            mistake="rows are dealt, not plants",
        )


def _so_many(f: Callable) -> None:
    """the share is of the plants"""
    for seed in range(5):
        held_out = f(PLANTS, 0.25, np.random.default_rng(seed))
        there = len(set(PLANTS[held_out]))
        if set(PLANTS[held_out]) & set(PLANTS[~held_out]):
            return  # told above
        expect(
            there == 2,
            f"A quarter of 8 plants are 2 (one has 5 of the 14 rows); {there} are held out.",
            mistake="the share is of the rows" if abs(held_out.sum() - 3.5) < 2 else "",
        )


def _at_random(f: Callable) -> None:
    """which plants are held out is left to the generator"""
    picks = [frozenset(PLANTS[f(PLANTS, 0.25, np.random.default_rng(s))]) for s in range(20)]
    again = [frozenset(PLANTS[f(PLANTS, 0.25, np.random.default_rng(s))]) for s in range(20)]
    if len(set(picks)) == 1:
        first = picks[0] in ({10, 20}, {70, 30}, {70, 80}, {40, 80})
        raise Failed(
            f"Twenty generators hold out the same plants: {sorted(int(p) for p in picks[0])}.",
            mistake="the first plants are held out" if first else "a generator of its own",
        )
    expect(
        picks == again,
        "The same generator, made again, gives another split.",
        mistake="a generator of its own",
    )
    expect(len(set().union(*picks)) == 8, "In twenty splits some plant is never held out.")


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


class _StopError(Exception):
    """What a run raises in a check."""


def _doubling() -> torch.nn.Linear:
    """A module that doubles its input."""
    encoder = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(encoder.weight, 2.0)
    return encoder


def _hooks(encoder: torch.nn.Module) -> int:
    return len(encoder._forward_pre_hooks) + len(encoder._forward_hooks)


def _each_call(f: Callable) -> None:
    """three calls give three batches, in their order"""
    encoder, batches = _doubling(), [torch.tensor([[value]]) for value in (0.2, 0.8, 0.3)]
    got = f(encoder, lambda: [encoder(batch) for batch in batches])
    expect(
        len(got) != 1,
        "The encoder was called three times; the answer holds one batch.",
        mistake="only the last call",
    )
    same(
        got,
        batches,
        of="an encoder that doubles, called with .2, .8 and .3",
        mistakes={"the output is kept": [2 * batch for batch in batches]},
    )


def _copies(f: Callable) -> None:
    """what is kept stays as it was when the run changes its batch"""
    encoder, batch = _doubling(), torch.tensor([[0.2]])

    def run() -> None:
        for _ in range(2):
            encoder(batch)
            batch.add_(0.5)

    got = f(encoder, run)
    if len(got) == 2:
        same(
            got,
            [torch.tensor([[0.2]]), torch.tensor([[0.7]])],
            of="one batch, .2, to which the run adds .5 after each call",
            mistakes={
                "a reference, not a copy": [batch, batch],
                "the output is kept": [torch.tensor([[0.4]]), torch.tensor([[1.4]])],
            },
        )


def _no_graph(f: Callable) -> None:
    """what is kept has no gradient"""
    encoder, batch = _doubling(), torch.ones(1, 1, requires_grad=True)
    got = f(encoder, lambda: encoder(batch * 1))
    expect(
        not any(one.requires_grad for one in got),
        "A kept batch still has requires_grad.",
        mistake="the graph is kept",
    )


def _nothing_is_left(f: Callable) -> None:
    """no hook is left on the encoder, also when the run raises"""
    encoder = _doubling()
    f(encoder, lambda: encoder(torch.ones(1, 1)))
    expect(
        _hooks(encoder) == 0,
        f"{_hooks(encoder)} hook is left on the encoder.",
        mistake="the hook stays",
    )

    def run() -> None:
        raise _StopError

    stopped = False
    try:
        f(encoder, run)
    except Failed as error:
        if not isinstance(error.__cause__, _StopError):
            raise
        stopped = True
    expect(stopped, "The run raised an error, and it was swallowed.")
    expect(
        _hooks(encoder) == 0,
        "The run raised an error, and a hook is left on the encoder.",
        mistake="the hook stays after an error",
    )


EXERCISES = (
    Exercise(
        key="01.5",
        title="A leak finder",
        lesson=LESSON,
        reference=find_leaks,
        checks=(_one_leak, _far_apart, _clean, _nothing_held_out),
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
        checks=(_whole_plants, _so_many, _at_random),
        mistakes={
            "rows are dealt, not plants": (
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
        checks=(_each_call, _copies, _no_graph, _nothing_is_left),
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
