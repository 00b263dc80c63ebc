"""The costly grades, for one quick method."""

import pytest

from plantedu.statistics.evidence import Evidence
from plantedu.topics.attribution.expensive_metrics import searched
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.networks import Networks, Plants
from plantedu.topics.attribution.randomisation import STAGES
from plantedu.topics.attribution.results.method_comparison import Learned


@pytest.mark.slow
def test_all_of_it():
    subjects, plants = Networks(None), Plants(True, "", 2)
    nets = [subjects.scored("lesions-0", control=k) for k in (0, 1)]
    evidence = Evidence(question="?", value=1.0, null=0.0, control="do(soil)", n=2)
    learned = Learned("lesions", "lesions-0", "lesions", evidence, 0.5)
    found = searched(learned, "gxi", method("gxi"), (nets[0], nets[1]), plants, 1, few=2, seed=0)
    assert tuple(found.cascade) == STAGES
    assert found.cascade["stem"] < 0.95
    assert found.deletion.n == found.insertion.n == 2
    assert found.deletion.value < found.insertion.value
    assert found.infidelity >= 0
    assert found.sensitivity > 0
