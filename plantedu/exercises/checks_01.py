"""What is checked in the code exercises of lesson 01."""

from collections.abc import Callable

import numpy as np
import torch

from plantedu.exercises.comparing import Either, expect, same
from plantedu.exercises.exercise import Failed


def one_leak(f: Callable) -> None:
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


def far_apart(f: Callable) -> None:
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
            "the share is of all rows": Either(((both, 2 / 9), (both, 5 / 9))),
            "the share is of the plants": (both, 2 / 5),
        },
    )


def clean(f: Callable) -> None:
    """a clean split has no leak"""
    plants, held_out = np.array([1, 1, 2, 2]), np.array([False, False, True, True])
    same(
        f(plants, held_out),
        (plants[:0], 0.0),
        of="two plants, one on each side",
        mistakes={"every plant that has two rows": (np.array([1, 2]), 1.0)},
    )


def nothing_held_out(f: Callable) -> None:
    """nothing held out is no leak, and no division by zero"""
    with np.errstate(all="ignore"):
        _, share = f(np.array([1, 1]), np.array([False, False]))
    expect(
        not np.isnan(share),
        "With nothing held out the share is NaN; it is 0.",
        mistake="nothing held out is 0/0",
    )
    same(share, 0.0, of="two rows for training and none held out")


PLANTS = np.array([70, 30, 30, 50, 70, 70, 70, 20, 60, 60, 10, 40, 80, 70])  # 8 plants, 14 rows


def whole_plants(f: Callable) -> None:
    """all rows of a plant are on one side"""
    for seed in range(5):
        held_out = f(PLANTS, 0.5, np.random.default_rng(seed))
        same(np.zeros_like(held_out), np.zeros(14, dtype=bool), of="8 plants with 14 rows")
        both = set(PLANTS[held_out]) & set(PLANTS[~held_out])
        expect(
            not both,
            f"Half of 8 plants are held out, and {sorted(int(one) for one in both)} have rows on "
            "both sides.",
            mistake="rows are split, not plants",
        )


def so_many(f: Callable) -> None:
    """the share is of the plants"""
    for seed in range(5):
        held_out = f(PLANTS, 0.25, np.random.default_rng(seed))
        there = len(set(PLANTS[held_out]))
        if set(PLANTS[held_out]) & set(PLANTS[~held_out]):
            return  # reported above
        expect(
            there == 2,
            f"A quarter of 8 plants are 2 (one has 5 of the 14 rows); {there} are held out.",
            mistake="the share is of the rows" if abs(held_out.sum() - 3.5) < 2 else "",
        )


def at_random(f: Callable) -> None:
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


class _StopError(Exception):
    """What a run raises in a check."""


def _doubling() -> torch.nn.Linear:
    """A module that doubles its input."""
    encoder = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(encoder.weight, 2.0)
    return encoder


def _hooks(encoder: torch.nn.Module) -> int:
    return len(encoder._forward_pre_hooks) + len(encoder._forward_hooks)


def each_call(f: Callable) -> None:
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


def copies(f: Callable) -> None:
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


def no_graph(f: Callable) -> None:
    """what is kept has no gradient"""
    encoder, batch = _doubling(), torch.ones(1, 1, requires_grad=True)
    got = f(encoder, lambda: encoder(batch * 1))
    expect(
        not any(one.requires_grad for one in got),
        "A kept batch still has requires_grad.",
        mistake="the graph is kept",
    )


def nothing_is_left(f: Callable) -> None:
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
