"""Numbers written anew: only those that differ, in the digits they had."""

import json

import pytest

from experiments.refresh import refreshed, written


@pytest.mark.parametrize(
    ("value", "like", "shown"),
    [
        (0.8501, ".84", ".85"),
        (-0.061, ".1", "-.1"),
        (1234.5, "1,100", "1,234"),
        (2.0, "1.00", "2.00"),
        (-0.001, ".00", ".00"),
        (97.04, "96.1", "97.0"),
    ],
)
def test_a_number_keeps_its_style(value, like, shown):
    assert written(value, like) == shown


def test_only_what_differs_changes(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"x": 0.84, "y": [0.5]}))
    text = "Now .84 <!-- value: a.json#/x --> and 40 % <!-- value: a.json#/y/0 -->."
    new, changed = refreshed(text, tmp_path)
    assert new == "Now .84 <!-- value: a.json#/x --> and 50 % <!-- value: a.json#/y/0 -->."
    assert changed == ["a.json#/y/0: 40 -> 50"]
