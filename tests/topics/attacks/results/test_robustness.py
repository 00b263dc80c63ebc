"""Robust share: each arm, noise and chance in every panel, and words for who cannot see it."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.robustness import robust_chart


def cell(arm, where, radius, value):
    evidence = Evidence(
        question="?", value=value, null=0.9, control="noise", n=8, interval=(value, value)
    )
    return (arm, where, radius, (value,), evidence)


def test_every_panel_has_arms_noise_and_chance():
    cells = [cell(a, w, r, 0.5) for a in ("A", "B") for w in ("rgb", "both") for r in (0.0, 4.0)]
    drawing = robust_chart(cells, chance=0.4)
    counts = drawing.rows.groupby("kind").size()
    assert counts.to_dict() == {"arm": 8, "chance": 2, "noise": 8}
    assert "RGB attacked, A: 0.50 at 0 (noise 0.90)" in drawing.alt


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="Nothing"):
        robust_chart([], chance=0.4)
