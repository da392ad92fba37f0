"""Why a server cannot be had, and what follows for the test that asks for it."""

import os

import pytest

REQUIRED = os.environ.get("LEADLINE_REQUIRE_SERVERS") == "1"
ABSENT = "absent"  # the property of a skipped test that says why


class Absence:
    """Why a server cannot be had; whoever asks for it is skipped or, in CI, fails."""

    def __init__(self, reason):
        self.reason = reason

    def refuse(self, request):
        if REQUIRED:
            pytest.fail(f"{self.reason} (LEADLINE_REQUIRE_SERVERS=1)", pytrace=False)
        request.node.user_properties.append((ABSENT, self.reason))
        pytest.skip(self.reason)


def had(request, server):
    """Return the server, or refuse the test that asked for it."""
    if isinstance(server, Absence):
        server.refuse(request)
    return server
