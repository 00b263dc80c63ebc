"""Lines of the table come back from JSON."""

import json
from dataclasses import asdict

from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.evaluation import Grade, Learned, NotLearned

TOLD = Evidence(question="?", value=0.4, null=0.1, control="do(soil)", n=8, interval=(0.3, 0.5))


def test_lines_come_back():
    for one in (
        Learned("lesions", "lesions-0", "lesions", TOLD, 0.5),
        NotLearned("mark", "mark-0", "lesions", TOLD),
        Grade("lesions", "ig blur", "lesions", {"mass": TOLD}, TOLD, TOLD, (0.4, 0.3)),
    ):
        assert revived(type(one), json.loads(json.dumps(asdict(one)))) == one


def test_not_learned_is_a_kind_of_its_own_and_no_zero():
    assert not issubclass(NotLearned, Learned)
    assert not hasattr(NotLearned("mark", "mark-0", "lesions", TOLD), "rgb_share")
