"""ROC: a line for each choice of sensors, noise, and the diagonal."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.agreement import roc_chart


def test_lines_noise_and_chance_are_drawn():
    auc = Evidence(question="?", value=0.7, null=0.5, control="noise", n=9)
    drawing = roc_chart([("rgb", (0.0, 0.8, 1.0), auc)], (0.0, 0.5, 1.0))
    assert drawing.rows.groupby("kind").size().to_dict() == {"chance": 2, "noise": 3, "roc": 3}
    assert "RGB attacked: AUC 0.70 (noise 0.50)" in drawing.alt


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="Nothing"):
        roc_chart([], ())
