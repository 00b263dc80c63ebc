"""Which measured number settles each prediction, and into which option it falls: one row each."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Settler:
    """How one number becomes an option.

    Attributes:
        name: What predictions call it.
        entry: Place of the Evidence in a results file, "02_training.json/cross/disease"; fields
            beside those of Evidence are left alone.
        bins: (upper end, option) from the lowest; the last upper end is infinite.
        says: What the number is; the sentence's beginning.
        metric: The same number in a run, if a run has it: name of the metric's last value.
    """

    name: str
    entry: str
    bins: tuple[tuple[float, str], ...]
    says: str
    metric: str = ""

    def option(self, value: float) -> str:
        """The option whose bin holds `value`."""
        return next(key for upper, key in self.bins if value < upper)


SETTLERS = (
    Settler(
        "mesophyll_in_rgb",
        "01_pairs.json/mesophyll_in_rgb",
        ((1.0, "nothing"), (2.0, "faint"), (math.inf, "plain")),
        "Largest change of an RGB value, in 1/255",
    ),
    Settler(
        "partner_by_light",
        "01_pairs.json/partner_by_light",
        ((0.06, "chance"), (0.5, "some"), (math.inf, "most")),
        "Share of partners found by mean brightness where light is shared",
    ),
    Settler(
        "fed_mean",
        "01_fed.json/fed",
        ((0.35, "only_rgb"), (0.65, "both"), (math.inf, "only_rgn")),
        "Mean of what the encoder was fed, where X1 averages .2 and X2 .8",
    ),
    Settler(
        "disease_probe_end",
        "02_training.json/cross/disease",
        ((0.6, "near_chance"), (0.9, "between"), (math.inf, "above_nine")),
        "Disease probe at the end of the default run",
        metric="probe/disease/both",
    ),
    Settler(
        "shared_light_end",
        "02_training.json/shared_light/disease",
        ((0.7, "near_start"), (0.9, "lower"), (math.inf, "same")),
        "Disease probe at the end of the run with shared light",
        metric="probe/disease/both",
    ),
    Settler(
        "bloom_change",
        "02_training.json/cross/bloom_change",
        ((-0.05, "lower"), (0.05, "same"), (math.inf, "higher")),
        "Change of the bloom probe (R2, RGB view) from the first step to the last",
    ),
    Settler(
        "published_cause",
        "03_bump.json/published/nearest",
        ((150.5, "at_it"), (1500.0, "near"), (math.inf, "far")),
        "Steps between the drop and the switch, in the split where they are further apart",
    ),
    Settler(
        "old_ruler_after_switch",
        "03_bump.json/fork/21_60/none",
        ((-0.1, "lower"), (0.1, "same"), (math.inf, "higher")),
        "Loss of fixed plants without a queue, switched arm minus the other, steps 21 to 60",
    ),
    Settler(
        "matched_switch_drop",
        "03_bump.json/arms/matched_drop",
        ((0.05, "no"), (0.3, "some"), (math.inf, "as_much")),
        "Fall of the loss in the ten steps from the switch on, with 8 prototypes",
    ),
    Settler(
        "probe_across_switch",
        "03_bump.json/across/disease",
        ((-0.02, "falls"), (0.02, "same"), (math.inf, "rises")),
        "Change of the disease probe from just before the switch to 50 steps after",
    ),
    Settler(
        "seed_range",
        "04_family.json/seed_range",
        ((0.03, "hardly"), (0.1, "some"), (math.inf, "far")),
        "Best minus worst of five seeds, mean over the recorded settings",
    ),
    Settler(
        "leaked_gap",
        "04_family.json/leaked_gap",
        ((0.005, "none"), (0.03, "some"), (math.inf, "large")),
        "Claimed minus true accuracy of the leaked split",
    ),
    Settler(
        "elp_gain",
        "04_family.json/elp_target_surely",
        ((-1e-4, "worse"), (1e-4, "not_told"), (math.inf, "better")),
        "End of the interval of ELP-SR's gain in accuracy that is nearest to 0 (0 where the "
        "interval holds it)",
    ),
    Settler(
        "map_of_shuffled",
        "04_family.json/kept_of_shuffled",
        ((0.1, "by_lot"), (0.4, "some"), (math.inf, "most")),
        "Share of nearest neighbours that the map of shuffled logits keeps",
    ),
    Settler(
        "pixels_score",
        "07_spectrum.json/pixels/field",
        ((0.3, "low"), (0.7, "middle"), (math.inf, "high")),
        "S of the map between pixel means of the two cameras",
    ),
    Settler(
        "head_less_features",
        "07_spectrum.json/seeds/head_less_features",
        ((-0.1, "lower"), (0.1, "same"), (math.inf, "higher")),
        "S of the map in z less S of the map in h, mean over three seeds",
    ),
    Settler(
        "loop_score",
        "07_spectrum.json/heads/loop",
        ((0.25, "zero"), (0.75, "half"), (math.inf, "one")),
        "S of a closed loop through pure noise, the lowest of all that were tried",
    ),
    Settler(
        "trained_rankme",
        "07_spectrum.json/ranks/rankme_less_random",
        ((-5.0, "fewer"), (5.0, "same"), (math.inf, "more")),
        "RankMe of z of the trained encoder less that of a random-init one",
    ),
    Settler(
        "both_sensors_attacked",
        "08_attacks.json/both_at_4",
        ((0.15, "hardly_any"), (0.4, "a_quarter"), (math.inf, "half")),
        "Share of plants classified correctly with both sensors attacked at 4/255",
    ),
    Settler(
        "another_seed_fooled",
        "08_attacks.json/to_another_seed",
        ((0.3, "few"), (0.7, "half"), (math.inf, "most")),
        "Share that another seed misnames in pictures made against the first",
    ),
    Settler(
        "past_the_detector",
        "08_attacks.json/adaptive",
        ((0.1, "hardly_any"), (0.5, "some"), (math.inf, "most")),
        "Share misnamed and let pass by who knows the detector",
    ),
    Settler(
        "patch_on_the_decoy",
        "08_shortcut.json/found/corner",
        ((0.3, "few"), (0.7, "half"), (math.inf, "most")),
        "Share misnamed by a patch in the marked corner of RGN",
    ),
    Settler(
        "maps_beat_baselines",
        "09_attribution.json/winners",
        ((3.0, "few"), (7.5, "half"), (math.inf, "most")),
        "Maps, of ten, that surely put more into the lesions than the best map without a network",
    ),
    Settler(
        "guided_all_random",
        "09_random.json/guided",
        ((0.3, "another"), (0.5, "between"), (math.inf, "same")),
        "Rank correlation of guided backprop's map before and after all weights are made random",
    ),
    Settler(
        "false_alarms_of_maps",
        "09_random.json/mark",
        ((0.1, "hardly_any"), (0.3, "some"), (math.inf, "many")),
        "Share of plants for which maps of random networks accuse the mark",
    ),
    Settler(
        "probe_read_as_use",
        "11_report.json/grades/probe for the mark/alarms",
        ((0.2, "seldom"), (0.7, "half"), (math.inf, "nearly_always")),
        "Share reported as used where it is not, by a probe",
    ),
    Settler(
        "seeds_bootstrap_holds",
        "11_report.json/grades/bootstrap, 3 to 5 seeds/coverage",
        ((0.8, "far_less"), (0.9, "a_little_less"), (math.inf, "as_stated")),
        "Share of bootstrap intervals of 3 to 5 seeds that hold the truth",
    ),
    Settler(
        "calibration_noticed",
        "11_report.json/grades/calibration, 36 answers/hits",
        ((0.5, "few"), (0.9, "most"), (math.inf, "nearly_all")),
        "Share of overconfident forecasters that 36 answers find out",
    ),
    Settler(
        "cka_of_noise",
        "06_traps.json/biased/2048",
        ((0.2, "near_zero"), (0.8, "between"), (math.inf, "near_one")),
        "Biased CKA of independent noise, 100 plants and 2048 columns",
    ),
    Settler(
        "untrained_pair",
        "06_similarity.json/cells/random_pair",
        ((0.3, "hardly"), (0.8, "some"), (math.inf, "nearly_same")),
        "Debiased CKA of h of two encoders that were never trained",
    ),
    Settler(
        "cameras_at_h",
        "06_similarity.json/cells/sensors_h",
        ((0.2, "apart"), (0.7, "some"), (math.inf, "meet")),
        "Debiased CKA of h of RGB pictures with h of RGN pictures of the same plants",
    ),
    Settler(
        "cka_notices",
        "06_similarity.json/separated/cka",
        ((0.5, "none"), (3.5, "some"), (math.inf, "all")),
        "Untold factors, of four, for which debiased CKA puts every pair that differs in it below "
        "every pair of seeds",
    ),
    Settler(
        "angle_kept",
        "05_generation.json/angle",
        ((0.3, "free"), (0.7, "some"), (math.inf, "pinned")),
        "How far h of both pictures pins the leaf's angle",
    ),
    Settler(
        "projector_drop",
        "05_generation.json/projector_drop",
        ((-0.02, "less"), (0.02, "same"), (math.inf, "more")),
        "Mean R2 of the sources' own factors told z, minus told h, over factors that either tells",
    ),
    Settler(
        "mismatch_rank",
        "05_generation.json/mismatch_surely",
        ((-1e-6, "falls"), (1e-6, "no_difference"), (math.inf, "rises")),
        "End of the interval, nearest to 0, of the change in MRR of X1's plant from a matching "
        "pair to one with another disease (0 where the interval holds it)",
    ),
    Settler(
        "supervised_rank",
        "05_generation.json/supervised_surely",
        ((-1e-6, "supervised"), (1e-6, "no_difference"), (math.inf, "self_supervised")),
        "End of the interval, nearest to 0, of the MRR told by the self-supervised encoder minus "
        "that told by the classifier (0 where the interval holds it)",
    ),
    Settler(
        "turned_units",
        "10_neurons.json/turned",
        ((-1.0, "fewer"), (1.0, "same"), (math.inf, "more")),
        "Factors that a neuron tells, less factors that a unit of h turned at random tells",
    ),
    Settler(
        "cross_less_rgb",
        "10_neurons.json/cross_less_rgb",
        ((-1e-6, "fewer"), (1e-6, "no_difference"), (math.inf, "more")),
        "End of the interval over seeds, nearest to 0, of the polysemy index of cross-sensor less "
        "RGB-only encoders (0 where the interval holds it)",
    ),
    Settler(
        "selective_used",
        "10_used.json/means/cross/by_groups",
        ((0.2, "not"), (0.8, "some"), (math.inf, "well")),
        "Rank correlation of selectivity for disease with how far the network's own head moves, 32 "
        "groups of units, mean of seeds",
    ),
    Settler(
        "untrained_dictionary",
        "10_neurons.json/untrained",
        ((-0.05, "less"), (0.05, "same"), (math.inf, "more")),
        "FVU of the dictionary of an untrained encoder, less that of the trained one's",
    ),
)
