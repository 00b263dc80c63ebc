"""One's own model on one's own pictures, asked all that the course asks of its own: one report.

    examine(me, data).save("report.html")

Sections are kept as they come, under the hash of weights, pictures, labels and code: what was
stopped goes on where it stood, and what has not changed is not worked out again. A section that
cannot be answered says why, and the others go on.

Source: each section's own. Lesson: 12_own.
"""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.errors import PlantEduError, require
from plantedu.own.attack import attack
from plantedu.own.attribute import attribute
from plantedu.own.examination.asked import Asked, at_side
from plantedu.own.examination.attack_checks import attack_checks
from plantedu.own.examination.copies import copies
from plantedu.own.examination.forecasts import forecasts
from plantedu.own.examination.graded_maps import graded_maps
from plantedu.own.examination.hidden_section import hidden_section
from plantedu.own.examination.interventions import interventions
from plantedu.own.examination.remembering import remembering
from plantedu.own.examination.report import Report
from plantedu.own.examination.report_numbers import Section
from plantedu.own.examination.shortcuts import shortcuts
from plantedu.own.examination.unit_readings import unit_readings
from plantedu.own.finding import Finding
from plantedu.own.images import Images
from plantedu.own.images import images as images_of
from plantedu.own.model import Model, Pictures, model
from plantedu.own.probe import probe
from plantedu.own.similarity import similarity
from plantedu.store.paths import home
from plantedu.store.version import code_version, package_versions
from plantedu.whole_files import write_whole

FEWEST = 16  # pictures
PASSES = {True: 5_000, False: 37_000}  # pictures through the network; a slope counts as 2.5
Found = Finding | tuple[Finding, ...]


def _similar(asked: Asked) -> Finding:
    other = asked.second if asked.second is not None else asked.me.random_twin(1)
    return similarity(asked.me, other, asked.data, seed=asked.seed)


def _attacked(asked: Asked) -> Finding:
    part = asked.data[asked.some(8, 48)]
    steps = 5 if asked.quick else 50
    return attack(asked.me, part, steps=steps, seed=asked.seed, fitted_on=asked.data)


def _mapped(asked: Asked) -> Finding:
    part = asked.data[asked.some(6, 24)]
    how: dict[str, Any] = {"name": "gradcam"} if asked.quick else {"name": "ig", "steps": 16}
    return attribute(asked.me, part, seed=asked.seed, fitted_on=asked.data, **how)


SECTIONS: tuple[tuple[str, str, Callable[[Asked], Found]], ...] = (
    ("hidden", "Do predictions follow something beside the object?", hidden_section),
    ("interventions", "What moves h and the predictions?", interventions),
    ("readout", "What does a linear reader find?", lambda a: probe(a.me, a.data, seed=a.seed)),
    ("shortcuts", "How easily is a planted shortcut taken?", shortcuts),
    ("graded_maps", "Which maps tell what is used?", graded_maps),
    ("maps", "What do maps of the predictions show?", _mapped),
    ("attack", "How easily is it fooled?", _attacked),
    ("attack_checks", "Is a failed attack to be believed?", attack_checks),
    ("similarity", "What is it like?", _similar),
    ("units", "What do single units tell?", unit_readings),
    ("forecasts", "Are confidences meant as said?", forecasts),
    ("copies", "Do pictures stand twice?", copies),
)


def examine(
    me: Model | str,
    data: Images | Pictures | str,
    *,
    second: Model | str | None = None,
    earlier: Images | str | None = None,
    quick: bool = False,
    seed: int = 0,
    progress: Callable[[str], None] = lambda said: None,
    step: Callable[[int, int], None] = lambda done, of: None,
    keep: Path | None = None,
) -> Report:
    """Examine a model on labelled pictures.

    Args:
        me: A model, or words that name one (see `model`). Its own head is asked where it answers
            with one number for each class; else a linear reader of h.
        data: Pictures of one camera with labels of two classes or more (see `images`), 16 or more,
            that the model was not trained on.
        second: Another model, to compare with; None is a second random-init twin.
        earlier: The pictures that it was trained on, to look for leaks.
        quick: Fewer pictures where each costs passes.
        seed: Draws everything.
        progress: Called before each section with what is being done, and how long it may take; may
            raise to stop: what is done stays.
        step: Called with how many sections are done, and of how many.
        keep: Folder of what was worked out before; by default on this machine's home.

    Returns:
        A report: `.save("report.html")`, `["hidden"]`, `.as_json()`.

    Raises:
        PlantEduError: for pictures without labels, of one class, of two cameras, or fewer than 16;
            and as `model` and `images`.

    Lesson: 12_own.
    """
    asked = _asked(me, data, second, earlier, quick, seed)
    about = described(asked)
    folder = (home() / "examined" if keep is None else Path(keep)) / str(about["key"])[:32]
    folder.mkdir(parents=True, exist_ok=True)
    left = [key for key, _, _ in SECTIONS if not (folder / f"{key}.json").is_file()]
    progress(_estimate(asked, len(left)) if left else "All sections were worked out before.")
    sections: list[Section] = []
    for k, (key, title, function) in enumerate(SECTIONS, 1):
        progress(f"{k} of {len(SECTIONS)}: {title}")
        sections += _kept(folder / f"{key}.json", key, title, function, asked)
        step(k, len(SECTIONS))
    return Report(about, tuple(sections))


