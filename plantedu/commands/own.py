"""`python -m plantedu own METHOD`: one's own model on one's own pictures, in a terminal.

    own similarity --model timm:resnet18@mine.safetensors --other cross-0 --data images:leaves/
    own probe      --model py:mine:net --layer layer3 --data images:leaves/ --save probe.csv
    own attack     --model timm:resnet18@mine.safetensors --data images:leaves/ --method apgd
    own attribute  --model timm:resnet18@mine.safetensors --data images:leaves/ --method gradcam

Lesson: 06_similarity.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.errors import require
from plantedu.output_paths import check_file
from plantedu.own.attack import attack
from plantedu.own.attribute import attribute
from plantedu.own.finding import Finding
from plantedu.own.images import Crop, Images, images
from plantedu.own.model import Model, model
from plantedu.own.probe import probe
from plantedu.own.similarity import similarity


@dataclass(frozen=True, kw_only=True)
class Own:
    """What is examined.

    Attributes:
        model: NAME, run:ID[@WHEN], file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION or random:SEED.
        data: images:PATH, folder:PATH, world:NAME, npz:PATH, or a path.
        layer: What is read; "" is h, what the network's own head reads.
        size: Side in pixels; 0 is what the model was made for.
        crop: centre, whole or resize.
        limit: No more than so many pictures; 0 for all.
        seed: Draws shuffles, folds, starts and noise.
        save: Write it to this file: .svg, .csv, .json or .vl.json.
        json: Print the result as one JSON object on the last line.
    """

    model: str
    data: str
    layer: str = ""
    size: int = 0
    crop: Crop = "centre"
    limit: int = 0
    seed: int = 0
    save: Path | None = None
    json: bool = False

    def opened(self) -> tuple[Model, Images]:
        """The model and the pictures."""
        require(self.limit >= 0, f"limit is 0 for all, or more; got {self.limit}.")
        me = model(self.model, layer=self.layer or None, size=self.size or None)
        return me, images(self.data, size=me.side, crop=self.crop, limit=self.limit or None)


@dataclass(frozen=True, kw_only=True)
class Similarity(Own):
    """Is it like another model? Beside its random-init twin, pixels, and shuffled pictures.

    Attributes:
        other: The other model, in the same words.
        measure: cka, procrustes, rsa, ...
    """

    other: str
    measure: str = "cka"

    def run(self) -> Finding:
        """Compare."""
        me, data = self.opened()
        return similarity(me, model(self.other), data, measure=self.measure, seed=self.seed)


@dataclass(frozen=True, kw_only=True)
class Probe(Own):
    """What does a linear reader find of the labels? Beside shuffles, random init and pixels."""

    def run(self) -> Finding:
        """Probe."""
        return probe(*self.opened(), seed=self.seed)


@dataclass(frozen=True, kw_only=True)
class Attack(Own):
    """How easily is it fooled? Beside noise of the same size.

    Attributes:
        method: fgsm, pgd, apgd, square, minimum, eot or noise.
        radius: A share of the full range; 4/255 is .0157.
        norm: linf or l2.
        steps: Of the attack; 0 is its own default.
    """

    method: str = "apgd"
    radius: float = 4 / 255
    norm: str = "linf"
    steps: int = 0

    def run(self) -> Finding:
        """Attack."""
        knobs = {"norm": self.norm, "steps": self.steps, "seed": self.seed}
        return attack(*self.opened(), self.method, radius=self.radius, **knobs)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Attribute(Own):
    """What moves its answer? Beside an edge map and random weights.

    Attributes:
        method: gxi, ig, smoothgrad, gradshap, occlusion, gradcam or guided.
        output: Which score; -1 is each picture's highest.
    """

    method: str = "ig"
    output: int = -1

    def run(self) -> Finding:
        """Explain."""
        output = None if self.output < 0 else self.output
        return attribute(*self.opened(), self.method, output=output, seed=self.seed)


Chosen = (
    Annotated[Similarity, tyro.conf.subcommand("similarity", prefix_name=False)]
    | Annotated[Probe, tyro.conf.subcommand("probe", prefix_name=False)]
    | Annotated[Attack, tyro.conf.subcommand("attack", prefix_name=False)]
    | Annotated[Attribute, tyro.conf.subcommand("attribute", prefix_name=False)]
)


def main(argv: list[str]) -> int:
    """Run one of the methods, print it, and save it where asked.

    Raises:
        PlantEduError: for words, pictures or networks that cannot be examined.
    """
    chosen: Own = tyro.cli(Chosen, args=argv, prog="python -m plantedu own")  # type: ignore[arg-type, call-overload]
    check_file(chosen.save, like="finding.svg")
    print("Reading the model and the pictures.", file=sys.stderr)
    found: Finding = chosen.run()  # type: ignore[attr-defined]
    print(found)
    if chosen.save is not None:
        print(f"Written to {found.save(chosen.save)}.", file=sys.stderr)
    if chosen.json:
        print(json.dumps(found.as_json(), default=str))
    return 0
