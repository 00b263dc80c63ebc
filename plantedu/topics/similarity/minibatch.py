"""CKA of more plants than fit: unbiased HSIC of one batch after the other.

    CKA = sum_b HSIC(K_b, L_b) / sqrt(sum_b HSIC(K_b, K_b) sum_b HSIC(L_b, L_b))

HSIC is unbiased in every batch, so its sum is too, and batches need not be large; the ratio of the
sums is not quite. Averaging the batches' own CKA would be biased for small ones.

Source: Nguyen et al. 2020, arXiv:2010.15327 [nguyen2020]; Song et al. 2007 [song2007].
Lesson: 06_similarity.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from plantedu.errors import PlantEduError, require
from plantedu.statistics.cka import products, u_centred
from plantedu.topics.similarity.measure import LEAST, centred, check_paired


class MinibatchCka:
    """Debiased linear CKA of a stream of batches.

    Attributes:
        n: Plants seen.
    """

    def __init__(self) -> None:
        self.n = 0
        self._sums = torch.zeros(3, dtype=torch.float64)

    def add(self, x: Tensor, y: Tensor) -> None:
        """See a batch of both representations.

        Args:
            x: "plants p", four or more.
            y: "plants q", the same plants in the same order.

        Raises:
            PlantEduError: for batches that cannot be compared.
        """
        check_paired(x, y)
        require(len(x) >= LEAST, f"A batch holds {LEAST} plants or more; got {len(x)}.")
        k, m = (u_centred(products(centred(one))).flatten() for one in (x, y))
        told = torch.stack([k.dot(m), k.dot(k), m.dot(m)]).double().cpu()
        self._sums += told / (len(x) * (len(x) - 3))
        self.n += len(x)

    def value(self) -> float:
        """CKA of what has been seen.

        Raises:
            PlantEduError: before the first batch.
        """
        if not self.n:
            raise PlantEduError("No batch has been added yet.")
        cross, own, other = self._sums.tolist()
        return cross / math.sqrt(own * other)


def minibatch_cka(batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Debiased linear CKA over batches of both representations.

    Raises:
        PlantEduError: for batches that cannot be compared, or none.
    """
    seen = MinibatchCka()
    for x, y in batches:
        seen.add(x, y)
    return seen.value()
