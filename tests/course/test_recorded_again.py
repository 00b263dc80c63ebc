"""A sample of the committed results, made again by the settings that they carry.

Chosen because they train nothing: they hold on any kernel and any number of threads to the digits
that a lesson prints. What rests on training carries its seeds instead.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from plantedu.course.report_export.rerun import again

RESULTS = Path(__file__).parents[2] / "lessons" / "results"


def numbers(found, path=""):
    """Every number in a result by its place; texts and settings are left out."""
    if isinstance(found, bool) or found is None or isinstance(found, str):
        return {}
    if isinstance(found, (int, float)):
        return {path: float(found)}
    pairs = found.items() if isinstance(found, dict) else enumerate(found)
    inside = [numbers(one, f"{path}/{key}") for key, one in pairs]
    return {key: value for part in inside for key, value in part.items()}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "stem"), [("traps", "06_traps"), ("neurons", "10_units_cross")])
def test_a_committed_result_comes_out_again(kind, stem):
    recorded = json.loads((RESULTS / f"{stem}.json").read_text(encoding="utf-8"))
    found = json.loads(json.dumps(again({"kind": kind, "request": recorded["settings"]})))
    before, after = numbers(recorded), numbers(found)
    assert set(after) <= set(before)
    shared = sorted(after)
    np.testing.assert_allclose(
        [after[key] for key in shared], [before[key] for key in shared], atol=5e-4, rtol=1e-3
    )
