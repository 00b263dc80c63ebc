"""Lines of measures with the null and what theory says."""

import vl_convert

from plantedu.topics.similarity.results.failure_modes import failure_modes_chart


def test_lines_null_and_theory_are_drawn():
    lines = [("biased", [1, 10], [0.2, 0.9]), ("debiased", [1, 10], [0.0, 0.01])]
    drawing = failure_modes_chart(
        lines, x="columns", y="CKA", says="says", null=("truth", 0), marks=[(10, 0.9)]
    )
    assert drawing.rows["kind"].value_counts().to_dict() == {"line": 4, "theory": 1, "null": 1}
    for dark in (False, True):
        chart = failure_modes_chart(
            lines, x="columns", y="CKA", says="says", logarithmic=False, dark=dark
        )
        picture = vl_convert.vegalite_to_svg(chart.vega_lite())
        assert "debiased" in picture
        assert "columns" in picture
