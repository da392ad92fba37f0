"""What to say of files that end in the past: nobody can have booked after their end."""

from __future__ import annotations

from datetime import datetime, timedelta


def stale_text(last: datetime, account: str = "ACCOUNT") -> str:
    """Return in one line that the newest fact is an old file's, and the ways out."""
    following = last + timedelta(days=1)
    return (
        f"last fact of {last:%Y-%m-%d}; imported: a file has no silence, so on the wall clock"
        " whatever it does not tell since then reads as customers who stopped. Import up to today,"
        f" or ask as of then: `leadline score {account} --as-of {following:%Y-%m-%d}`, and for"
        " alerts of that time run with LEADLINE_CLOCK=event"
    )
