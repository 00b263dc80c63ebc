"""Where one's own model looks, as far as a map can say: beside an edge map and random weights.

    deletion       area under the score while pixels are blurred away, most relevant first; small is
                   good. Null: the edge map's order
    like random    Spearman's rho of the map and the same method's map of the random-init twin.
                   Null: the twin's maps of other pictures. High: the map hardly depends on
                   what was learned
    like edges     Spearman's rho of the map and the picture's edges. Null: other pictures' edges

No picture of one's own has a mask of the truth, so nothing here says that a map is right. A method
that does not lie below the edges in deletion, or whose map random weights give too, has not
explained the network.

Source: Adebayo et al. 2018, arXiv:1810.03292 [adebayo2018]; Petsiuk et al. 2018, arXiv:1806.07421
[petsiuk2018]. Lesson: 09_attribution.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.own.finding import NO_NULL, Finding
from plantedu.own.heads import Scored, Scores, scores_of
from plantedu.own.images import Images
from plantedu.own.images import images as images_of
from plantedu.own.map_chart import maps_chart
from plantedu.own.model import Model, Pictures, in_unit, model
from plantedu.own.scored_maps import OwnScores, map_layer
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.deletion import areas
from plantedu.topics.attribution.methods import Method, method
from plantedu.topics.attribution.pair import PairBatch, SingleBatch, reference
from plantedu.topics.attribution.randomisation import rank_correlation
from plantedu.training.seeding import generator_for

Batch = PairBatch | SingleBatch
EDGES, RANDOM = "edge map", "random weights"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Maps(Finding):
    """The maps, and what speaks for or against them.

    Attributes:
        signed: The maps, "cameras n height width".
        beside: The edge map and the same method on random weights, relevance of that shape.
        pictures: What was explained, in [0, 1], "cameras n 3 height width".
        outputs: Which score of each picture was explained.
    """

    signed: np.ndarray
    beside: Mapping[str, np.ndarray]
    pictures: np.ndarray
    outputs: tuple[str, ...]
    relevance: np.ndarray

    def chart(self, *, dark: bool = False) -> Drawing:
        """Pictures, their maps, and beside each what random weights and edges give."""
        rows = {"map": self.relevance[0], **{n: one[0] for n, one in self.beside.items()}}
        said = "; ".join(
            f"{name} {one.value:.2f} (null {one.null:.2f})" for name, one in self.lines
        )
        return maps_chart(
            self.pictures[0], rows, self.outputs, says=f"{self.title} {said or NO_NULL}"
        )

    def numbers_chart(self, *, dark: bool = False) -> Drawing:
        """The numbers beside their nulls."""
        return super().chart(dark=dark)


def attribute(
    me: Model | str,
    data: Images | Pictures,
    name: str = "ig",
    *,
    output: int | None = None,
    layer: str | None = None,
    seed: int = 0,
    fitted_on: Images | None = None,
    null: bool = True,
    **knobs: Any,
) -> Maps:
    """Maps of what moves one's own model's answer, beside maps that know nothing.

    Args:
        me: A model, or words that name one. Without a head of its own, a linear head is fitted on
            frozen h from the labels.
        data: Pictures, 2 or more; they are explained at the size that the model takes.
        name: gxi, ig, smoothgrad, gradshap, occlusion, gradcam or guided; all are captum's.
        output: Which score; by default each picture's highest.
        layer: For Grad-CAM; by default the last one with rows and columns that counts.
        seed: Draws noise and paths, where a method does.
        fitted_on: Labelled pictures for a linear head, where there are more than `data`.
        null: False gives the maps alone: no random weights, edges or deletion to hold them against.
        knobs: Of the method (`topics/attribution/methods.py`), such as steps or window.

    Returns:
        The maps; area under deletion beside the edge map's, and how like the maps of random
        weights and edges they are, each with n and a 95 % interval.

    Raises:
        PlantEduError: for a method or a layer that is not there, fewer than two pictures, or a
            network that the method does not fit (guided backprop without ReLUs).

    Source: Kokhlikyan et al. 2020 [kokhlikyan2020]. Lesson: 09_attribution.
    """
    began, me = time.perf_counter(), model(me)
    data = data if isinstance(data, Images) else images_of(data, size=me.side)  # type: ignore[arg-type]
    data.require_varied()
    require(len(data) >= 2, f"Maps need 2 pictures or more, to compare; got {len(data)}.")
    how, batch = method(name, **knobs), _batch(me, data)
    scored = scores_of(me, data, seed=seed, fitted_on=fitted_on)
    if name == "gradcam":
        layer = layer or map_layer(scored.scores, batch.both)
        how = method(name, **{**knobs, "layer": layer})
    targets = _targets(scored, output)
    own = _maps(how, OwnScores(scored.scores, scored.classes, layer or ""), batch, targets, seed)
    views = torch.stack(batch.both).double().numpy()
    lines, beside, notes = (), {}, (NO_NULL,)
    if null:
        twin = OwnScores(_twin(me, scored, data), scored.classes, layer or "")
        fresh = _maps(how, twin, batch, targets, seed)[1]
        edges = baseline("edges", views, np.ones((*views.shape[:2], *views.shape[3:])))
        plain, beside = OwnScores(scored.scores, scored.classes), {RANDOM: fresh, EDGES: edges}
        lines = _lines(name, plain, batch, targets, own[1], beside)
        notes = _notes(lines, scored)
    return Maps(
        title=f"What moves {me.name}'s answer, by {name}{f' at {layer}' if layer else ''}?",
        unit="area, or rho",
        lines=lines,
        notes=notes,
        settings={"method": name, "layer": layer, "seed": seed, "n": len(data), **knobs},
        seconds=time.perf_counter() - began,
        signed=own[0],
        relevance=own[1],
        beside=beside,
        pictures=views,
        outputs=tuple(scored.classes[t] for t in targets.tolist()),
    )


def _batch(me: Model, data: Images) -> Batch:
    """The pictures at the model's side, in [0, 1]."""
    whole = in_unit(data.views(me.cameras))
    views = [whole] if me.cameras == 1 else list(whole)
    size = (me.side, me.side)
    fit = [nn.functional.interpolate(v, size=size, mode="bilinear", antialias=True).clamp(0, 1)
           if tuple(v.shape[-2:]) != size else v for v in views]  # fmt: skip
    return SingleBatch(fit[0]) if len(fit) == 1 else PairBatch(fit[0], fit[1])


