"""Any encoder by the one grammar, as the course's own are loaded: timm's and one's own too.

For methods that ask an encoder for h of one picture, and nothing of how it was trained. What needs
a projector, a recipe or prototypes takes `encoders.load_encoder`, which says so of foreign words.

Lesson: 06_similarity.
"""

from typing import Any

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.zoo.encoders import FOREIGN, LoadedEncoder, load_encoder
from plantedu.zoo.foreign_network import Reader
from plantedu.zoo.named_networks import NO_MEAN, NO_STD, Named, named_network
from plantedu.zoo.resolve import ENDING


class ForeignEncoder(Encoder):
    """A network of somebody else's as an encoder: pictures in [0, 1] to h."""

    def __init__(self, named: Named) -> None:
        nn.Module.__init__(self)
        self.name, self.body = named.name, named.network.eval()
        self.reader = Reader(
            self.body, layer=named.layer, side=named.side, mean=named.mean, std=named.std
        )
        self.dim = self(torch.zeros(1, 3, named.side, named.side)).shape[1]

    def forward(self, images: Tensor) -> Tensor:
        return self.reader(images)


def load_any_encoder(words: str, *, here: bool = True) -> LoadedEncoder:
    """The encoder that words name, by `named_networks`' grammar, frozen.

    Args:
        words: NAME, run:ID[@WHEN], file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION, random:SEED.
        here: Whether a person at this machine named it; a page or a request names no file and no
            module.

    Raises:
        PlantEduError: for words that name none, a network of two pictures, or what a page may not
            name.
    """
    if not here:
        file = words.startswith("file:") or words.endswith(ENDING)
        file |= words.startswith("timm:") and "@" in words
        require(not file, f"A page names what ships, runs and timm's names, no file: {words}.")
    if not words.startswith(FOREIGN):
        return load_encoder(words)
    named = named_network(words, code=here)
    if named.cameras != 1:
        raise PlantEduError(
            f"{words} takes two pictures, one a camera; this method shows an encoder one picture."
        )
    encoder = _timm(named) or ForeignEncoder(named)
    encoder.eval().requires_grad_(False)
    return LoadedEncoder(name=words, encoder=encoder, side=named.side)


def _timm(named: Named) -> Encoder | None:
    """A timm network as the course holds its own: without its classifier, normalising inside."""
    body: Any = named.network
    config = getattr(body, "default_cfg", None)
    plain = (named.mean, named.std) != (NO_MEAN, NO_STD)
    if not (plain and isinstance(config, dict) and hasattr(body, "reset_classifier")):
        return None
    body.reset_classifier(0)
    return Encoder(body, named.name)
