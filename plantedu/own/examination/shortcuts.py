"""How easily a head on this encoder takes a planted shortcut, by do().

In some of the pictures a cue is planted: with probability rho it goes with the label (the first
class or not), else by a coin. A linear head is fitted on h, and asked about pictures that it has
not seen, each with and without the cue:

    taken(rho) = share of predictions that do(cue) changes,      null: taken(0)

The network stays as it is. What this says is how readily h offers the cue in place of the object.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]. Lesson: 08_attacks.
"""

import numpy as np
import torch

from plantedu.own.examination.asked import Asked
from plantedu.own.examination.heads import fit_linear_head, folds_of
from plantedu.own.finding import Finding
from plantedu.own.plant import plant
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.training.seeding import numpy_generator_for

RHOS = (0.6, 0.8, 0.95)
CUES = (("mark", 1.0), ("light", 0.4))


def shortcuts(asked: Asked) -> Finding:
    """Share of predictions that a planted cue comes to decide, by its strength.

    Args:
        asked: Model and labelled pictures.

    Raises:
        PlantEduError: for too few pictures of a class.
    """
    rows = asked.some(120, 400)
    x, labels = asked.x[rows], (asked.labels[rows] == 0).astype(int)
    bare, fold = asked.h[rows], folds_of(labels, seed=asked.seed)
    lines: list[tuple[str, Evidence]] = []
    for kind, dial in CUES:
        done = asked.me.features(plant(x, kind, dial, seed=asked.seed).pictures)
        null = taken(bare, done, labels, fold, 0.0, seed=asked.seed)
        for rho in RHOS:
            found = taken(bare, done, labels, fold, rho, seed=asked.seed)
            question = f"What share of predictions follows a planted {kind} of strength {rho:g}?"
            line = mean_over_plants(
                question, found, float(null.mean()), f"the same {kind} at random", kind="share"
            )
            lines.append((f"{kind}, rho {rho:g}", line))
    return Finding(
        title="How easily does a linear head on h take a planted shortcut?",
        unit="share of predictions changed by do(cue)",
        lines=tuple(lines),
        settings={"n": len(rows), "class": asked.data.classes[0]},
    )


def taken(
    bare: torch.Tensor,
    done: torch.Tensor,
    labels: np.ndarray,
    fold: np.ndarray,
    rho: float,
    *,
    seed: int,
) -> np.ndarray:
    """1 where do(cue) changes what a head that was fitted with the cue says, "pictures".

    Args:
        bare, done: h of the pictures without and with the cue, "pictures dim".
        labels: 0 or 1.
        fold: Of each picture; heads judge pictures that they have not seen.
        rho: How often the cue follows the label; else it is a coin's.
        seed: Draws who gets it.
    """
    rng = numpy_generator_for(seed, "planted cue")
    follows, coin = rng.random(len(labels)) < rho, rng.random(len(labels)) < 0.5
    has = torch.from_numpy(np.where(follows, labels == 1, coin))
    head = fit_linear_head(torch.where(has[:, None], done, bare), labels, 2, fold)
    rows = np.arange(len(labels))
    said = [head.scores(h.double().numpy(), rows).argmax(1) for h in (bare, done)]
    return (said[0] != said[1]).astype(float)
