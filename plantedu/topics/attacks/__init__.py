"""Which sensor can be fooled, and does the other notice?

Methods: `attack-pairs`, `robustness`, `transfer`, `agreement`, `shortcut`, `active-tests`. One file
an attack; `attack.py` holds what all share, `threat_model.py` the ball, `criteria.py` the goals.

Lesson: 08_attacks.
"""
