"""A recorded result is not read where a bet waits, and is everywhere else."""

import pytest

from app import folding, session
from plantedu.errors import PlantEduError


def test_results_are_refused_inside_and_given_outside():
    with folding.folded(True):
        with pytest.raises(PlantEduError, match="bet that it settles is locked"):
            session.results("06_traps")
        with pytest.raises(PlantEduError, match="bet that it settles is locked"):
            session.result_as(dict, "06_traps")
        with folding.folded(False):
            assert session.results("06_traps")
    assert session.result_as(dict, "06_traps")
