"""The recurrent bench: an RNN, a GRU and an LSTM learn the same task side by side, over a distance one sets.

Gradients are our own back-propagation through time; `network` and the three cells are all of it.
"""
