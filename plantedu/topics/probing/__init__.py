"""What does a linear probe read from a representation, and what do its own settings do to that?

Methods: `readout`, `controls`. The probe is `training/linear_probe.py` on `statistics/ridge.py`;
the live ones are `training/online_probes.py`. Sources: Alain & Bengio 2016; Hewitt & Liang 2019
[hewitt2019].

Lesson: 02_training.
"""
