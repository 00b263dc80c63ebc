"""One's own function inside a planted world: copies go in, a checked answer comes out.

The function is given its inputs and nothing else. It gets copies, so that it can spoil no other
method's world, and hears when it has changed them. Every global random state is set from the
world's number before the call and put back after it; a function with an argument `seed` is given
that number too. So the same worlds give the same grade.

A function that peeks (reads files, globals, the frames above it) can find the truth. That is out of
scope: nothing here is a sandbox.

Lesson: 11_report.
"""

import copy
import inspect
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError


class Guarded:
    """A function that is called in worlds; its mistakes are reported with the world's number."""

    def __init__(self, own: Callable[..., Any]) -> None:
        """Look whether the function wants a seed."""
        self.own, self.name = own, str(getattr(own, "__name__", type(own).__name__))
        try:
            self.takes_seed = "seed" in inspect.signature(own).parameters
        except (TypeError, ValueError):  # written in C, such as a ufunc
            self.takes_seed = False

    def __call__(self, world: int, *given: Any) -> Any:
        """What the function answers on copies of what is given.

        Args:
            world: Seed of the world.
            given: Arrays, tensors, networks, plain numbers.

        Raises:
            PlantEduError: for a function that raises, or that changed its inputs.
        """
        copies = [_copied(one) for one in given]
        words = {"seed": world} if self.takes_seed else {}
        with _seeded(world), torch.enable_grad():
            try:
                answer = self.own(*copies, **words)
            except Exception as error:
                said = f"{type(error).__name__}: {error}".rstrip(": ")
                raise self.wrong(world, f"raised {said}") from error
        for place, (before, after) in enumerate(zip(given, copies, strict=True), 1):
            if not _same(before, after):
                raise self.wrong(
                    world,
                    f"changed its argument {place}. Work on a copy: a method that spoils its "
                    "inputs spoils them for whoever comes next",
                )
        return answer

    def wrong(self, world: int, what: str) -> PlantEduError:
        """The sentence for what the function did in a world."""
        return PlantEduError(f"World {world}: {self.name} {what}.")

    def array(self, world: int, answer: object, *shapes: tuple[int, ...], what: str) -> np.ndarray:
        """An answer as float64 numbers of one of some shapes.

        Raises:
            PlantEduError: for what is no array, another shape, or numbers that are not finite.
        """
        try:
            found = answer.detach().cpu() if isinstance(answer, Tensor) else answer
            array = np.asarray(found).astype(np.float64)
        except (TypeError, ValueError) as error:
            kind = type(answer).__name__
            raise self.wrong(world, f"gave a {kind}; expected {what}") from error
        if array.shape not in shapes:
            raise self.wrong(
                world, f"gave an array of shape {array.shape}; expected {what}, {shapes[0]}"
            )
        bad = int((~np.isfinite(array)).sum())
        if bad:
            raise self.wrong(world, f"gave {bad} numbers that are not finite")
        return array


def _copied(one: Any) -> Any:
    if isinstance(one, Tensor):
        return one.detach().clone()
    return copy.deepcopy(one)


def _same(before: Any, after: Any) -> bool:
    """Whether a copy is still what it was copied from."""
    if isinstance(before, nn.Module):
        old, new = before.state_dict(), after.state_dict()
        modes = [[part.training for part in one.modules()] for one in (before, after)]
        same = old.keys() == new.keys() and all(_same(old[k], new[k]) for k in old)
        return same and modes[0] == modes[1]
    if isinstance(before, Tensor):
        return before.shape == after.shape and torch.equal(before, after.detach())
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    return bool(before == after)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Global random states set from a number, and put back; warnings are the function's own."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        torch.default_generator.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002
