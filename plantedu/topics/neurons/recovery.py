"""Does a dictionary find directions that are known, and is what it finds one of them?

    recall      mean_f max_k cos(d_f, w_k)               over known directions d_f
    found       share of d_f with max_k cos(d_f, w_k) >= .9
    precision   share of live w_k with max_f cos(d_f, w_k) >= .9
    duplicates  share of live w_k with another live w_j, cos(w_j, w_k) >= .9
    dead        share of w_k that fire in no row

Recall alone praises a dictionary that is wide enough: with 512 directions in 24 dimensions one lies
near each of 48 known ones, and most of the others near none. Who opens a direction and asks what it
means needs precision.

Source: recall as the mean max cosine of Sharkey et al. 2022, by way of Cunningham et al. 2023,
arXiv:2309.08600 [cunningham2023]; toy data: Elhage et al. 2022, arXiv:2209.10652 [elhage2022].
Lesson: 10_neurons.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.errors import require
from plantedu.topics.neurons.dictionary_scores import dead_share
from plantedu.topics.neurons.results.recovery import Recovery
from plantedu.topics.neurons.sparse_autoencoder import Sparse, trained
from plantedu.topics.neurons.superposition import mean_max_cosine, superposition

NEAR = 0.9  # cosine from which two directions are one
KNOWN, DIM, ACTIVE = 48, 24, 2.5  # of the control: features, dimensions, features at once
FITTING = Sparse(width=72, k=3, steps=600, batch=256, learning_rate=5e-3)  # made for it


def near(one: Float[Tensor, "a dim"], other: Float[Tensor, "b dim"]) -> float:
    """Share of `one` with a direction of `other` at a cosine of .9 or more.

    Raises:
        PlantEduError: where one side has no direction.
    """
    require(min(len(one), len(other)) > 0, "One side has no direction.")
    cosines = F.normalize(one.float(), dim=1) @ F.normalize(other.float(), dim=1).T
    return float((cosines.max(dim=1).values >= NEAR).double().mean())


def duplicates(live: Float[Tensor, "many dim"]) -> float:
    """Share of directions with another one at a cosine of .9 or more; 0 of fewer than two."""
    if len(live) < 2:
        return 0.0
    rows = F.normalize(live.float(), dim=1)
    cosines = (rows @ rows.T).fill_diagonal_(-1)
    return float((cosines.max(dim=1).values >= NEAR).double().mean())


def recovery(how: Sparse, words: str, *, rows: int, seed: int = 0) -> Recovery:
    """A dictionary of the given settings on activations whose directions are known.

    Args:
        how: The settings of the dictionary that is to be trusted.
        words: What they are called.
        rows: Activations that it is trained on; 2,048 others say what is dead.
        seed: Of the activations and the dictionary.

    Raises:
        PlantEduError: for fewer than two rows.
    """
    require(rows >= 2, f"A dictionary needs 2 activations or more; got {rows}.")
    g = Generator().manual_seed(seed)
    toy = superposition(rows + 2048, features=KNOWN, dim=DIM, active=ACTIVE, generator=g)
    model = trained(toy.x[:rows], how, generator=g)
    with torch.no_grad():
        codes = model.codes(toy.x[rows:])
    live = model.directions.detach()[(codes > 0).any(dim=0)]
    lots = torch.randn(how.width, DIM, generator=g)
    return Recovery(
        settings=words,
        recall=mean_max_cosine(toy.directions, live),
        at_random=mean_max_cosine(toy.directions, lots),
        found=near(toy.directions, live),
        precision=near(live, toy.directions),
        luck=near(lots, toy.directions),
        duplicates=duplicates(live),
        dead=dead_share(codes),
        width=how.width,
        k=how.k,
    )
