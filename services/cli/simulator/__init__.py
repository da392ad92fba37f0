"""A synthetic forwarder with known effects: pure, seeded, the same bytes for the same seed."""

from services.cli.simulator.stories import STORIES, Story
from services.cli.simulator.stream import DEFAULT_END, Simulation

__all__ = ["DEFAULT_END", "STORIES", "Simulation", "Story"]
