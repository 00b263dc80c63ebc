"""The finder in words."""

from plantedu.own.examination.hidden_section import hidden_section


def test_a_bright_corner_is_told(asked):
    found = hidden_section(asked)
    assert any("cell top, left" in name for name, _ in found.lines)
    assert "not among the candidates" in found.notes[-1]
