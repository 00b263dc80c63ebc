"""The words of attribution, without torch, so that pages and commands can offer them.

Lesson: 09_attribution.
"""

REFERENCES = ("black", "blur", "mean")  # what integrated gradients and occlusion compare with
METHODS = {
    "gxi": "gradient x input",
    "ig": "integrated gradients",
    "smoothgrad": "SmoothGrad",
    "gradshap": "GradientSHAP",
    "occlusion": "occlusion",
    "gradcam": "Grad-CAM",
    "guided": "guided backprop",
}
BASELINES = {
    "uniform": "uniform map",
    "centre": "centre Gaussian",
    "edges": "edge map",
    "dark": "inverse luminance",
    "leaf": "leaf mask",
    **{f"diff {kind}": f"|x - {kind}|" for kind in REFERENCES},
    **{f"square {kind}": f"|x - {kind}|, squared" for kind in REFERENCES},
}
SAYS = {**METHODS, **BASELINES}
LAYERS = ("layer1", "layer2", "layer3", "layer4")  # of the course's encoders, for Grad-CAM
TARGETS = ("class", "prototype", "similarity")
CUES = ("lesions", "mark")
CUE_NETWORKS = tuple(f"{cue}-{seed}" for cue in CUES for seed in range(3))
ENCODERS = (
    *("cross-0", "cross-1", "cross-2", "rgb_only-0", "shared_light-0", "collapse-0"),
    *("small-0", "random-0"),
)
SUPERVISED = ("supervised_both-0",)
NETWORKS = (*CUE_NETWORKS, *SUPERVISED, *ENCODERS)
ARMS = {
    "lesions": ("lesions-0", "lesions-1", "lesions-2"),
    "mark": ("mark-0", "mark-1", "mark-2"),
    "cross": ("cross-0", "cross-1", "cross-2"),
}
SAYS_ARM = {
    "lesions": "labels follow the lesions",
    "mark": "labels follow the mark",
    "cross": "SwAV on pairs + linear head",
}
GRADES = {
    "mass": "relevance mass in the mask",
    "rank": "relevance rank in the mask",
    "pointing": "pointing game",
}
