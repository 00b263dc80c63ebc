"""The same in a terminal: for every method, the printed command asks for the run's own settings."""

import importlib
import shlex
from dataclasses import asdict, fields, replace
from typing import get_args, get_type_hints

import pytest
import tyro

from app.experiment import command
from plantedu.serialization import with_tuples
from plantedu.topics.methods import METHODS

WITH_METHOD = [one for one in METHODS if hasattr(importlib.import_module(one.module), "METHOD")]


def others(settings):
    """Each setting changed by itself, where another value of its kind is allowed."""
    hints = get_type_hints(type(settings))
    for field in fields(settings):
        value, choices = getattr(settings, field.name), get_args(hints[field.name])
        other = next((one for one in choices if isinstance(one, str) and one != value), None)
        if isinstance(value, bool):
            other = not value
        elif isinstance(value, int):
            other = value + 1
        elif isinstance(value, float):
            other = value * 1.5 + 0.25
        if other is None or type(other) is not type(value):
            continue
        try:
            yield replace(settings, **{field.name: other})
        except Exception:  # settings that refuse it, with their own sentence
            continue


@pytest.mark.parametrize("entry", WITH_METHOD, ids=lambda one: one.words)
def test_a_printed_command_asks_for_the_settings_of_its_run(entry):
    method = importlib.import_module(entry.module).METHOD
    try:
        plain = method.settings()
    except TypeError:
        pytest.skip("has a setting without a default: its lab prints it, walked by the walker")
    for settings in (plain, *others(plain)):
        words = shlex.split(command(entry.kind, settings))
        assert " ".join(words[:3]) == "python -m plantedu"
        read = tyro.cli(method._options(), args=words[3 + len(entry.words.split()) :])
        asked = {name: getattr(read, name) for name in asdict(settings)}
        assert with_tuples(asked) == with_tuples(asdict(settings))


def test_most_methods_are_compared():
    assert len(WITH_METHOD) > 25
