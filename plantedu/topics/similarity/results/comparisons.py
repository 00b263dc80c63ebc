"""Which representations are set against which: the comparisons that the lesson and its page show.

A member is one layer of one encoder, seen through one sensor. A new comparison is one row in
`COMPARISONS`.

Lesson: 06_similarity.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from plantedu.errors import require

Sensor = Literal["rgb", "rgn", "both"]
LAYERS = ("pixels", "stem", "layer1", "layer2", "layer3", "h", "z")
CONTROLS = ("random:1001", "random:1002")  # the random-init control, two of its seeds
STEPS = (0, 100, 150, 200, 250, 300, 350, 400, 500, 700, 900, 1200)


@dataclass(frozen=True)
class Representation:
    """One representation.

    Attributes:
        label: What a chart calls it.
        encoder: Words that name the encoder (`zoo/encoders.py`).
        layer: Which of its layers.
        sensor: Through which pictures; "both" stands side by side.
    """

    label: str
    encoder: str
    layer: str = "h"
    sensor: Sensor = "rgb"


@dataclass(frozen=True)
class Comparison:
    """Representations against representations.

    Attributes:
        name: What terminal and page call it.
        question: What it answers.
        first: Down the side of a heat map.
        second: Along its top.
        sides: What the two sides are, in words.
        events: (label of the member before it, what happened): drawn as a line behind that member.
    """

    name: str
    question: str
    first: tuple[Representation, ...]
    second: tuple[Representation, ...]
    sides: tuple[str, str]
    events: tuple[tuple[str, str], ...] = ()


def layers_of(
    encoder: str, *, sensor: Sensor = "rgb", layers: Sequence[str] = LAYERS
) -> tuple[Representation, ...]:
    """The layers of one encoder."""
    return tuple(Representation(layer, encoder, layer, sensor) for layer in layers)


def with_labels(members: Sequence[Representation], **labels: str) -> tuple[Representation, ...]:
    """The same members under other labels."""
    return tuple(replace(one, label=labels.get(one.label, one.label)) for one in members)


def _against(
    name: str, question: str, other: str, says: str, *, layers: Sequence[str] = LAYERS
) -> Comparison:
    """Every layer of cross-0 against every layer of another encoder."""
    first, second = layers_of("cross-0"), layers_of(other, layers=layers)
    return Comparison(name, question, first, second, ("cross-0", says))


STAGES = tuple(Representation(f"{step}", f"stages/{step:04d}") for step in STEPS)
BUMP = (
    *(
        Representation("350", "bump/0350"),
        Representation("400", "bump-0"),
        Representation("410", "bump/0410"),
    ),
    *(
        Representation("430", "bump/0430"),
        Representation("450", "bump/0450"),
        Representation("800", "bump/0800"),
    ),
    *(
        Representation("450, never", "bump/never-0450"),
        Representation("800, never", "bump/never-0800"),
    ),
)
RUNS = (
    *(Representation(name, name) for name in ("cross-0", "cross-1", "cross-2", "rgb_only-0")),
    Representation("supervised", "supervised_rgb-0"),
    *(Representation(f"random {k}", words) for k, words in enumerate(CONTROLS, start=1)),
    Representation("pixels", "cross-0", "pixels"),
)

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "layers",
        "Which layers of one encoder are alike?",
        layers_of("cross-0"),
        layers_of("cross-0"),
        ("cross-0", "cross-0"),
    ),
    _against("seeds", "Do two runs that differ in their seed find the same?", "cross-1", "cross-1"),
    Comparison(
        "runs",
        "Who resembles whom at h: seeds, objectives, untrained encoders, the picture?",
        RUNS,
        RUNS,
        ("h of", "h of"),
    ),
    Comparison(
        "stages",
        "When does h become what it is at the end?",
        STAGES,
        STAGES,
        ("step", "step"),
        (("150", "escape"),),
    ),
    Comparison(
        "bump",
        "Did h change when the loss fell off its ledge?",
        BUMP,
        BUMP,
        ("step", "step"),
        (("400", "queue on"),),
    ),
    Comparison(
        "sensors",
        "Do the two cameras' pictures of a plant meet in some layer?",
        layers_of("cross-0"),
        layers_of("cross-0", sensor="rgn"),
        ("RGB pictures", "RGN pictures"),
    ),
    _against("scales", "Does a larger encoder find the same?", "small-0", "small-0, larger"),
    _against(
        "supervised",
        "Do pairs teach what labels teach?",
        "supervised_rgb-0",
        "supervised_rgb-0",
        layers=LAYERS[:-1],
    ),
    _against(
        "random",
        "How alike is an encoder that never learned anything?",
        CONTROLS[0],
        "random init",
        layers=LAYERS[:-1],
    ),
)


def comparison(name: str) -> Comparison:
    """The comparison of that name.

    Raises:
        PlantEduError: for a name that is not there; lists those that are.
    """
    found = [one for one in COMPARISONS if one.name == name]
    known = ", ".join(one.name for one in COMPARISONS)
    require(bool(found), f"No comparison is called {name!r}. There are: {known}.")
    return found[0]


def of_two(encoders: Sequence[str], layers: Sequence[str], sensors: Sequence[Sensor]) -> Comparison:
    """Layers of one encoder against layers of another, or through another sensor.

    Raises:
        PlantEduError: unless one or two encoders and one or two sensors are named.
    """
    require(1 <= len(encoders) <= 2, f"Name one encoder or two; got {len(encoders)}.")
    require(1 <= len(sensors) <= 2, f"Name one sensor or two; got {len(sensors)}.")
    sides = [
        layers_of(encoder, sensor=sensor, layers=layers)
        for encoder, sensor in zip(
            (encoders[0], encoders[-1]), (sensors[0], sensors[-1]), strict=True
        )
    ]
    words = [f"{side[0].encoder}, {side[0].sensor}" for side in sides]
    question = f"How alike are the layers of {words[0]} and {words[1]}?"
    return Comparison("own", question, sides[0], sides[1], (words[0], words[1]))
