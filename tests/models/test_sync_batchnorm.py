"""Batch norm over a gathered batch: torch's own is the slow twin, in every precision and mode."""

from datetime import timedelta

import pytest
import timm
import torch
import torch.distributed as dist
from torch import nn

from plantedu.models.sync_batchnorm import TogetherNorm, gathered, join_norms, own, together


@pytest.fixture
def group(tmp_path, monkeypatch):
    """A group of one process, which meets in a file."""
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    store = dist.FileStore(str(tmp_path / "meet"), 1)
    dist.init_process_group(
        "gloo", store=store, rank=0, world_size=1, timeout=timedelta(seconds=20)
    )
    yield
    dist.destroy_process_group()


def passes(norm, x, slope):
    """Output, gradients and buffers after a pass forward and backward."""
    x = x.clone().requires_grad_()
    y = norm(x)
    y.backward(slope.to(y))
    return [y, x.grad, *(p.grad for p in norm.parameters()), *norm.buffers()]


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(
    ("kind", "shape"), [(nn.BatchNorm1d, (16, 5)), (nn.BatchNorm2d, (4, 5, 3, 2))]
)
def test_one_process_agrees_with_torch(group, kind, shape, affine):
    torch.manual_seed(0)
    x, slope = torch.randn(shape).double() * 3 + 100, torch.randn(shape).double()
    plain, joined = kind(5, affine=affine).double(), kind(5, affine=affine).double()
    join_norms(joined)
    assert type(joined) is TogetherNorm
    assert list(joined.state_dict()) == list(plain.state_dict())
    for mine, theirs in zip(passes(joined, x, slope), passes(plain, x, slope), strict=True):
        torch.testing.assert_close(mine, theirs)
    torch.testing.assert_close(joined.eval()(x), plain.eval()(x))


def test_half_precision_stays_half_outside_and_float32_inside(group):
    torch.manual_seed(0)
    x = (torch.randn(8, 4, 3, 3) * 2 + 30).to(torch.bfloat16)
    norm = nn.BatchNorm2d(4)
    join_norms(norm)
    y = norm(x)
    assert y.dtype == torch.bfloat16
    assert norm.running_mean is not None
    torch.testing.assert_close(norm.running_mean, 0.1 * x.float().mean([0, 2, 3]))
    torch.testing.assert_close(y.float().mean([0, 2, 3]), torch.zeros(4), atol=5e-3, rtol=0)


def test_timm_norms_keep_their_activation(group):
    plain = timm.layers.BatchNormAct2d(4)
    joined = timm.layers.BatchNormAct2d(4)
    join_norms(joined)
    x = torch.randn(8, 4, 3, 3)
    torch.testing.assert_close(joined(x), plain(x))
    assert float(joined(x).detach().min()) == 0.0


def test_gathered_slices_carry_no_gradient_and_deal_out_again(group):
    mine = torch.ones(2, 3, requires_grad=True)
    assert not gathered(mine).requires_grad
    assert torch.equal(own(gathered(mine, dim=1), dim=1), mine)
    assert not together(), "one process is alone, even in a group"
