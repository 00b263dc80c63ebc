"""Conditions of a denoiser: representations of pictures, whole, mixed, moved or attacked.

    one            h(x1)                     matching       h(x1), h(x2) of one plant
    same_class     h(x1), h(x2') of two      other_class    of two plants with two diseases
    mean           mean of h over plants     interpolation  (1 - a) h + a h'
    edited         h + d cov(h, f) / var(f)  attacked       h(x1 + e), |e| <= epsilon
    walk           edited, d from -3 to 3 sd of f
    pairs          matching, same_class and other_class beside each other
    noise          h(a picture of noise)     nothing        no slot given

The direction of an edit is the slope of h on the factor f over reference plants: where h goes on
average when f grows by one. It carries whatever goes along with f in this world.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError, require
from plantedu.topics.generation.reference_set import (
    Given,
    ReferenceSet,
    representations_by_slot,
    slope_on,
)
from plantedu.topics.generation.results.generate import BETWEEN, WALK, Ask
from plantedu.zoo.encoders import LoadedEncoder, as_pictures


@dataclass(frozen=True, eq=False)
class Condition:
    """What pictures are drawn from: representations, and whose.

    Attributes:
        given: Representations by slot; one row, or one for each place between two plants.
        says: In words.
        pictures: What was represented: name and picture, uint8 "3 side side".
    """

    given: Given
    says: str
    pictures: tuple[tuple[str, np.ndarray], ...]


@dataclass(frozen=True, eq=False)
class Scene:
    """A plant before an encoder, among others.

    Attributes:
        encoder: Who tells.
        x1, x2: The plant's pictures, uint8 "3 side side"; None for a sensor that is not there.
        reference: Other plants.
        own: The plant's place in the reference set; None for a stranger.
        generator: Chooses partners and noise.
        check: Called between the steps of an attack.
    """

    encoder: LoadedEncoder
    x1: np.ndarray | None
    x2: np.ndarray | None
    reference: ReferenceSet
    own: int | None
    generator: Generator
    check: Callable[[], None] = lambda: None


def condition(ask: Ask, scene: Scene) -> Condition:
    """What a denoiser is conditioned on for one plant.

    Raises:
        PlantEduError: where a picture that the condition needs is not there, or the encoder does
            not know the sensor.
    """
    if ask.kind == "nothing":
        return Condition({}, "unconditional", ())
    require(
        scene.x1 is not None or scene.x2 is not None or ask.kind in ("noise", "mean"),
        f"The condition {ask.kind!r} needs a picture; choose a plant or upload one.",
    )
    return _MAKE[ask.kind](ask, scene)


def _one(ask: Ask, scene: Scene) -> Condition:
    """One picture: X1's where it is there and the encoder knows it, else X2's."""
    sensors = scene.encoder.sensors
    for name, sensor, picture in (("X1", "rgb", scene.x1), ("X2", "rgn", scene.x2)):
        if picture is not None and sensor in sensors:
            given = _representations(scene.encoder, name, picture[None], ask.layers)
            return Condition(given, f"one picture, {name}", ((name, picture),))
    raise PlantEduError(
        f"{scene.encoder.name} was trained on {' and '.join(sensors)} alone, and that picture is "
        "not here: upload it, or choose an encoder that knows both sensors, such as cross-0."
    )


def _matching(ask: Ask, scene: Scene) -> Condition:
    if scene.x1 is None or scene.x2 is None:
        missing, there = ("RGB", "RGN") if scene.x1 is None else ("RGN", "RGB")
        raise PlantEduError(
            f"A matching pair needs both pictures, and the {missing} one is not there. Upload it "
            f"too, or choose the condition 'one', which is conditioned on {there} alone."
        )
    return _pair(ask, scene, scene.x2, "matching pair: X1 and X2 of one plant")


def _mismatched(ask: Ask, scene: Scene) -> Condition:
    """X1 of this plant, X2 of another."""
    require(
        scene.x1 is not None and scene.own is not None,
        "A mismatched pair needs to know the plant's disease: choose a plant of the gallery.",
    )
    same, another = (_partner(scene, same=one) for one in (True, False))  # as for pairs
    other, whose = same if ask.kind == "same_class" else another
    return _pair(ask, scene, scene.reference.pair(other)[1], f"X1 of this plant, {whose}")


def _partner(scene: Scene, *, same: bool) -> tuple[int, str]:
    """Another plant of the reference set, with the same disease or another, and its X2 in words."""
    reference, own = scene.reference, scene.own or 0
    disease = np.asarray(reference.factors["disease"])
    fits = (disease == disease[own]) == same
    fits[own] = False
    places = np.flatnonzero(fits)
    require(len(places) > 0, "No plant of the gallery fits; take more of them.")
    other = int(places[int(torch.randint(len(places), (1,), generator=scene.generator))])
    its, own_one = (COLUMNS["disease"].levels[int(disease[k])] for k in (other, own))
    beside = "as this plant" if same else f"this plant: {own_one}"
    return other, f"X2 of plant {reference.plants[other]} ({its}, {beside})"


def _pairs(ask: Ask, scene: Scene) -> Condition:
    """A matching pair and two mismatched ones, one below another."""
    require(
        scene.x1 is not None and scene.own is not None,
        "Pairs beside each other need to know the plant's disease: choose a plant of the gallery.",
    )
    own = _matching(ask, scene)
    others = [_partner(scene, same=same) for same in (True, False)]
    pictures = [scene.reference.pair(other)[1] for other, _ in others]
    drawn = [_pair(ask, scene, picture, "").given for picture in pictures]
    given = {n: torch.cat([r, *(one[n] for one in drawn)]) for n, r in own.given.items()}
    names = (f"plant {scene.reference.plants[other]}, X2" for other, _ in others)
    says = "X1 of this plant, from left to right with its own X2" + "".join(
        f", with {whose}" for _, whose in others
    )
    return Condition(given, says, (*own.pictures, *zip(names, pictures, strict=True)))


def _pair(ask: Ask, scene: Scene, x2: np.ndarray, says: str) -> Condition:
    x1, encoder = scene.x1, scene.encoder
    require(
        {"rgb", "rgn"} <= set(encoder.sensors) and x1 is not None,
        f"{encoder.name} knows {' and '.join(encoder.sensors)} alone, so a pair cannot be the "
        "condition. Choose one picture, or cross-0.",
    )
    shown = (("X1", x1), ("X2", x2))
    given: Given = {}
    for name, picture in shown:
        given |= _representations(encoder, name, picture[None], ask.layers)  # type: ignore[index]
    return Condition(given, says, shown)  # type: ignore[arg-type]


def _mean(ask: Ask, scene: Scene) -> Condition:
    """Mean over the plants of the reference set that have this one's disease, or over all."""
    reference, disease = scene.reference, np.asarray(scene.reference.factors["disease"])
    known = scene.own is not None
    rows = np.flatnonzero(disease == disease[scene.own]) if known else np.arange(len(reference))
    given = _of_reference(ask, scene, rows)
    says = f"mean over {len(rows)} plants of {'this disease' if known else 'all diseases'}"
    return Condition({n: r.mean(0, keepdim=True) for n, r in given.items()}, says, ())


