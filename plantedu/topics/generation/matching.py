"""Does it matter that both pictures are of one plant? Matching pairs against mismatched ones.

condition   [f(x1_i), f(x2_i)]        matching
                [f(x1_i), f(x2_j)]        another plant with the same disease, or with another one
                [f(x1_i)]                 one picture alone

On the same sources and the same noise: how much the pictures of a condition vary (mean variance of
a pixel over samples, in units of the variance over plants), how soon each source is found from its
own sensor's half of a sample (MRR, by an encoder that the denoiser was never conditioned on), and
whose disease the samples show. A paired permutation test within plants, corrected over all
comparisons.

If a pair of representations were read as one plant, a mismatched pair should leave the denoiser
with a contradiction: more variance, or samples that follow one of the two. That the denoiser was
never trained on mismatched pairs is part of the question and no control for it.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from plantedu.data.renderer.factors import SENSORS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.errors import require
from plantedu.models.factor_regressor import FactorReader
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.paired_differences import corrected, difference
from plantedu.statistics.retrieval import chance_mrr
from plantedu.topics.generation.conditional_samples import (
    ConditionalSampler,
    Draws,
    encoder_named,
)
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.results.matching import Following, MatchingResult, Settings
from plantedu.topics.generation.retrieval_scores import (
    Judge,
    judge_of,
    mean_evidence,
    reciprocal_ranks,
)
from plantedu.topics.generation.variance_components import read_pairs
from plantedu.topics.method import Context, Method

Looking = Callable[[Tensor], Tensor]  # pictures of one sensor in [0, 1] -> "n dim"
MATCHING = "matching"
KINDS = (MATCHING, "same disease", "other disease", "one picture")
MEASURES = {
    "variance": "How much do the pictures of one condition vary?",
    "mrr x1": "How soon is the source of X1 found from the RGB half?",
    "mrr x2": "How soon is the source of X2 found from the RGN half?",
}


def matching(
    sampler: Draws, reader: FactorReader, settings: Settings, judges: Mapping[str, Looking]
) -> MatchingResult:
    """Draw from matching and mismatched pairs, and compare.

    Args:
        sampler: Draws the samples.
        reader: Reads the disease.
        settings: How much of what.
        judges: By sensor, what an encoder says of one sensor's pictures in [0, 1].

    Raises:
        PlantEduError: if a plant has no partner in the gallery.
    """
    sources = sampler.sources(settings.plants)
    rng = np.random.default_rng(settings.seed)
    partners = {kind: partner(sampler, sources, kind, rng) for kind in KINDS}
    samples = {k: drawn(sampler, settings, sources, partners[k], k) for k in KINDS}
    real = sampler.pairs(sampler.gallery)
    seats = {
        "mrr x1": judge_of("rgb", lambda x1, x2: judges["rgb"](x1), real),
        "mrr x2": judge_of("rgn", lambda x1, x2: judges["rgn"](x2), real),
    }
    world = real.var(0).mean()
    first = sampler.gallery[0]
    per_plant: dict[str, dict[str, np.ndarray]] = {name: {} for name in MEASURES}
    for kind, one in samples.items():
        per_plant["variance"][kind] = (one.var(1).mean((1, 2, 3)) / world).double().numpy()
        for name, owners in (("mrr x1", sources), ("mrr x2", partners[kind])):
            per_plant[name][kind] = found(seats[name], one, owners - first)
    values = {m: {k: _value(m, per_plant[m], k, len(real), rng) for k in KINDS} for m in MEASURES}
    compared = [
        difference(
            f"{m}, {k}", per_plant[m][k], per_plant[m][MATCHING], question=q, seed=settings.seed
        )
        for m, q in MEASURES.items()
        for k in KINDS[1:]
        if (m, k) != ("mrr x2", "one picture")  # there is no X2 to be found
    ]
    follow = tuple(
        _following(sampler, reader, samples[k], sources, partners[k], k, rng) for k in KINDS[:3]
    )
    return MatchingResult(settings, values, corrected(compared), follow)


def partner(sampler: Draws, sources: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The plant that X2 is of, for each source of X1.

    Raises:
        PlantEduError: if there is none in the gallery.
    """
    if kind in (MATCHING, "one picture"):
        return sources
    disease = draw_factors(sampler.world, sampler.gallery)["disease"]
    own = draw_factors(sampler.world, sources)["disease"]
    found = []
    for source, code in zip(sources, own, strict=True):
        alike = disease == code if kind == "same disease" else disease != code
        others = sampler.gallery[alike & (sampler.gallery != source)]
        require(len(others) > 0, f"No plant of the gallery has {kind} beside plant {source}.")
        found.append(rng.choice(others))
    return np.array(found)


