"""Attribution graded on this encoder, where the truth is planted: which maps tell two heads apart?

Marks stand in two corners, each in half of the pictures at random. Two linear heads on the same h
are fitted to labels that follow one mark, or the other. Pictures that have both are mapped for each
head, and with m_c the share of relevance in corner c,

    difference = ((m_A | head A) - (m_A | head B) + (m_B | head B) - (m_B | head A)) / 2

An edge map, which knows no head, has 0. A method whose interval holds 0 shows the picture and not
what the head uses, and its map of your own head says as little.

Source: Adebayo et al. 2022, arXiv:2212.04629 (two models, two planted cues) [adebayo2022].
Lesson: 09_attribution.
"""

from dataclasses import replace

import numpy as np
import torch

from plantedu.errors import PlantEduError
from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.own.heads import Scores, linear_scores
from plantedu.own.images import Images
from plantedu.own.model import Model
from plantedu.own.picture_set import labelled
from plantedu.own.plant import plant
from plantedu.own.scored_maps import OwnScores, map_layer
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.pair import SingleBatch
from plantedu.training.seeding import generator_for, numpy_generator_for

PLACES = ("top left", "bottom right")
QUICK = {"gxi": {}, "gradcam": {}, "ig": {"steps": 8}}
WHOLE = QUICK | {"ig": {"steps": 16}, "smoothgrad": {"samples": 8}, "guided": {}}
NAMES = ("without", "with")


def graded_maps(asked: Asked) -> Finding:
    """Which methods tell the two heads apart, on the network and on its random-init twin.

    Args:
        asked: Model and pictures; labels are not used.
    """
    rows, count = asked.some(96, 256), 8 if asked.quick else 32
    both, has, masks = two_marks(asked.x[rows], asked.seed)
    data = replace(asked.data[rows], pictures=both)
    full = plant(asked.x[rows[:count]], "mark", 1.0, seed=asked.seed, where=PLACES[0]).pictures
    full = plant(full, "mark", 1.0, seed=asked.seed, where=PLACES[1]).pictures
    batch = SingleBatch(torch.from_numpy(full).float() / 255)
    lines: list[tuple[str, Evidence]] = []
    notes = []
    for network, word in ((asked.me, ""), (asked.twin, ", random weights")):
        heads = [_head(network, data, has[:, k], asked.seed) for k in (0, 1)]
        if not word:
            used = [float((scored[1] == has[:, k]).mean()) for k, scored in enumerate(heads)]
            notes.append(
                f"The heads name their marks right in {used[0]:z.2f} and {used[1]:z.2f} of the "
                "pictures that they were fitted on; near .5 there is nothing for a map to show."
            )
        for name, knobs in (QUICK if asked.quick else WHOLE).items():
            try:
                differences = _differences(
                    name, knobs, [one for one, _ in heads], batch, masks[:, :count], asked
                )
            except PlantEduError as error:
                notes.append(f"{name}: {error}")
                continue
            question = f"By how much does {name} tell the two heads apart{word}?"
            line = mean_over_plants(question, differences, 0.0, "an edge map, which knows no head",
                                    kind="mean")  # fmt: skip
            lines.append((f"{name}{word}", line))
    return Finding(
        title="Which maps tell what a head on this encoder uses?",
        unit="relevance in the mark that is used, less the same for the other head",
        lines=tuple(lines),
        notes=tuple(notes),
        settings={"n": count, "fitted on": len(rows)},
    )


def two_marks(x: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures with marks at random, who has which "pictures 2", and masks "2 pictures h w"."""
    has = numpy_generator_for(seed, "two marks").random((len(x), 2)) < 0.5
    found, masks = x, []
    for k, where in enumerate(PLACES):
        done = plant(found, "mark", 1.0, seed=seed, where=where)
        found = np.where(has[:, k, None, None, None], done.pictures, found)
        masks.append(_corner(x.shape[2:], where))
    return found, has.astype(int), np.stack([np.broadcast_to(m, (len(x), *m.shape)) for m in masks])


def _corner(size: tuple[int, ...], where: str) -> np.ndarray:
    """A quarter of the side each way: where the mark stands, whatever its draw."""
    found = np.zeros(size, dtype=bool)
    rows, columns = (s // 4 for s in size)
    found[:rows, :columns] = True
    return found if where == PLACES[0] else found[::-1, ::-1]


def _head(network: Model, data: Images, has: np.ndarray, seed: int) -> tuple[Scores, np.ndarray]:
    """A linear head that was fitted on who has a mark, and what it says of those pictures."""
    words = [NAMES[k] for k in has]
    head, logits = linear_scores(network, labelled(data, words), seed)
    said = logits.argmax(1).numpy()
    order = sorted(NAMES)  # classes stand in the order of their names
    return Scores(network, head, "a head on a planted mark"), (said == order.index("with")) * 1


def _differences(
    name: str,
    knobs: dict[str, int],
    heads: list[Scores],
    batch: SingleBatch,
    masks: np.ndarray,
    asked: Asked,
) -> np.ndarray:
    """The difference of each picture."""
    shares = []
    for scores in heads:
        layer = map_layer(scores, batch.both) if name == "gradcam" else ""
        how = method(name, **knobs, **({"layer": layer} if layer else {}))
        scored = OwnScores(scores, tuple(sorted(NAMES)), layer)
        target = scored.names.index("with")
        found = how(scored, batch, target, generator=generator_for(asked.seed, "graded maps"))
        shares.append([grade("mass", found.relevance, mask[None]) for mask in masks])
    (aa, ba), (ab, bb) = shares  # of head A: corner A, corner B; of head B likewise
    return (aa - ab + bb - ba) / 2
