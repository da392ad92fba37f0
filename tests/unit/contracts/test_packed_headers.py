from shared.contracts.file_rows import FILE_HEADER, file_headers, file_of
from shared.contracts.packed_headers import packed, unpacked


def test_headers_come_back_as_they_were_also_those_without_a_value():
    headers = [("trace", b"t1"), ("trace", b"\xff\0"), ("empty", b""), ("", None)]

    stored = packed(headers)

    assert stored == [["trace", "dDE="], ["trace", "/wA="], ["empty", ""], ["", None]]
    assert unpacked(stored) == headers


def test_the_place_in_a_file_is_found_among_them_and_no_value_is_no_place():
    assert file_of(packed([("trace", None), *file_headers("may.csv:17")])) == "may.csv:17"
    assert file_of([[FILE_HEADER, None]]) is None
    assert file_of([[FILE_HEADER, "a"]]) is None
