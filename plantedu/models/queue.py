"""A queue of past embeddings, one for each sensor, that takes part in Sinkhorn.

With N samples and K prototypes a code can be no sharper than H(q) >= ln(K/N). Past embeddings
raise N without a larger batch; their codes are thrown away. Switching the queue on changes the
*objective*: the loss steps down with the weights unchanged, and that is not learning.

The order is read, then insert (as in the authors' code), so no embedding meets itself. Sensors
have a queue each: in a mixed one, "which sensor" would be the easiest cluster to find.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 02_training.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.shapes import Embeddings

SENSORS = (1, 2)


class Queue(nn.Module):
    """Ring of the last `length` embeddings of either sensor; its contents are checkpointed."""

    embeddings: Tensor
    inserted: Tensor

    def __init__(self, length: int, dim: int) -> None:
        """An empty queue.

        Args:
            length: Embeddings kept per sensor; 0 is no queue.
            dim: Width of an embedding.

        Raises:
            PlantEduError: if length is negative.
        """
        super().__init__()
        require(length >= 0, f"queue_length must be 0 (no queue) or more, got {length}.")
        self.length = length
        self.register_buffer("embeddings", torch.zeros(len(SENSORS), length, dim))
        self.register_buffer("inserted", torch.zeros(len(SENSORS), dtype=torch.long))

    def full(self, sensors: tuple[int, ...]) -> bool:
        """Whether each of these sensors has filled its queue (a queue of length 0 never has)."""
        seen = self.inserted.tolist()
        return self.length > 0 and all(seen[sensor - 1] >= self.length for sensor in sensors)

    def read(self, sensor: int) -> Embeddings:
        """The embeddings of one sensor, in no particular order, "length dim"."""
        return self.embeddings[sensor - 1]

    @torch.no_grad()
    def insert(self, sensor: int, z: Tensor) -> None:
        """Put in embeddings "batch dim"; the oldest fall out."""
        if self.length == 0:
            return
        z = z.detach()[-self.length :].to(self.embeddings.dtype)
        row = sensor - 1
        places = torch.arange(len(z), device=z.device) + self.inserted[row]
        self.embeddings[row, places % self.length] = z
        self.inserted[row] += len(z)
