"""Judging loss models on history: a rolling origin, and what would have been seen by then."""
