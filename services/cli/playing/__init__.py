"""The demo: input, pace, stages, and the proof that everything arrived."""