def _asked(me: Any, data: Any, second: Any, earlier: Any, quick: bool, seed: int) -> Asked:
    me = model(me)
    require(me.cameras == 1, f"{me.name} takes two pictures at once; examine looks at one camera.")
    found = at_side(data if isinstance(data, Images) else images_of(data, size=me.side), me.side)
    found.require_labels("examine")
    require(len(found) >= FEWEST, f"examine needs {FEWEST} pictures or more; got {len(found)}.")
    x = np.asarray(found.pictures)
    same = bool((x == x[:1]).all())
    require(not same, f"All {len(found)} pictures are the same: nothing can be told apart.")
    before = None
    if earlier is not None:
        before = earlier if isinstance(earlier, Images) else images_of(earlier, size=me.side)
        before = at_side(before, me.side)
    other = None if second is None else remembering(model(second))
    return Asked(remembering(me), found, quick, seed, other, before)


def described(asked: Asked) -> dict[str, Any]:
    """Model, data and their hashes; `key` changes with any of them, with code and packages."""
    data, mode = asked.data, "quick" if asked.quick else "whole"
    parts = {
        "weights": weights_hash(asked.me),
        "pictures": _hash(np.asarray(data.pictures).tobytes(), asked.labels.tobytes()),
        "second": weights_hash(asked.second) if asked.second else "",
        "earlier": _hash(np.asarray(asked.earlier.pictures).tobytes()) if asked.earlier else "",
    }
    version = code_version()
    made = [version, package_versions()]
    how = json.dumps([repr(asked.me), mode, asked.seed, made, list(data.classes)])
    return {
        "model": asked.me.name,
        "origin": repr(asked.me),
        "data": data.origin or "an array",
        "n": len(data),
        "classes": list(data.classes),
        "left out": len(data.left_out),
        "reading_notes": data.reading_notes,
        "mode": mode,
        "seed": asked.seed,
        "code": version,
        **parts,
        "key": _hash(how.encode(), *(word.encode() for word in parts.values())),
    }


def weights_hash(me: Model) -> str:
    """sha256 of a network's tensors, in the order of their names."""
    state = sorted(me.network.state_dict().items())
    return _hash(*(k.encode() + v.detach().cpu().numpy().tobytes() for k, v in state))


def _hash(*parts: bytes) -> str:
    found = hashlib.sha256()
    for one in parts:
        found.update(len(one).to_bytes(8, "little") + one)
    return found.hexdigest()


def _estimate(asked: Asked, left: int) -> str:
    """How long it may take, from eight pictures."""
    asked.me.features(asked.x[:2])
    began = time.perf_counter()
    asked.me.features(asked.x[:8])
    each = (time.perf_counter() - began) / 8
    minutes = each * PASSES[asked.quick] * left / len(SECTIONS) / 60
    return f"About {max(minutes, 0.1):.1f} minutes: {left} of {len(SECTIONS)} sections are left."


def _kept(
    file: Path, key: str, title: str, function: Callable[[Asked], Found], asked: Asked
) -> list[Section]:
    """A section from its file; or worked out, and kept."""
    try:
        return [Section.from_json(one) for one in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, PlantEduError):
        pass  # not there, or torn: worked out again
    began = time.process_time()
    try:
        found = function(asked)
    except PlantEduError as error:
        return [Section(key, title, missing=str(error))]
    seconds = round(time.process_time() - began, 1)
    several = found if isinstance(found, tuple) else (found,)
    sections = [Section.of(key, one, seconds if not k else 0.0) for k, one in enumerate(several)]
    write_whole(file, json.dumps([one.as_json() for one in sections], default=str).encode())
    return [Section.from_json(json.loads(json.dumps(s.as_json(), default=str))) for s in sections]
