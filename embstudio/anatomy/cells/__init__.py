"""Recurrent cells that are no RNN, GRU or LSTM operators: written out step by step, or run by a Loop or Scan."""
