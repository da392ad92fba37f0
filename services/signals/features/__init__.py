"""Histories to features; pure."""
