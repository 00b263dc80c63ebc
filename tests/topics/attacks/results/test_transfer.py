"""Transfer: a square for each pair, noise written in it."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.transfer import transfer_chart


def test_noise_is_written_in_every_square():
    evidence = Evidence(question="?", value=0.8, null=0.1, control="noise", n=9)
    drawing = transfer_chart([("a", "b", evidence), ("b", "a", evidence)], dark=True)
    assert set(drawing.rows["beside"]) == {"0.10"}
    assert "a on b 0.80 (noise 0.10)" in drawing.alt


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="Nothing"):
        transfer_chart([])