def _targets(scored: Scored, output: int | None) -> np.ndarray:
    """Which score of each picture is explained."""
    if output is None:
        return scored.logits.argmax(1).numpy()
    known = f"0 to {len(scored.classes) - 1}: {', '.join(scored.classes[:6])}"
    fits = 0 <= output < len(scored.classes)
    require(fits, f"There is no output {output}; there are {known}.")
    return np.full(len(scored.logits), output)


def _maps(
    how: Method, scored: OwnScores, batch: Batch, targets: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Signed maps and relevance, "cameras n height width"; a class of targets at a time."""
    shape = (len(batch.both), len(batch), *batch.x1.shape[-2:])
    signed, relevance = np.zeros(shape), np.zeros(shape)
    for target in np.unique(targets).tolist():
        rows = np.flatnonzero(targets == target)
        found = how(scored, _rows(batch, rows), target, generator=generator_for(seed, "own maps"))
        signed[:, rows], relevance[:, rows] = found.signed, found.relevance
    return signed, relevance


def _rows(batch: Batch, rows: np.ndarray) -> Batch:
    views = [x[torch.as_tensor(rows)] for x in batch.both]
    return SingleBatch(views[0]) if len(views) == 1 else PairBatch(views[0], views[1])


def _twin(me: Model, scored: Scored, data: Images) -> Scores:
    """The same scores of random weights: the twin's own head, or a random linear one."""
    twin = me.random_twin(pictures=data)
    if scored.scores.head is None:
        return Scores(twin, None, f"random {scored.scores.says}")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        head = nn.Linear(twin.dim, len(scored.classes))
    return Scores(twin, head, "a random head on random h")


def _lines(
    name: str,
    scored: OwnScores,
    batch: Batch,
    targets: np.ndarray,
    own: np.ndarray,
    beside: Mapping[str, np.ndarray],
) -> tuple[tuple[str, Evidence], ...]:
    """The numbers of the maps, see above."""
    blur = reference(batch, "blur")
    filling = SingleBatch(blur[0]) if len(blur) == 1 else PairBatch(blur[0], blur[1])
    area = {what: _areas(scored, batch, filling, maps, targets)
            for what, maps in (("own", own), (EDGES, beside[EDGES]))}  # fmt: skip
    far = [(x - y).abs().flatten(1).amax(1) for x, y in zip(batch.both, blur, strict=True)]
    there = np.isfinite(area["own"]) & np.isfinite(area[EDGES])
    there &= torch.stack(far).amax(0).numpy() > 1 / 510  # half a grey level
    require(
        int(there.sum()) >= 2,
        "A blurred picture scores as the picture itself does, so nothing can be deleted: the model "
        "answers the same whatever it sees, or all pictures are of one colour.",
    )
    deletion = mean_over_plants(
        f"How far does the score fall, pixels blurred in the order of {name}?",
        area["own"][there],
        float(area[EDGES][there].mean()),
        EDGES,
        kind="mean",
    )
    found = [("deletion, area", deletion)]
    for what, maps in ((RANDOM, beside[RANDOM]), (EDGES, beside[EDGES])):
        near, far = rank_correlation(own, maps), rank_correlation(own, np.roll(maps, 1, axis=1))
        question = f"How like is the map by {name} to that of {what} (Spearman's rho)?"
        line = mean_over_plants(
            question, near, float(far.mean()), f"{what} of other pictures", kind="mean"
        )
        found.append((f"like {what}", line))
    return tuple(found)


def _areas(
    scored: OwnScores, batch: Batch, filling: Batch, maps: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    area = np.full(len(targets), np.nan)
    for target in np.unique(targets).tolist():
        rows = np.flatnonzero(targets == target)
        parts = _rows(batch, rows), _rows(filling, rows)
        area[rows] = areas(scored, *parts, np.ascontiguousarray(maps[:, rows]), target)
    return area


def _notes(lines: tuple[tuple[str, Evidence], ...], scored: Scored) -> tuple[str, ...]:
    deletion, random = lines[0][1], lines[1][1]
    notes = [f"Explained: {scored.scores.says}. No picture here has a mask of the truth."]
    high = (deletion.interval or (0.0, deletion.value))[1]
    if high >= deletion.null:
        notes.append("Deletion is not clearly below the edge map's: edges would do as well.")
    if random.value > 0.5:
        notes.append("Random weights give nearly the same map: it shows the picture, not training.")
    return tuple(notes)
