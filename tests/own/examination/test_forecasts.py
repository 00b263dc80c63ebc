"""A head that means what it says lies in its band."""

from plantedu.own.examination.forecasts import forecasts


def test_accuracy_and_error_beside_their_nulls(asked):
    found = forecasts(asked)
    assert found["accuracy"].null == 0.5
    assert 0 <= found["calibration error"].value <= 1
    assert "band" in found.notes[0]
