"""Verdicts that are committed are those that today's rule gives to the numbers beside them."""

import pytest

from plantedu.course.family import read_results
from plantedu.serialization import revived
from plantedu.shipped_files import results
from plantedu.topics.generation.results.invariances import BLIND, KeptResult
from plantedu.topics.generation.verdicts import READABLE, verdict


@pytest.mark.parametrize("name", ["05_kept", "05_kept_z", "05_kept_rgb"])
def test_a_recorded_verdict_follows_from_its_numbers(name):
    """A rule was mended once, and the counts were written from tables of the rule before."""
    plain = {k: v for k, v in read_results(results(), name).items() if k != "command"}
    found = revived(KeptResult, plain)
    seen = [k for k in found.factors if k.readable >= READABLE]
    alpha = 0.05 / (2 * len(seen))
    again = {
        k.column: verdict(k.pinned, k.above, k.r2_p, k.readable, alpha=alpha) for k in found.factors
    }
    assert again == {k.column: k.verdict for k in found.factors}
    assert list(again.values()).count(BLIND) == len(found.factors) - len(seen)
