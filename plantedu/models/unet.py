"""What a denoiser takes from diffusers: its U-Net, its reading of t, the cosine schedule of noise.

diffusers is imported when one is made: it needs the extra `plantedu[generation]`, and what only
names a denoiser or lists weights needs none of it.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

from jaxtyping import Float
from torch import Tensor, nn

from plantedu.extras import extra


def unet(side: int, into: int, out: int, channels: tuple[int, ...]) -> nn.Module:
    """diffusers' U-Net, conditioned as RCDM: c is added to the embedding of t.

    Args:
        side: Pixels of a side.
        into: Channels that go in.
        out: Channels that come out.
        channels: Of each level; a multiple of 16.

    Raises:
        PlantEduError: without the extra `plantedu[generation]`.
    """
    with extra("generation"):
        from diffusers.models.unets.unet_2d import UNet2DModel
    return UNet2DModel(
        sample_size=side,
        in_channels=into,
        out_channels=out,
        block_out_channels=channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * len(channels),
        up_block_types=("UpBlock2D",) * len(channels),
        norm_num_groups=16,
        attention_head_dim=min(32, channels[-1]),
        class_embed_type="identity",
        resnet_time_scale_shift="scale_shift",
    )


def time_embedding(numbers: int, width: int) -> tuple[nn.Module, nn.Module]:
    """What is made of t, 0 to 1000: `numbers` sines and cosines, then two layers of `width`.

    Raises:
        PlantEduError: without the extra `plantedu[generation]`.
    """
    with extra("generation"):
        from diffusers.models.embeddings import TimestepEmbedding, Timesteps
    sines = Timesteps(numbers, flip_sin_to_cos=True, downscale_freq_shift=0)
    return sines, TimestepEmbedding(numbers, width)


def cosine_shares() -> Float[Tensor, " times"]:
    """a_t^2 of the cosine schedule: the share of the picture's variance that is left at t.

    Raises:
        PlantEduError: without the extra `plantedu[generation]`.
    """
    with extra("generation"):
        from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
    return DDPMScheduler(beta_schedule="squaredcos_cap_v2").alphas_cumprod
