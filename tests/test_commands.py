"""Recorded results of lessons 06 and 07 state the whole command that makes each entry."""

import json
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
import tyro

from plantedu.serialization import settings_of, with_tuples
from plantedu.topics.similarity import compare
from plantedu.topics.spectrum import collapse, eigenvalues, jacobian, planted_heads, prototypes

RESULTS = Path(__file__).parents[1] / "lessons" / "results"
METHODS = {
    "spectrum eigenvalues": eigenvalues,
    "spectrum prototypes": prototypes,
    "spectrum jacobian": jacobian,
    "spectrum collapse": collapse,
    "spectrum planted-heads": planted_heads,
    "similarity compare": compare,
}
NAMES = (
    *("07_maps", "07_prototypes", "07_jacobian", "07_collapse", "07_heads"),
    *("06_runs", "06_stages", "06_random"),
)


@pytest.mark.parametrize("name", NAMES)
def test_each_command_asks_for_what_its_entry_was_made_with(name):
    found = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    entries = {k: one for k, one in found.items() if k not in ("command", "commands")}
    assert set(found["commands"]) == set(entries)
    for key, one in entries.items():
        program, verb, words = _parts(found["commands"][key])
        assert program == "python -m plantedu"
        method = METHODS[verb]
        parsed = settings_of(
            tyro.cli(options_of(method), args=words, prog=program), method.Settings
        )
        assert parsed == method.Settings(**with_tuples(one["settings"])), key


@pytest.mark.parametrize("name", NAMES)
def test_no_command_leaves_a_setting_to_its_default(name):
    """Defaults may move: the first version's results had been made with others than they stated."""
    found = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    for command in found["commands"].values():
        _, verb, words = _parts(command)
        for field in fields(METHODS[verb].Settings):
            word = field.name.replace("_", "-")
            left = field.default == ()  # nothing given is nothing said
            stated = f"--{word}" in words or f"--no-{word}" in words
            assert stated or left, (verb, field.name)


def options_of(module):
    """What the command of a method takes."""
    return module.METHOD.settings if hasattr(module, "METHOD") else module.Options


def _parts(command: str) -> tuple[str, str, list[str]]:
    words = shlex.split(command)
    return " ".join(words[:3]), " ".join(words[3:5]), words[5:]
