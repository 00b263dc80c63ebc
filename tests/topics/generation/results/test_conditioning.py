"""What a denoiser is conditioned on, slot by slot."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.results.conditioning import Told


def test_a_condition_has_a_name_and_refuses_other_sensors():
    told = Told("cross-0", "h", ("rgb", "rgn"))
    assert told.name == "cross-0 h of rgb and rgn"
    with pytest.raises(PlantEduError):
        Told(sensors=("x-ray",))
