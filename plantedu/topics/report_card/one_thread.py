"""One thread for what is examined: the same marks on every machine, and no waiting in a circle.

A trial is thousands of small operations. With several threads each of them waits for the others at
its end, and OpenMP's threads spin while they wait: where another process wanted the two cores, a
world took 126 s of processor time with two threads and 13 s with one, with the same verdicts.

Lesson: 11_report.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """torch and the matrix kernels with one thread inside, as many as before outside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(before)
