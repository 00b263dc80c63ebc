import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.sweeps.cost import (
    PER_FLOP,
    PER_OUTPUT,
    Pace,
    check_encoders,
    image_seconds,
    longest_first,
    seconds_of,
)
from plantedu.sweeps.grid import Grid, rows_of


def rows(**grid):
    return rows_of(Grid(base={"data": "calm"}, grid=grid))


def test_one_image_costs_what_counting_on_a_real_network_says():
    encoder = make_encoder("res2next_tiny", seed=0).eval()
    found = {"flops": 0, "outputs": 0}

    def count(module, given, output):
        found["outputs"] += output.numel()
        if isinstance(module, torch.nn.Conv2d):
            per_output = module.weight[0].numel()
            found["flops"] += 2 * per_output * output.numel()

    for part in encoder.body.modules():
        if not list(part.children()):
            part.register_forward_hook(count)
    with torch.no_grad():
        encoder(torch.zeros(1, 3, 24, 24))
    slow = PER_FLOP * found["flops"] + PER_OUTPUT * found["outputs"]
    assert image_seconds("res2next_tiny", 24) == pytest.approx(slow, rel=1e-9)


def test_estimates_grow_with_what_costs_and_the_longest_comes_first():
    cheap, steps = rows(steps=[50, 500])
    assert seconds_of(steps) > 5 * seconds_of(cheap)
    tiny, small = rows(encoder=["res2next_tiny", "res2next_small"])
    assert 1.5 < seconds_of(small) / seconds_of(tiny) < 3
    without, crops = rows(small_crops=[0, 4])
    assert seconds_of(crops) > seconds_of(without)
    often, seldom = rows(probe_every=[5, 500])
    assert seconds_of(often) > seconds_of(seldom)
    order = longest_first(rows(steps=[50, 500, 200]))
    assert [row.request["steps"] for row, _ in order] == [500, 200, 50]


def test_encoders_that_cannot_be_are_named_before_anything_starts():
    with pytest.raises(
        PlantEduError, match=r"encoder=res2next_tinny, crop_size=40, start=scratch: .*tiny"
    ):
        check_encoders(rows(encoder=["res2next_tiny", "res2next_tinny"]))
    check_encoders(rows(encoder=["res2next_tiny"]))


def test_a_start_of_another_architecture_is_named_before_anything_starts():
    check_encoders(rows(start=["source"]))
    with pytest.raises(PlantEduError, match="encoder=res2next_small, crop_size=40, start=source"):
        check_encoders(rows(start=["source"], encoder=["res2next_tiny", "res2next_small"]))


def test_time_left_is_learned_from_rows_that_ended():
    pace = Pace(at_once=2)
    assert pace.left(100) == 50
    pace.learn(10, 30)
    assert pace.left(100) == 150
    pace.learn(20, 30)
    assert pace.left(100) == 100
