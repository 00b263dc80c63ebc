"""A whole comparison: planted relations come out, every cell has its null, words are heard."""

import json

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.compare import METHOD, compared
from plantedu.topics.similarity.family import measure
from plantedu.topics.similarity.results.compare import CompareResult, Settings
from plantedu.topics.similarity.results.comparisons import Comparison, Representation


def features(seed, n=60, d=5):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


CHOSEN = Comparison(
    "planted",
    "Which are related?",
    (Representation("a", "a"), Representation("b", "b")),
    (Representation("copy of a", "c"), Representation("noise", "d")),
    ("left", "right"),
    (("copy of a", "event"),),
)


@pytest.fixture(scope="module")
def found():
    a, b = features(0), features(1)
    settings = Settings(measure="cka", shuffles=39, halves=20)
    sides = [a, b], [a + 0.3 * features(2), features(3)]
    return compared(settings, CHOSEN, measure("cka"), *sides)


def test_the_planted_relation_is_found_and_no_other(found):
    assert found.tables["value"][0, 0] > 0.8
    assert (found.tables["p"] <= 0.05).tolist() == [[True, False], [False, False]]
    assert (found.tables["low"] <= found.tables["value"]).all()
    assert found.tables["value"][0, 0] > found.level[0, 0] > found.tables["null"][0, 0]


def test_a_cell_is_evidence_with_its_null(found):
    one = found.evidence(0, 0)
    assert (one.n, one.seeds) == (60, 1)
    assert "39 orders" in one.control
    assert "left a and right copy of a" in one.question
    assert one.interval[0] <= one.value <= one.interval[1]


def test_a_result_reads_back_from_json(found):
    again = CompareResult.from_json(json.loads(json.dumps(found.as_json())))
    assert np.allclose(again.tables["value"], found.tables["value"], atol=1e-5)
    assert again.chart().alt == found.chart().alt
    assert again.cell_chart(0, 1).alt == found.cell_chart(0, 1).alt


def test_charts_say_value_null_and_n(found):
    assert "1 of 4 cells lie beyond it; by luck 0 would" in found.chart().alt
    assert "n = 60" in found.chart().alt
    assert "p = 0.025" in found.cell_chart(0, 0).alt


def test_notes_stand_where_sizes_make_a_measure_mean_nothing():
    settings = Settings(measure="cca", shuffles=19, halves=20)
    wide = [features(k, 30, 40) for k in range(4)]
    result = compared(settings, CHOSEN, measure("cca"), wide[:2], wide[2:])
    assert "Meaningless" in result.notes[0, 0]
    assert result.tables["p"].min() == 1


def test_the_command_prints_a_table_and_one_object(capsys):
    words = ["--encoders", "random:0", "random:1", "--layers", "pixels", "h", "--plants", "12"]
    words += ["--first", "0", "--shuffles", "19", "--halves", "20"]
    assert METHOD.main([*words, "--json"]) == 0
    *text, last = capsys.readouterr().out.splitlines()
    printed = json.loads(last)
    assert np.shape(printed["value"]) == np.shape(printed["null"]) == (2, 2)
    assert (printed["n"], printed["seeds"]) == (12, 1)
    assert np.shape(printed["interval"]) == (2, 2, 2)
    assert printed["value"][0][0] == pytest.approx(1)
    assert any("one shuffle of the plants in twenty" in line for line in text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--comparison", "noses"], "No comparison"),
        (["--measure", "cosine"], "No similarity measure"),
        (["--encoders", "random:0", "--plants", "3"], "4 plants or more"),
        (
            ["--encoders", "random:0", "--layers", "nose", "--plants", "8", "--first", "0"],
            "no layer",
        ),
        (["--encoders", "cross-0", "--plants", "8", "--first", "0"], "was trained on plants"),
        (["--encoders", "random:0", "--halves", "5"], "20 halves or more; got 5"),
    ],
)
def test_what_cannot_be_done_is_said(words, said):
    with pytest.raises(PlantEduError, match=said):
        METHOD.main(words)
