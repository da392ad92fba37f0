"""The demo plays a file of shipments, or says why it cannot."""

import pytest

from services.cli.playing.input import from_file
from services.ingest.adapters import WrongFileError

HEADING = "Project Code,ASN/DN #,Country,Delivered to Client Date\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "there is nothing in it to play"),
        (HEADING, "there is nothing in it to play"),
        (HEADING + "P1,A1,Vietnam,soon\n", "there is not one of its 1 rows, as line 2: "),
        ("Project Code,Country\nP1,Vietnam\n", "lacks 'ASN/DN #', 'Delivered to Client Date';"),
        ("%PDF-1.7\n\x00\x01\n", "it has '%PDF-1.7'; the map expects 'Project Code'"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused(tmp_path, content, said):
    path = tmp_path / "wrong.csv"
    path.write_text(content)
    with pytest.raises(WrongFileError) as refused:
        from_file(path, "scms", None)
    assert said in str(refused.value)
    assert "wrong.csv" in str(refused.value)
