"""The chart of modular addition: the network in colour, its controls as null, log losses."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.results.grokking import LEAST, grokking_chart

CURVES = {"accuracy/train": [0.5, 1.0], "accuracy/test": [0.0, 1.0]}
CURVES |= {"loss/train": [1.0, 0.0], "loss/test": [4.0, 0.1], "fourier": [0.2, 0.5]}
ARMS = {"decay": ((10, 20), CURVES), "no_decay": ((10, 20), CURVES)}


def test_the_network_is_a_line_and_its_control_the_null():
    drawing = grokking_chart(ARMS, "accuracy", "said")
    kinds = drawing.rows.groupby("kind")["name"].unique()
    assert list(kinds["line"]) == ["training pairs", "test pairs"]
    assert list(kinds["null"]) == ["no weight decay"]
    assert drawing.alt == "said"


def test_a_loss_of_zero_is_drawn_at_the_foot_of_the_log_axis():
    rows = grokking_chart(ARMS, "loss", "said").rows
    assert rows["value"].min() == LEAST


def test_light_and_dark_differ_and_an_unknown_measure_is_refused():
    assert (
        grokking_chart(ARMS, "fourier", "s").spec != grokking_chart(ARMS, "fourier", "s", True).spec
    )
    with pytest.raises(PlantEduError, match="to draw"):
        grokking_chart(ARMS, "taste", "said")
