"""The chart of kinds: a dot a seed, the mean with its interval, the null."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.results.polysemy import kinds_chart


def one(value, interval=None, seeds=1):
    return Evidence(
        question="How many?", value=value, null=0.2, control="luck", n=64, seeds=seeds,
        interval=interval,
    )  # fmt: skip


def test_kinds_are_said_with_interval_null_and_seeds():
    dots = [("cross", "cross-0", one(5)), ("cross", "cross-1", one(6))]
    drawing = kinds_chart(dots, {"cross": one(5.5, (4, 7), 2)}, dark=True)
    assert "cross 5.500 [4.000, 7.000], null 0.200, 2 seeds" in drawing.alt
    assert drawing.rows["kind"].tolist() == ["seed", "seed", "mean"]
    with pytest.raises(PlantEduError, match="no encoder"):
        kinds_chart([], {})
