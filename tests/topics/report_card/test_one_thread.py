"""Inside one thread, outside as many as before, also after a mistake; and the card works inside."""

import pytest
import torch
from threadpoolctl import threadpool_info

from plantedu.topics.report_card.one_thread import one_thread
from plantedu.topics.report_card.report_card import examined
from plantedu.topics.report_card.trial import Mark, Trial


@pytest.fixture
def two():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_one_inside_and_two_outside(two):
    seen = []

    def fails():
        with one_thread():
            seen.append(torch.get_num_threads())
            seen.extend(one["num_threads"] for one in threadpool_info())
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2


def test_the_card_examines_with_one_thread(two, tmp_path):
    seen = []

    def run(seed):
        seen.append(torch.get_num_threads())
        return [Mark(True, True)]

    examined(Trial("threads", "11_report", "", "", run), 0, tmp_path)
    assert (seen, torch.get_num_threads()) == ([1], 2)
