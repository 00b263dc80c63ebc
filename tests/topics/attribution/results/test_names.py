"""The words fit one another."""

from plantedu.topics.attribution.results.method_comparison import ROWS, SAYS_ROW
from plantedu.topics.attribution.results.names import ARMS, BASELINES, METHODS, NETWORKS, SAYS_ARM


def test_arms_are_networks_with_three_seeds():
    assert set(SAYS_ARM) == set(ARMS)
    for names in ARMS.values():
        assert len(names) == 3
        assert set(names) <= set(NETWORKS)


def test_every_line_of_the_table_has_a_name():
    assert set(SAYS_ROW) == {*ROWS, *BASELINES}
    assert {name for name, _ in ROWS.values()} == set(METHODS)
