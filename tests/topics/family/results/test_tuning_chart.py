"""Charts of fine-tuning: the class prior, guessing with the same shares, rules on flat curves."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.series import Series
from plantedu.topics.family.results.tuning_chart import accuracy_chart, confusion_chart, rates_chart


def series(values):
    values = np.asarray(values, float)
    none = np.full(len(values), np.nan)
    return Series(25 * np.arange(len(values)), values, none, none, none)


def test_accuracy_stands_beside_the_class_prior():
    runs = {"accuracy/held_out": series([0.4, 0.9]), "accuracy/validation": series([0.5, 1.0])}
    drawing = accuracy_chart(runs, 0.35, control="class prior", last=300)
    assert "fresh plants 0.90, validation plants 1.00; class prior 0.35" in drawing.alt
    assert set(drawing.rows["kind"]) == {"line", "prior"}
    with pytest.raises(PlantEduError, match="no plants yet"):
        accuracy_chart({}, 0.3, control="even guess")


def test_confusions_stand_beside_guessing_with_the_same_shares():
    counts = [[8, 2, 0], [1, 9, 0], [0, 0, 20]]
    drawing = confusion_chart(counts, ("healthy", "blast", "brown"), what="RGB")
    table = drawing.rows.pivot(index="is", columns="called", values="by luck")
    slow = [[sum(row) * sum(r[j] for r in counts) / 40 for j in range(3)] for row in counts]
    names = ["healthy", "blast", "brown spot"]
    assert table.loc[names, names].to_numpy().tolist() == slow
    assert "RGB: 0.925 of 40 right (by luck 0.375)" in drawing.alt
    assert "2 healthy called blast" in drawing.alt
    with pytest.raises(PlantEduError, match="at least one plant"):
        confusion_chart([[0, 0], [0, 0]], ("a", "b"), what="x")


BAND = {
    "seeds": [0, 1],
    "curves": [
        {"rates": [1e-4, 1e-3, 1e-2], "losses": [4, 3, 5], "smoothed": [4.0, 3.0, 5.0]},
        {"rates": [1e-4, 1e-3, 1e-2], "losses": [4, 3, 5], "smoothed": [4.1, 3.2]},
    ],
    "found": {
        "valley": {"value": 1e-3, "null": 3e-5, "interval": [5e-4, 2e-3]},
        "slide": {"value": 2e-3, "null": 1e-2, "interval": None},
    },
}


def test_rates_have_a_line_a_seed_and_every_rule_with_its_null():
    drawing = rates_chart(BAND)
    kinds = drawing.rows["kind"].value_counts().to_dict()
    assert kinds == {"curve": 5, "rule": 2, "flat": 2}
    assert "valley 1.0e-03 (on flat curves 3.0e-05)" in drawing.alt
    for kind in kinds:
        assert f"datum.kind == '{kind}'" in json.dumps(drawing.spec)
