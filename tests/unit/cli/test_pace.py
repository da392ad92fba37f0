from datetime import UTC, datetime, timedelta

import pytest
import typer

from services.cli.playing.pace import LiveClock, parse_speed
from services.ingest.adapters import MappedEvent
from shared.store.base import to_micros

START = datetime(2026, 6, 1, tzinfo=UTC)


class HandClock:
    """A wall clock moved by hand."""

    def __init__(self):
        self.seconds = 100.0

    def now(self):
        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic(self):
        return self.seconds


@pytest.mark.parametrize(("text", "speed"), [("60x", 60), ("60", 60), ("0.5x", 0.5)])
def test_a_speed_is_a_number_with_or_without_x(text, speed):
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "x", "-1x", "0x", "60 x", "fast"])
def test_anything_else_is_no_speed(text):
    with pytest.raises(typer.BadParameter, match="is no speed"):
        parse_speed(text)


def test_the_clock_passes_like_the_walls_until_it_begins_and_then_at_its_speed():
    wall = HandClock()
    clock = LiveClock(wall, START, 60)
    wall.seconds += 60
    assert clock.now() == START + timedelta(minutes=1)
    clock.begin()
    wall.seconds += 10
    assert clock.now() == START + timedelta(minutes=11)
    event = MappedEvent(b"", "A", "t", to_micros(START + timedelta(minutes=13)))
    assert clock.seconds_until(event) == pytest.approx(2)
