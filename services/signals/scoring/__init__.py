"""Curves and evidence to scores and reasons; pure."""
