"""The closed list of names."""

import pytest

from plantedu.course.report_export.contents import is_known


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("manifest.json", True),
        ("figures/reliability.svg", True),
        ("figures/a.vl.json", True),
        ("figures/a.html", False),
        ("figures/../a.svg", False),
        ("figures/A.svg", False),
        ("evil.py", False),
        ("sub/manifest.json", False),
        ("", False),
    ],
)
def test_only_known_names(name, known):
    assert is_known(name) is known
