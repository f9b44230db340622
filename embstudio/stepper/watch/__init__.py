"""Expressions over the points of a model: what is watched at each step, and where playing stops.

Text becomes a tree (`parser`), the tree is held against the rules (`check`), and then worked out for all tokens of a
trace at once (`evaluate`). Only the last step needs numpy. Nothing here is given to Python to evaluate.
"""
