"""What a denoiser is conditioned on, slot by slot."""

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.results.conditioning import Conditioning


def test_a_condition_has_a_name_and_refuses_other_sensors():
    conditioning = Conditioning("cross-0", "h", ("rgb", "rgn"))
    assert conditioning.name == "cross-0 h of rgb and rgn"
    with pytest.raises(PlantEduError):
        Conditioning(sensors=("x-ray",))
