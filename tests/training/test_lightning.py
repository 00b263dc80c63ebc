"""The callback in a real Lightning Trainer: it watches, logs, and changes no bit."""

import re

import pytest
import torch
from torch import nn

pytest.importorskip("lightning.pytorch")  # its own import warnings are ignored with it

from lightning.pytorch import LightningModule, Trainer

from plantedu.errors import PlantEduError
from plantedu.training import lightning as module
from plantedu.training.lightning import EpisodicLinearProbe

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*number of training batches"),
    pytest.mark.filterwarnings("ignore:.*tensorboardX"),
    pytest.mark.filterwarnings("ignore:.*isinstance.treespec, LeafSpec.:FutureWarning"),
]


class Net(LightningModule):
    """An encoder with dropout and a head."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32, 3))

    def training_step(self, batch, k):
        return nn.functional.cross_entropy(self.head(self.encoder(batch[0])), batch[1])

    def validation_step(self, batch, k):
        self.log("loss", self.training_step(batch, k))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), 1e-2)


def data():
    torch.manual_seed(0)
    y = torch.randint(3, (96,))
    x = torch.randn(3, 1, 4, 4)[y] + 0.3 * torch.randn(96, 1, 4, 4)
    sets = [torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(64), slice(64, 96))]
    return [
        torch.utils.data.DataLoader(s, batch_size=16, shuffle=k == 0) for k, s in enumerate(sets)
    ]


def quiet(path, **knobs):
    return Trainer(
        **({"max_epochs": 5} | knobs), accelerator="cpu", logger=False, default_root_dir=path,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip


def trained(path, callbacks, **knobs):
    loaders = data()
    torch.manual_seed(5)
    net = Net()
    trainer = quiet(path, callbacks=callbacks, **knobs)
    trainer.fit(net, *loaders)
    return net, trainer


def test_it_watches_and_logs_and_training_ends_in_the_same_bits(tmp_path):
    probe = EpisodicLinearProbe("encoder", classes=3, head="head", learning_rate=0.3)
    watched, trainer = trained(tmp_path, [probe])
    plain, _ = trained(tmp_path, [])
    weights = plain.state_dict()
    assert weights.keys() == watched.state_dict().keys()
    assert all(torch.equal(v, weights[k]) for k, v in watched.state_dict().items())
    logged = trainer.callback_metrics
    assert {"elp/accuracy", "elp/gap", "elp/valid_accuracy", "elp/valid_gap"} <= logged.keys()
    assert 0.6 < float(logged["elp/valid_accuracy"]) <= 1  # chance is a third
    assert -1 <= float(logged["elp/gap"]) <= 1
    assert probe.restarts == [8, 16]
    assert int(probe.probe.probe.updates) == 20
    assert not watched.encoder._forward_hooks
    assert not watched.head._forward_hooks


def test_without_a_head_no_gap_is_logged(tmp_path):
    _, trainer = trained(tmp_path, [EpisodicLinearProbe("encoder", classes=3)], max_epochs=1)
    assert "elp/accuracy" in trainer.callback_metrics
    assert "elp/gap" not in trainer.callback_metrics


def test_layers_are_let_go_when_training_breaks(tmp_path):
    probe = EpisodicLinearProbe("encoder", classes=3, labels_of=lambda batch: batch[1] + 1)
    net = Net()
    with pytest.raises(PlantEduError, match="from 0 to 2"):
        quiet(tmp_path, callbacks=[probe]).fit(net, *data())
    assert not net.encoder._forward_hooks


def test_the_example_in_its_first_lines_runs(tmp_path, capsys):
    text = re.search(r"\n\n((    .*\n|\n)+)", module.__doc__)[1]
    code = "\n".join(line[4:] for line in text.splitlines())
    train, valid = data()
    given = {"train_batches": train, "valid_batches": valid, "model": Net()}
    given["Trainer"] = lambda **knobs: quiet(tmp_path, **knobs)
    exec(compile(code, "example", "exec"), given)
    assert "[8, 16]" in capsys.readouterr().out
