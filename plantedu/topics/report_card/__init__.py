"""How good are our instruments? Every method on fresh planted worlds, graded.

One file a subject; a trial is a function in it and a row in `table.py`. May import every topic.

Lesson: 11_report.
"""