def _interpolation(ask: Ask, scene: Scene) -> Condition:
    reference, one = scene.reference, _one(ask, scene)
    other = int(torch.randint(len(reference), (1,), generator=scene.generator))
    other = (other + 1) % len(reference) if other == scene.own else other
    ((name, picture),) = one.pictures
    end = reference.pair(other)[0 if name == "X1" else 1]
    there = _representations(scene.encoder, name, end[None], ask.layers)
    a = torch.tensor(BETWEEN)[:, None]
    given = {n: (1 - a) * r + a * there[n] for n, r in one.given.items()}
    says = f"from this plant to plant {other} of the gallery, in {len(BETWEEN)} places"
    return Condition(given, says, ((name, picture), (f"plant {other}", end)))


def _edited(ask: Ask, scene: Scene) -> Condition:
    """Along the slope of one factor: by some standard deviations, or to every place of a walk."""
    one, reference = _one(ask, scene), scene.reference
    values = np.asarray(reference.factors[ask.factor], dtype=np.float64)
    others = _of_reference(ask, scene, np.arange(len(reference)), one.pictures[0][0])
    deviation = float(values.std())
    amounts = WALK if ask.kind == "walk" else (ask.amount,)
    moves = deviation * torch.tensor(amounts)[:, None]
    given = {n: r + moves * slope_on(others[n], values) for n, r in one.given.items()}
    if ask.kind == "walk":
        places = ", ".join(f"{a:+g}" for a in WALK)
        says = f"a walk along the slope of {ask.factor}: {places} sd (1 sd is {deviation:.3g})"
    else:
        move = ask.amount * deviation
        says = (
            f"{ask.factor} {'raised' if move > 0 else 'lowered'} by {abs(move):.3g} along its slope"
        )
    return Condition(given, says, one.pictures)


