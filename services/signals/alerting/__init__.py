"""Scores to few, well-kept alerts; pure."""
