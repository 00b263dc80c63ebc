"""The hidden success is found, or it is said why there is none."""

from plantedu.own.examination.attack_checks import attack_checks


def test_a_control_and_the_alarms(asked):
    found = attack_checks(asked)
    assert found.notes
    for _, one in found.lines:
        assert 0 <= one.null <= 1
        assert one.control.startswith("noise")