def drawn(
    sampler: Draws, settings: Settings, first: np.ndarray, second: np.ndarray, kind: str
) -> Tensor:
    """Samples of one kind of condition."""
    sensors = ("rgb",) if kind == "one picture" else SENSORS
    conditioning = Conditioning(settings.encoder, settings.layer, sensors)
    other = None if kind in (MATCHING, "one picture") else second
    return sampler.draw(conditioning, first, other, samples=settings.samples)


def found(judge: Judge, samples: Tensor, rows: np.ndarray) -> np.ndarray:
    """Mean reciprocal rank of each source, "plants"."""
    return reciprocal_ranks(judge, samples, rows).mean(1).numpy()


def _value(
    measure: str, per_plant: dict[str, np.ndarray], kind: str, n: int, rng: np.random.Generator
) -> Evidence:
    chance = measure != "variance"
    return mean_evidence(
        per_plant[kind],
        null=chance_mrr(n) if chance else float(per_plant[MATCHING].mean()),
        control=f"order at random among {n}" if chance else "matching pairs",
        question=MEASURES[measure],
        kind="share" if chance else "mean",
    )


def _following(
    sampler: Draws,
    reader: FactorReader,
    samples: Tensor,
    first: np.ndarray,
    second: np.ndarray,
    kind: str,
    rng: np.random.Generator,
) -> Following:
    shown = read_pairs(reader, samples)["disease"].argmax(2).numpy()
    one, two = (draw_factors(sampler.world, plants)["disease"] for plants in (first, second))
    lot = [(shown == rng.permutation(one)[:, None]).mean() for _ in range(100)]
    follows = mean_evidence(
        (shown == one[:, None]).mean(1),
        null=float(np.mean(lot)),
        control="sources shuffled",
        question="Which share of samples shows the disease of X1's plant?",
        kind="share",
    )
    return Following(kind, follows, float((shown == two[:, None]).mean()))


def judges_of(settings: Settings) -> dict[str, Looking]:
    """The independent encoder's h, of either sensor."""
    look = encoder_named(settings.independent).h
    return {"rgb": look, "rgn": look}


@dataclass(frozen=True)
class Request(Settings):
    """Do matching pairs say more than mismatched ones?

    Attributes:
        denoiser: Its file; what ships by default.
    """

    denoiser: Path | None = None


def _run(asked: Request, context: Context) -> MatchingResult:
    settings = settings_of(asked, Settings)
    sampler = ConditionalSampler.in_context(context, settings, asked.denoiser)
    return matching(sampler, shipped_reader(), settings, judges_of(settings))


def tell(result: MatchingResult) -> None:
    """Print a result."""
    print()
    for measure, kinds in result.values.items():
        for kind, one in kinds.items():
            low, high = one.interval or (0, 0)
            print(f"{measure:10}{kind:16}{one.value:8.3f} [{low:.3f}, {high:.3f}]")
    for d in result.differences:
        low, high = d.evidence.interval or (0, 0)
        print(
            f"{d.name:28}{d.evidence.value:+8.3f} [{low:+.3f}, {high:+.3f}] from matching, "
            f"p {d.p:.4f}, corrected {d.corrected:.4f}: {d.verdict}"
        )
    for one in result.following:
        print(
            f"{one.kind:16} shows the disease of X1's plant {one.first.value:.2f} (shuffled "
            f"{one.first.null:.2f}), of X2's {one.second:.2f}"
        )
    print(result.differences[0].evidence.caption())


METHOD = Method(Request, _run, tell, here_alone=("denoiser",))
