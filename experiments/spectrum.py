"""Results and figures of lesson 07.

    uv run python -m experiments.spectrum maps         # -> lessons/results/07_maps.json
    uv run python -m experiments.spectrum prototypes   # -> 07_prototypes.json
    uv run python -m experiments.spectrum jacobian     # -> 07_jacobian.json
    uv run python -m experiments.spectrum collapse     # -> 07_collapse.json
    uv run python -m experiments.spectrum heads        # -> 07_heads.json
    uv run python -m experiments.spectrum numbers      # -> 07_spectrum.json, from the others
    uv run python -m experiments.spectrum figures      # -> lessons/figures/07_*.svg

Each file states under "commands" the whole command that makes each of its entries alone.

Without a word, all of them. Each adds what is missing to its file, so it may be stopped and started
again; delete the file to begin anew. Run with OMP_NUM_THREADS=1.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.figures import save as save_figure
from experiments.parts import run as run_parts
from experiments.spectrum_numbers import numbers_of
from plantedu.charts.chart import Drawing
from plantedu.serialization import command_line
from plantedu.store.paths import bank_folder
from plantedu.topics.spectrum import collapse as ranking
from plantedu.topics.spectrum import eigenvalues, planted_heads
from plantedu.topics.spectrum import jacobian as hearing
from plantedu.topics.spectrum import prototypes as coding
from plantedu.topics.spectrum.results import planted_heads as planted
from plantedu.zoo.checkpoint_pairs import shipped_file

LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS = LESSONS / "results"
STAGES = ranking.STAGES
BUMP = ("bump/0350", "bump-0", "bump/0410", "bump/0430", "bump/0450", "bump/0800")
TWIN = ("bump/0350", "bump-0", "bump/never-0450", "bump/never-0800")
FINALS = (
    *("cross-0", "cross-1", "cross-2", "rgb_only-0", "small-0", "shared_light-0", "collapse-0"),
)
SAME = ("cross-0", "cross-1", "cross-2", "rgb_only-0", "collapse-0")  # one architecture, one world
LAYERS = ("z", "h")
SIZES = ((128, 16), (512, 32), (512, 64))
RELIABILITIES = (0.5, 0.7, 0.9)
KINDS = (
    *(("copy", 0.0), ("attenuate", 0.5), ("attenuate", 0.25), ("rotate", 30.0), ("rotate", 60.0)),
    *(("rotate", 90.0), ("rotate", 120.0), ("invert", 0.0), ("mixed", 0.0)),
)


def read(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(name: str, found: dict[str, Any]) -> None:
    """A result with the command that makes it; one entry a line."""
    command = f"uv run python -m experiments.spectrum {name.split('_')[-1]}"
    first = {"command": command, "commands": found.get("commands", {})}
    found = first | {k: v for k, v in found.items() if k not in first}
    lines = [f" {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in found.items()]
    (RESULTS / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def add(name: str, key: str, make: Callable[[], Any], *words: str) -> None:
    """One entry of a results file, if it is not there yet.

    Args:
        name: Of the file.
        key: Of the entry.
        make: Makes it.
        words: The command's own, before its settings.
    """
    if key not in read(name):
        began = time.process_time()
        made = make()
        command = f"python -m plantedu {' '.join(words)} {command_line(made.settings)}"
        known = read(name)
        commands = {**known.get("commands", {}), key: command}
        write(name, {**known, "commands": commands, key: made.as_json()})
        print(f"{name} {key}: {time.process_time() - began:.2f} s of CPU", flush=True)


def maps() -> None:
    """The cross-sensor map of every shipped checkpoint."""
    pixels = [("pixels", name) for name in ("cross-0", "shared_light-0")]
    everywhere = [(layer, name) for layer in LAYERS for name in (*FINALS, *STAGES, *BUMP, *TWIN)]
    for layer, name in (*pixels, *everywhere):
        settings = eigenvalues.Settings(layer=layer)
        add(
            "07_maps",
            f"{name} {layer}",
            lambda name=name, settings=settings: eigenvalues.spectrum(
                shipped_file(name), settings, bank_folder=bank_folder()
            ),
            "spectrum",
            name,
        )


def prototypes() -> None:
    """The prototype transition of every shipped checkpoint."""
    for name in (*FINALS, *STAGES, *BUMP, *TWIN):
        add(
            "07_prototypes",
            name,
            lambda name=name: coding.prototypes(
                shipped_file(name), coding.Settings(), bank_folder=bank_folder()
            ),
            "prototypes",
            name,
        )


def jacobian() -> None:
    """Jacobians of every shipped head."""
    for name in (*FINALS, *STAGES, *BUMP, *TWIN):
        add(
            "07_jacobian",
            name,
            lambda name=name: hearing.jacobian(
                shipped_file(name), hearing.Settings(), bank_folder=bank_folder()
            ),
            "jacobian",
            name,
        )


def collapse() -> None:
    """Spectra along runs, and at the end of runs."""
    runs = {"default run": STAGES, "bump run": BUMP, "bump run, never switched": TWIN}
    runs["ends of runs"] = SAME
    for layer, run in [(layer, run) for layer in LAYERS for run in runs]:
        settings = ranking.Settings(layer=layer, halves=40 if layer == "z" else 20)
        add(
            "07_collapse",
            f"{run} {layer}",
            lambda names=runs[run], settings=settings: ranking.collapse(
                [shipped_file(name) for name in names], settings, bank_folder=bank_folder()
            ),
            "collapse",
            *runs[run],
        )


def heads() -> None:
    """Planted heads over kinds, sizes and noise; then with the covariances of real layers."""
    for kind, size in KINDS:
        for plants, dim in SIZES:
            for reliability in RELIABILITIES:
                settings = planted_heads.Settings(
                    kind, size, plants=plants, dim=dim, reliability=reliability, seeds=3
                )
                key = f"{kind} {size:g}, {plants} x {dim}, {reliability:g}"
                add(
                    "07_heads",
                    key,
                    lambda settings=settings: planted_heads.heads(settings),
                    "heads",
                )

    for layer in planted.LAYERS:
        for noise in planted.NOISES:
            for kind, size in KINDS:
                settings = planted_heads.Settings(kind, size, seeds=12, layer=layer, noise=noise)
                key = f"{kind} {size:g}, {layer}, {noise}"
                add(
                    "07_heads",
                    key,
                    lambda settings=settings: planted_heads.heads(settings),
                    "heads",
                )


def numbers() -> None:
    """What the lesson quotes, taken from the other files."""
    names = ("maps", "prototypes", "jacobian", "collapse", "heads")
    found = numbers_of({name: read(f"07_{name}") for name in names})
    command = "uv run python -m experiments.spectrum numbers"
    text = json.dumps({"command": command, **found}, indent=1) + "\n"
    (RESULTS / "07_spectrum.json").write_text(text, encoding="utf-8")


def figures() -> None:
    """Charts as pictures for readers of the markdown."""
    own = eigenvalues.SpectrumResult.from_json(read("07_maps")["cross-0 z"])
    save("07_plane", own.chart("random rotation"))
    run = ranking.CollapseResult.from_json(read("07_collapse")["default run z"])
    save("07_ranks", run.chart())


def save(name: str, drawing: Drawing) -> None:
    """A chart as a figure; a single one gets a width."""
    facets = "facet" in json.loads(drawing.vega_lite())
    save_figure(name, drawing, **({} if facets else {"width": 420}))


PARTS: dict[str, Callable[[], None]] = {
    "maps": maps,
    "prototypes": prototypes,
    "jacobian": jacobian,
    "collapse": collapse,
    "heads": heads,
    "numbers": numbers,
    "figures": figures,
}


if __name__ == "__main__":
    run_parts(PARTS, sys.argv[1:])
