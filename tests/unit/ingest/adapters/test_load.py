import copy

import pytest

from services.ingest.adapters import MappingError, find_mapping, load_mapping
from services.ingest.adapters.load import SHIPPED
from tests.support.maps import base_map, write_map


def set_at(document, path, value):
    changed = copy.deepcopy(document)
    *parents, last = path
    place = changed
    for part in parents:
        place = place[part]
    place[last] = value
    return changed


EVENT = ("entities", 0, "events", 0)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("source",), "", "source: is missing"),
        (("entities",), [], "entities: is empty"),
        (("input", "format"), "xml", "input.format"),
        (("input", "encodings"), ["utf-99"], "encoding 'utf-99' is unknown"),
        (("input", "encodings"), ["utf-16"], "does not contain ASCII"),
        (("input", "colour"), 1, "unknown field `colour`"),
        (("columns", "Big"), {"from": "x"}, "columns.Big: names are lower case"),
        (("columns", "x"), {"as": "number"}, "missing required field `from`"),
        (("columns", "x"), {"from": "x", "as": "money"}, "columns[...].as"),
        (("columns", "x"), {"from": "x", "lookup": "nowhere"}, "no table is named 'nowhere'"),
        (("columns", "x"), {"from": "x", "absent": ["("]}, "pattern '('"),
        (("columns", "x"), {"from": "x", "not_numbers": ["a"]}, "needs `as: number`"),
        (("columns", "x"), {"from": "x", "formats": ["%d"]}, "needs `as: date`"),
        (("columns", "x"), {"from": "x", "as": "date", "zone": "Mars/X"}, "no time zone"),
        (("entities", 0, "group_by"), ["y"], "group_by: no column is named 'y'"),
        (("entities", 0, "fields"), {"f": {}}, "needs exactly one of"),
        (("entities", 0, "fields"), {"f": {"sum": "y"}}, "fields.f.sum: nothing is named 'y'"),
        (("entities", 0, "fields"), {"f": {"sum": "ref"}}, "fields.f.sum: 'ref' is no number"),
        (("columns", "x"), {"from": "x", "as": "number", "default": "none"}, "default must be a"),
        (("columns", "x"), {"from": "x", "as": "integer", "default": 0.5}, "default must be a"),
        ((*EVENT, "time"), "{when}", "events[0].time: nothing is named 'when'"),
        ((*EVENT, "data"), {"a": {"b": ["{z}"]}}, "events[0].data: nothing is named 'z'"),
        ((*EVENT, "type"), "parcel", "type"),
    ],
)
def test_a_wrong_map_is_refused_with_file_and_field(tmp_path, path, value, said):
    file = write_map(tmp_path, set_at(base_map(), path, value))
    with pytest.raises(MappingError) as error:
        load_mapping(file)
    assert str(file) in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_broken_yaml_is_one_line(tmp_path):
    (tmp_path / "m.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.yaml: ") as error:
        load_mapping(tmp_path / "m.yaml")
    assert "\n" not in str(error.value)


def test_a_name_is_looked_for_in_the_extra_folder_first(tmp_path):
    (tmp_path / "scms.yaml").touch()
    assert find_mapping("scms") == SHIPPED / "scms.yaml"
    assert find_mapping("scms", tmp_path) == tmp_path / "scms.yaml"
    assert find_mapping("events_csv", tmp_path) == SHIPPED / "events_csv.yaml"


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    with pytest.raises(MappingError, match="known are events_csv, leadline, scms"):
        find_mapping("nothing")
    with pytest.raises(MappingError, match="no such map file"):
        find_mapping(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_map_is_valid(path):
    assert load_mapping(path).title
