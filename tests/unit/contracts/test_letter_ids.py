"""A dead letter names its event and account where it has them, whatever else is wrong with it."""

import base64

import pytest

from shared.contracts.letter_ids import ids_of

WHOLE = b'{"id": "e1", "subject": "ACC-1", "data": 7}'


def packed(**headers):
    return [[name, base64.b64encode(value).decode()] for name, value in headers.items()]


@pytest.mark.parametrize(
    ("value", "headers", "found"),
    [
        (WHOLE, [], ("ACC-1", "e1")),
        (b'{"id": 7, "subject": ""}', [], (None, None)),
        (b'{"booking_ref": 7}', packed(ce_id=b"e2", CE_Subject=b"ACC-2"), ("ACC-2", "e2")),
        (b"\xff", packed(ce_id=b"\xff"), (None, "\ufffd")),
        (b"[" * 100_000, [], (None, None)),
        (b"[1]", [["ce_id", "a"]], (None, None)),
        (None, [], (None, None)),
        (b"{}", [["ce_id", None], ["ce_subject", None]], (None, None)),
    ],
)
def test_what_can_be_read_is_told(value, headers, found):
    assert ids_of(value, headers) == found
