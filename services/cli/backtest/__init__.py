"""`leadline backtest`: events in, scores and a report out."""
