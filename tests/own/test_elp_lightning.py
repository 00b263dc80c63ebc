"""ELP in a real Lightning Trainer: the same bits, its keys, and no hook is left."""

import pytest
import torch
from torch import nn

pytest.importorskip("lightning.pytorch")  # its own import warnings are ignored with it

from lightning.pytorch import LightningModule, Trainer

import plantedu as pe
from tests.own.loops import data, hooks

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*number of training batches"),
    pytest.mark.filterwarnings("ignore:.*tensorboardX"),
    pytest.mark.filterwarnings("ignore:.*isinstance.treespec, LeafSpec.:FutureWarning"),
]


class Net(LightningModule):
    """An encoder with dropout and a head."""

    def __init__(self, breaks=False):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32, 3))
        self.breaks = breaks

    def forward(self, x):
        return self.head(self.encoder(x))

    def training_step(self, batch, k):
        if self.breaks and k == 1:
            raise KeyError
        return nn.functional.cross_entropy(self(batch[0]), batch[1])

    def validation_step(self, batch, k):
        self(batch[0])

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), 1e-2)


def trained(path, callbacks, net):
    torch.manual_seed(5)
    x, y = data()
    sets = [torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(48), slice(48, 64))]
    loaders = [torch.utils.data.DataLoader(s, batch_size=16, shuffle=k == 0)
               for k, s in enumerate(sets)]  # fmt: skip
    trainer = Trainer(
        max_epochs=4, accelerator="cpu", logger=False, default_root_dir=path, callbacks=callbacks,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(net, *loaders)
    return net


def made(**knobs):
    torch.manual_seed(0)
    return Net(**knobs)


def test_training_ends_in_the_same_bits_and_all_is_logged(tmp_path):
    elp = pe.ELP(layers=["encoder"], classes=3, learning_rate=0.3)
    watched = trained(tmp_path, [elp.lightning(head="head")], made())
    plain = trained(tmp_path, [], made())
    weights = plain.state_dict()
    assert all(torch.equal(v, weights[k]) for k, v in watched.state_dict().items())
    assert hooks(watched) == 0
    assert (elp.step_count, elp.restarts) == (12, [6, 12])
    keys = {f"{k}/encoder" for k in ("probe", "null", "start", "gap", "valid", "valid_gap")}
    assert keys | {"loss", "chance"} <= set(elp.to_frame())


def test_no_hook_is_left_by_a_fit_that_breaks(tmp_path):
    net, elp = made(breaks=True), pe.ELP(layers=["encoder"], classes=3)
    with pytest.raises(KeyError):
        trained(tmp_path, [elp.lightning(head="head")], net)
    assert hooks(net) == 0
    assert elp.step_count == 1
