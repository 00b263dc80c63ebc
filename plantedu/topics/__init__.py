"""One folder a topic of the course: maths, methods, and in `results/` what pages may import.

A topic never imports another; `methods.py` is the list of all, `method.py` what they share.
"""
