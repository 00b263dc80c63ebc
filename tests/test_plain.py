"""Results come back from JSON as what they were."""

import json
from dataclasses import asdict, dataclass

import pytest

from plantedu.errors import PlantEduError
from plantedu.evidence import Evidence
from plantedu.plain import revived


@dataclass(frozen=True)
class Inner:
    ends: tuple[float, float]
    evidence: Evidence


@dataclass(frozen=True)
class Outer:
    name: str
    level: float | None
    inner: tuple[Inner, ...]
    by_name: dict[str, Inner]
    lone: Inner | None


def test_a_result_comes_back_equal():
    evidence = Evidence(question="?", value=1.0, null=0.0, control="none", n=3, interval=(0.5, 2.0))
    inner = Inner((1.0, 2.0), evidence)
    for lone in (None, inner):
        outer = Outer("a", None, (inner, inner), {"x": inner}, lone)
        assert revived(Outer, json.loads(json.dumps(asdict(outer)))) == outer


def test_another_versions_result_is_refused():
    with pytest.raises(PlantEduError, match="another version"):
        revived(Inner, {"ends": [1, 2]})
