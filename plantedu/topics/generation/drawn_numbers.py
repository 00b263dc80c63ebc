"""What the pictures of one representation kept of its source: spread and ranks beside their null.

    spread   = mean over pixels of the standard deviation across samples, in 1/255
    MRR      = mean over samples of 1 / rank of the source among held-out plants, by cosine

The null is the same number of pictures drawn unconditionally from the same noise. They lie near
some plants and far from others: of one plant they may rank high by luck, so the rank of an order at
random stands beside them.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from plantedu.statistics.evidence import Evidence
from plantedu.statistics.retrieval import chance_mrr, reciprocal_ranks_among
from plantedu.topics.generation.conditions import Scene
from plantedu.topics.generation.results.generate import Settings, places_of
from plantedu.topics.generation.session import GenerationSession, encoders, gallery_of
from plantedu.zoo.encoders import LoadedEncoder

# Kinds whose pictures have no plant as their source, or have one in one of several places.
RANKLESS = ("mean", "noise", "nothing", "interpolation", "walk")


@dataclass(frozen=True)
class DrawnNumbers:
    """Numbers by name.

    Attributes:
        numbers: Each beside unconditional pictures.
        among: Plants that the source was looked for among; 0 where it was not.
    """

    numbers: dict[str, Evidence] = field(default_factory=dict)
    among: int = 0

    def as_json(self) -> dict[str, object]:
        """Plain values, with the MRR of an order at random."""
        chance = chance_mrr(self.among) if self.among else None
        numbers = {name: one.as_json() for name, one in self.numbers.items()}
        return {"numbers": numbers, "among": self.among, "chance": chance}


def numbers_of(
    settings: Settings,
    around: GenerationSession,
    encoder: LoadedEncoder,
    scene: Scene,
    drawn: Tensor,
    unconditional: Tensor,
) -> DrawnNumbers:
    """Spread and ranks of what was drawn.

    Of a pair beside mismatched ones each place has a rank of its own, by the judge alone.

    Args:
        settings: What was asked.
        around: The denoiser and the gallery.
        encoder: Whose representation it was.
        scene: The plant.
        drawn, unconditional: Pictures in [0, 1], "place sample channel side side", of the same
            noise; the latter of one place.
    """
    found, among = dict[str, Evidence](), 0
    if settings.samples > 1:
        found["spread, 1/255"] = Evidence(
            question="By how much do pictures of one representation differ, pixel by pixel?",
            value=spread(drawn[:1]),
            null=spread(unconditional),
            control="unconditional",
            n=settings.samples,
        )
    if scene.x1 is None or settings.kind in RANKLESS:
        return DrawnNumbers(found)
    judge, places = encoders(settings.judge), places_of(settings.kind)
    judges = (judge,) if len(places) > 1 else (encoder, judge)
    for one in judges:
        gallery, own = _gallery(one, around, scene)
        null, among = _mrr(one, unconditional[0], gallery, own), len(gallery)
        for place, pictures in zip(places, drawn, strict=True):
            found[f"MRR by {one.name}{f', {place}' if place else ''}"] = Evidence(
                question=f"At which rank do the pictures lead back to the source, by {one.name}?",
                value=_mrr(one, pictures, gallery, own),
                null=null,
                control="unconditional",
                n=settings.samples,
            )
    return DrawnNumbers(found, among)


def spread(pictures: Tensor) -> float:
    """Mean over pixels of the standard deviation across samples, in 1/255."""
    return float(pictures.std(1).mean() * 255)


def _gallery(judge: LoadedEncoder, around: GenerationSession, scene: Scene) -> tuple[Tensor, int]:
    """What a judge says of held-out plants, and the source's place among them."""
    known = gallery_of(judge, around)
    if scene.own is not None:
        return known, scene.own
    stranger = judge.h(scene.x1[None])  # type: ignore[index]
    return torch.cat([known, stranger]), len(known)


def _mrr(judge: LoadedEncoder, pictures: Tensor, gallery: Tensor, own: int) -> float:
    """Mean over samples, "sample channel side side"."""
    queries = judge.h(pictures[:, :3])
    places = torch.full((len(queries),), own)
    return float(reciprocal_ranks_among(queries, gallery, places).mean())
