"""Training by pairs: one encoder applied twice, and a distance that shall be small for SAME and large for DIFFERENT.

Bromley, Guyon, LeCun, Säckinger and Shah 1993, Signature Verification using a "Siamese" Time Delay Neural Network;
Hadsell, Chopra and LeCun 2006, Dimensionality Reduction by Learning an Invariant Mapping.
"""
