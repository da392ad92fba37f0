"""The failures that a person can mend, apart from those that only we can."""


class ExpectedError(Exception):
    """Something outside is not as it must be; the message is one line: what, why, what to do."""
