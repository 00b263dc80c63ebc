"""Stateless randomness: what is drawn depends on (seed, purpose, step) and on nothing before it.

A run that was stopped and resumed, or watched by probes or by nobody, draws the same numbers,
because no generator is ever carried from one step to the next.
"""

import hashlib

import numpy as np
import torch


def _number(seed: int, purpose: str, step: int) -> int:
    digest = hashlib.sha256(f"{seed}/{purpose}/{step}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator_for(seed: int, purpose: str, step: int = 0) -> torch.Generator:
    """A torch generator on the CPU for one purpose at one step."""
    return torch.Generator().manual_seed(_number(seed, purpose, step))


def numpy_generator_for(seed: int, purpose: str, step: int = 0) -> np.random.Generator:
    """The same for numpy."""
    return np.random.Generator(np.random.PCG64(_number(seed, purpose, step)))
