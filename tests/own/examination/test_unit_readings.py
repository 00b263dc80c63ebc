"""Units that tell a planted light, beside luck."""

from plantedu.own.examination.unit_readings import unit_readings


def test_units_tell_light_more_than_luck_does(asked):
    found = unit_readings(asked)
    assert [name for name, _ in found.lines] == ["the labels", "a planted mark", "a planted light"]
    assert found["a planted light"].value > 0.5 > found["a planted light"].null
