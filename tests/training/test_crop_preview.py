"""The strip shows the crops that the encoder was fed, X1 above X2."""

import numpy as np
import torch
from PIL import Image

from plantedu.data.crops import CropBatch
from plantedu.training.crop_preview import CropStrip, strip
from plantedu.training.fit import Record, State


def crops():
    red = torch.zeros(3, 3, 8, 8)
    red[:, 0] = 1
    return CropBatch(torch.stack([red, 1 - red]), (1, 2))


def test_rows_are_views_and_columns_are_plants():
    sheet = strip(crops(), plants=2, gap=1)
    assert sheet.shape == (17, 17, 3)
    assert sheet[0, 0].tolist() == [255, 0, 0]
    assert sheet[16, 16].tolist() == [0, 255, 255]
    assert sheet[8, 0].tolist() == [255, 255, 255]


def test_written_once_from_the_first_batch(tmp_path):
    watch, net = CropStrip(tmp_path), torch.nn.Linear(1, 1)
    state = State(net, torch.optim.AdamW(net.parameters()), 3)
    watch.on_step(state, Record(0, {}))
    assert not watch.path.exists()
    state.batch = crops()
    watch.on_step(state, Record(1, {}))
    first = np.asarray(Image.open(watch.path))
    assert first.shape[2] == 3
    state.batch = CropBatch(torch.zeros(2, 3, 3, 8, 8), (1, 2))
    watch.on_step(state, Record(2, {}))
    assert np.array_equal(first, np.asarray(Image.open(watch.path)))
