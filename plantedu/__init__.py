"""plantedu: interpret vision models rigorously; on planted truth, and on your own.

    import plantedu as pe

    me = pe.model(net, layer="layer4", mean=.5, std=.25)          # any nn.Module, any layer
    you = pe.model("timm:resnet18", weights="mine.safetensors")   # or words: see below
    data = pe.images("leaves/", size=224)                         # a folder, or a folder a class

    pe.similarity(me, you, data)                    # alike? beside random init, pixels, shuffles
    pe.probe(me, data).to_frame()                   # what a linear reader finds, beside the same
    pe.attack(me, data, "apgd", radius=4/255)       # fooled? beside noise of the same size
    pe.attribute(me, data[:16], "gradcam").save("maps.svg")       # where? beside edges, random net
    pe.bump("loss.csv")                             # where a loss steps, beside curves without
    pe.plant(data, "mark", .5)                      # planted truth on your own photographs
    pe.examine(me, data).save("report.html")        # all of it, one report

    pe.ELP(layers=["layer4"], classes=5).watch(net)               # probes while your loop trains
    pe.grade(f, worlds=20)                          # your own method, on worlds of known truth

No number comes without its null: every result holds, for each value, the same quantity under a
control (shuffled labels, a random-init twin, noise of equal size, an edge map), n, and an interval.
It shows itself in a notebook; `.to_frame()`, `.chart()` and `.save("x.svg" | "x.csv" | "x.json")`.

Models   NAME (shipped), run:ID[@WHEN], file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION,
         random:SEED, or any nn.Module of one picture or of two
Pictures world:NAME, folder:PATH (challenge), images:PATH, npz:PATH, a path, or an array

`help(pe.probe)` says what each gives, its units and its null. `python -m plantedu` lists commands,
`python -m plantedu serve` opens the course.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_DOORS = {  # name: the module that holds it; nothing is imported before it is used
    "model": "plantedu.own.model",
    "images": "plantedu.own.images",
    "similarity": "plantedu.own.similarity",
    "probe": "plantedu.own.probe",
    "attack": "plantedu.own.attack",
    "attribute": "plantedu.own.attribute",
    "bump": "plantedu.own.bump",
    "plant": "plantedu.own.plant",
    "examine": "plantedu.own.examine",
    "grade": "plantedu.own.grade",
    "ELP": "plantedu.own.elp",
}
__all__ = list(_DOORS)


def __getattr__(name: str) -> Any:
    """A door, opened when it is first wanted."""
    if name not in _DOORS:
        raise AttributeError(f"module 'plantedu' has no attribute {name!r}")
    return getattr(import_module(_DOORS[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_DOORS])
