"""What is done again comes from a closed list and names nothing of a machine."""

import pytest

from plantedu.course.report_export.rerun import AGAIN, again, cannot
from plantedu.errors import PlantEduError
from plantedu.topics.report_card import report_card

GOOD = {"kind": "report_card", "request": {"worlds": 1}, "result": {}, "seconds": 1.0}


def test_a_short_run_of_a_known_kind_is_done_again():
    assert cannot(GOOD) == ""
    assert cannot({**GOOD, "seconds": 1e9}) == ""  # a forged run must not hide behind its seconds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "os.system"}, "not on the list"),
        ({"kind": "ping"}, "not on the list"),
        ({"kind": ["report_card"]}, "not on the list"),
        ({"request": {"data": "/etc/passwd"}}, "which is not in the report"),
        ({"request": {"data": "..\\x"}}, "which is not in the report"),
        ({"request": {"network": "cues/nobody-0"}}, "which is not in the report"),
        ({"request": {"network": "cues/../cross-0"}}, "which is not in the report"),
        ({"request": {"network": "shipped:/etc/passwd"}}, "which is not in the report"),
        ({"request": {"a": {"b": ["run:abc"]}}}, "which is not in the report"),
        ({"request": {"a": "x" * 300}}, "which is not in the report"),
        ({"request": "rm"}, "no request"),
        ({"result": None}, "no request or no result"),
        ({"request": {str(k): 0 for k in range(5000)}}, "more than 20,000 letters"),
    ],
)
def test_everything_else_is_not(changes, said):
    assert said in cannot({**GOOD, **changes})


def test_settings_that_a_kind_refuses_are_a_sentence():
    for request in ({"worlds": -1}, {"nonsense": 1}, {"worlds": "many"}):
        with pytest.raises(PlantEduError):
            again({**GOOD, "request": request})
    with pytest.raises(PlantEduError, match="not on the list"):
        again({**GOOD, "kind": "ping"})


def test_the_list_is_of_kinds_that_are_there():
    assert "report_card" in AGAIN
    assert report_card.METHOD is not None
    assert "ping" not in AGAIN


def test_names_of_what_ships_are_not_of_a_machine():
    for name in ("cues/mark-0", "shipped:stages/0000", "cross-0"):
        assert cannot({**GOOD, "kind": "interchange", "request": {"network": name}}) == ""


def test_an_exchange_is_made_again_as_it_was():
    asked = {"network": "cues/mark-0", "layers": ["h"], "plants": 16, "fitted": 16, "draws": 1}
    record = {**GOOD, "kind": "interchange", "request": asked}
    assert cannot(record) == ""
    found = again(record)
    assert found["settings"]["network"] == "cues/mark-0"
    assert found == again(record)
