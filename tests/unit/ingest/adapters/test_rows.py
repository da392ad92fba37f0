import gzip

import pytest

from services.ingest.adapters.rows import PackedFileError, WrongFileError
from tests.support.maps import base_map, mapped

PLAIN = base_map(x={"from": "x"})
ROWS = "ref,at,x\nB1,2026-01-02,a\nB2,2026-01-03,b\n"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_any_line_ending_separates_rows(tmp_path, end):
    out = mapped(tmp_path, PLAIN, ROWS.replace("\n", end))
    assert [data["x"] for data in out.data] == ["a", "b"]


def test_a_packed_file_and_a_byte_order_mark_are_recognised(tmp_path):
    out = mapped(tmp_path, PLAIN, gzip.compress(b"\xef\xbb\xbf" + ROWS.encode()))
    assert len(out.events) == 2


def spoilt(how):
    rows = "".join(f"B{n},2026-01-02,{n * 7919 % 1000}\n" for n in range(5000))
    whole = gzip.compress(("ref,at,x\n" + rows).encode())
    return {
        "cut off": whole[: len(whole) // 2],
        "cut off in its heading": whole[:5],
        "overwritten": whole[:500] + bytes(200) + whole[700:],
        "overwritten at its begin": whole[:10] + b"\xff" * 20 + whole[30:],
        "of another sum": whole[:-8] + bytes(8),
    }[how]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut off", "ends early"),
        ("cut off in its heading", "ends early"),
        ("overwritten", "is damaged"),
        ("overwritten at its begin", "is damaged"),
        ("of another sum", "is damaged"),
    ],
)
def test_a_packed_file_that_is_not_whole_says_so_in_one_line(tmp_path, how, said):
    with pytest.raises(PackedFileError, match=f"input: the packed file {said}; fetch it again"):
        mapped(tmp_path, PLAIN, spoilt(how))


def test_each_cell_takes_the_first_encoding_that_fits(tmp_path):
    document = base_map(x={"from": "x"}, y={"from": "y"})
    document["input"]["encodings"] = ["utf-8", "latin-1"]
    row = b"B1,2026-01-02," + "Côte".encode() + b"," + "Köln".encode("latin-1")
    out = mapped(tmp_path, document, b"ref,at,x,y\n" + row)
    assert (out.data[0]["x"], out.data[0]["y"]) == ("Côte", "Köln")


def test_a_cell_in_no_encoding_rejects_its_row_alone(tmp_path):
    out = mapped(tmp_path, PLAIN, b"ref,at,x\nB1,2026-01-02,\xff\nB2,2026-01-03,b\n")
    assert [r.reason for r in out.rejects] == ["not_utf8"]
    assert [data["booking_ref"] for data in out.data] == ["B2"]


def test_a_row_with_too_few_cells_is_rejected(tmp_path):
    out = mapped(tmp_path, PLAIN, "ref,at,x\nB1,2026-01-02\n\nB2,2026-01-03,b\n")
    assert [r.detail for r in out.rejects] == ["line 2: 2 cells, 3 expected"]
    assert len(out.events) == 1


def test_another_delimiter_and_quoted_cells_are_read(tmp_path):
    document = base_map(x={"from": "x"})
    document["input"]["delimiter"] = ";"
    out = mapped(tmp_path, document, 'ref;at;x\nB1;2026-01-02;"a;b"\n')
    assert out.data[0]["x"] == "a;b"


def test_json_lines_are_read_by_dotted_paths(tmp_path):
    document = base_map(x={"from": "inner.x", "as": "number"})
    document["input"] = {"format": "jsonl"}
    lines = '{"ref":"B1","at":"2026-01-02","inner":{"x":3}}\n{"ref":\n[]\n'
    out = mapped(tmp_path, document, lines)
    assert out.data[0]["x"] == 3
    assert [r.reason for r in out.rejects] == ["not_json", "not_json"]


def test_canonical_events_pass_as_they_are(tmp_path):
    document = {"title": "a test", "input": {"format": "cloudevents"}}
    good = (
        b'{"specversion":"1.0","id":"1","source":"/s","type":"leadline.booking.v1",'
        b'"subject":"A","time":"2026-01-02T00:00:00Z","data":{}}'
    )
    bad = [
        b"{",
        b"[]",
        good.replace(b"00:00Z", b"00:00"),
        good.replace(b"booking", b"parcel"),
    ]
    out = mapped(tmp_path, document, b"\n".join([good, *bad]))
    assert out.items[0].value == good
    assert [r.reason for r in out.rejects] == [
        "not_json", "bad_envelope", "naive_time", "unknown_type",
    ]  # fmt: skip
    assert [r.value for r in out.rejects] == bad


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_named_as_such_with_what_to_do(tmp_path, encoding):
    with pytest.raises(WrongFileError, match=r"is in UTF-16; save it in UTF-8 .*iconv -f UTF-16"):
        mapped(tmp_path, PLAIN, ROWS.encode(encoding))


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_with_another_delimiter_is_told_how_to_name_it(tmp_path, delimiter, name):
    said = rf"parted by {name}, where commas are expected; .*`delimiter: "
    with pytest.raises(WrongFileError, match=said):
        mapped(tmp_path, PLAIN, ROWS.replace(",", delimiter))
