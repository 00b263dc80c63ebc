"""Sixteen pairs drawn from noise, beside diffusers' own DDIM pipeline with the same network.

The network is the course's denoiser in v-prediction, unconditional, with fresh weights: what a step
costs does not depend on what was learned. The pipeline gets it as its U-Net, draws the same noise
from the same seed, and takes the same steps.
"""

import argparse
from collections.abc import Callable

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.unets.unet_2d import UNet2DOutput
from diffusers.pipelines.ddim.pipeline_ddim import DDIMPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor

from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.models.denoiser import Denoiser
from plantedu.models.denoiser_body import TIMES
from plantedu.topics.generation.sampling import V, sample

SIDE, FOLD, SAMPLES = 128, 8, 16
STEPS = (8, 20)


class Net(ModelMixin, ConfigMixin):
    """The denoiser as a pipeline expects a U-Net to be."""

    @register_to_config
    def __init__(self, sample_size: int = SIDE, in_channels: int = 6) -> None:
        super().__init__()
        self.denoiser = torch.nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> UNet2DOutput:
        times = (t / TIMES).expand(len(x)).float()
        return UNet2DOutput(sample=self.denoiser.velocity(x, times, {}))  # type: ignore[operator]


def make_denoiser() -> Denoiser:
    """As the course's, so scaled that [0, 1] is [-1, 1] inside, as the pipeline has it."""
    denoiser = Denoiser(
        side=SIDE, fold=FOLD, slots={"h": 8}, prediction="v", decay=None, seed=0
    ).eval()
    denoiser.mean.fill_(0.5)
    denoiser.std.fill_(0.5)
    denoiser.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return denoiser.requires_grad_(False)


def arms_of(denoiser: Denoiser, steps: int) -> dict[str, Callable[[], Tensor]]:
    """Both ways to draw; pictures "16 6 side side"."""
    net = Net()
    net.denoiser = denoiser
    pipeline = DDIMPipeline(net, DDIMScheduler(**V, clip_sample=False))  # type: ignore[arg-type]
    pipeline.set_progress_bar_config(disable=True)

    def theirs() -> Tensor:
        drawn = pipeline(
            batch_size=SAMPLES,
            generator=torch.Generator().manual_seed(1),
            num_inference_steps=steps,
            output_type="np",
        ).images  # type: ignore[union-attr]
        return torch.from_numpy(drawn).permute(0, 3, 1, 2)

    def ours() -> Tensor:
        generator = torch.Generator().manual_seed(1)
        return sample(denoiser, {}, samples=SAMPLES, steps=steps, generator=generator)[0]

    return {"ours": ours, "diffusers": theirs}


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more |= {"threads": use_threads(options.threads), "side": SIDE, "samples": SAMPLES}
    denoiser = make_denoiser()
    for steps in STEPS[: 1 if options.quick else None]:
        arms = arms_of(denoiser, steps)
        off = float((arms["ours"]() - arms["diffusers"]()).abs().max())
        found.check(f"{steps} steps: largest difference of a pixel in [0, 1]", off, 1e-4)
        seconds = in_turns(arms, options.repeats)
        for name, taken in seconds.items():
            found.figure(f"{steps} steps: {name}", spread(taken), "s")
        ratio = ratio_of(seconds["ours"], seconds["diffusers"])
        found.ratio(f"{steps} steps: ours / diffusers, time", ratio, at_most=1.0)
    return found


ROW = Row(
    name="sampling",
    title="sixteen pairs of 128 px drawn by DDIM, seconds",
    against="diffusers' DDIMPipeline around the same network",
    measure=measure,
    measures=("plantedu/topics/generation/sampling.py", "plantedu/models/denoiser.py"),
    packages=("diffusers",),
    repeats=25,
)

if __name__ == "__main__":
    ROW.run()
