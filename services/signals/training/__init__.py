"""Offline training and measuring of the loss model."""
