"""The lab: small models trained in steps, in a process of their own, so that one sees meaning appear.

`bench` says what every bench can do, `run` is how a window drives one, `child` is the process it trains in.
"""
