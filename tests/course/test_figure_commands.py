"""The command under a figure makes the result that it shows: the same settings, all of them.

A caption says "Command: `python -m plantedu NAME ...`" under `figures/STEM.svg`. Where
`results/STEM.json` holds the settings it was made with, the command must ask for the same.
"""

import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import tyro

from plantedu.__main__ import resolve

LESSONS = Path(__file__).parents[2] / "lessons"
CAPTION = re.compile(
    r"\(figures/(?P<stem>\w+)\.svg\)\n\*[^\n]*?Command: `python -m plantedu (?P<words>[^`]+)`"
)
MISSING = object()
DRAWN_FROM = {  # figures that show a part of a result
    **dict.fromkeys(("09_grades", "09_false_alarms", "09_cascade"), "09_report"),
    "10_kinds_index": "10_polysemy",
    "11_card": "11_report_card",
}


def captions():
    """Stem and command of each figure whose result says how it was made."""
    for lesson in sorted(LESSONS.glob("*.md")):
        for found in CAPTION.finditer(lesson.read_text(encoding="utf-8")):
            stem = DRAWN_FROM.get(found["stem"], found["stem"])
            path = LESSONS / "results" / f"{stem}.json"
            if path.is_file():
                settings = json.loads(path.read_text(encoding="utf-8")).get("settings")
                if isinstance(settings, Mapping):
                    yield pytest.param(found["words"], settings, id=found["stem"])


def differing(words, settings):
    """Settings that a command does not ask for, as it is printed: name, asked, recorded."""
    place, options = resolve(words.split())
    module = importlib.import_module(place)
    kind = module.METHOD.settings if hasattr(module, "METHOD") else module.Options
    asked = tyro.cli(kind, args=options)
    pairs = {key: (getattr(asked, key, MISSING), value) for key, value in settings.items()}
    return {key: pair for key, pair in pairs.items() if plain(pair[0]) != plain(pair[1])}


def plain(value):
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(("words", "settings"), list(captions()))
def test_a_figure_is_made_by_its_command(words, settings):
    assert differing(words, settings) == {}


def test_another_command_is_noticed():
    found = differing("attacks agreement --plants 31", {"plants": 32, "norm": "linf"})
    assert found == {"plants": (31, 32)}