def _attacked(ask: Ask, scene: Scene) -> Condition:
    """The picture moved within epsilon so that h turns away as far as it can."""
    ((name, picture),) = _one(ask, scene).pictures
    moved = _turned_away(
        scene.encoder, picture, ask.epsilon_255 / 255, scene.generator, scene.check
    )
    return Condition(
        _representations(scene.encoder, name, moved[None], ask.layers),
        f"{name} after an attack within {ask.epsilon_255:g}/255",
        ((name, picture), (f"{name}, attacked", moved)),
    )


def _noise(ask: Ask, scene: Scene) -> Condition:
    shape = (3, scene.reference.side, scene.reference.side)
    picture = torch.randint(256, shape, generator=scene.generator, dtype=torch.uint8).numpy()
    name = "X1" if "rgb" in scene.encoder.sensors else "X2"
    given = _representations(scene.encoder, name, picture[None], ask.layers)
    return Condition(given, "a picture of pure noise", (("noise", picture),))


def _representations(encoder: LoadedEncoder, name: str, pictures: np.ndarray, layers: str) -> Given:
    """What an encoder says of pictures of one sensor, X1 or X2."""
    if name == "X1":
        return representations_by_slot(encoder, x1=pictures, layers=layers)
    return representations_by_slot(encoder, x2=pictures, layers=layers)


def _of_reference(ask: Ask, scene: Scene, rows: np.ndarray, name: str = "") -> Given:
    """What the encoder says of plants of the reference set, by one sensor."""
    name = name or ("X1" if "rgb" in scene.encoder.sensors else "X2")
    pictures = scene.reference.x1 if name == "X1" else scene.reference.x2
    return _representations(scene.encoder, name, pictures[rows], ask.layers)


def _turned_away(
    encoder: LoadedEncoder,
    picture: np.ndarray,
    epsilon: float,
    generator: Generator,
    check: Callable[[], None],
    steps: int = 10,
) -> np.ndarray:
    """Projected gradient ascent on 1 - cos(h(x + e), h(x)), |e| <= epsilon, bytes in and out.

    The PGD of lesson 08 is another algorithm: it takes slopes at pictures rounded to 8 bits, keeps
    the best that it has seen, and stops at a goal. Here there is no goal to reach, and the last
    place is taken, rounded once.
    """
    x = as_pictures(picture[None])
    clean = encoder.differentiable(x, "h").detach()
    e = (torch.rand(x.shape, generator=generator) * 2 - 1) * epsilon
    for _ in range(steps):
        check()
        e.requires_grad_(True)
        away = 1 - F.cosine_similarity(encoder.differentiable((x + e).clamp(0, 1), "h"), clean)
        (slope,) = torch.autograd.grad(away.sum(), e)
        e = (e.detach() + 2.5 * epsilon / steps * slope.sign()).clamp(-epsilon, epsilon)
    return ((x + e).clamp(0, 1)[0] * 255).round().to(torch.uint8).numpy()


_MAKE: dict[str, Callable[[Ask, Scene], Condition]] = {
    "one": _one,
    "matching": _matching,
    "same_class": _mismatched,
    "other_class": _mismatched,
    "mean": _mean,
    "interpolation": _interpolation,
    "edited": _edited,
    "walk": _edited,
    "pairs": _pairs,
    "attacked": _attacked,
    "noise": _noise,
}
