"""Names become pseudonyms at the door, and the key stays outside the lake."""

import pyarrow as pa
import pytest

from eventlog.errors import StopError
from eventlog.pseudonym import pseudonym, pseudonymise, read_or_make_key

KEY = bytes(range(32))


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "keys" / "runut.key"
    key = read_or_make_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_key(path) == key
    assert [p.name for p in path.parent.iterdir()] == ["runut.key"]


def test_a_damaged_key_is_refused_instead_of_replaced(tmp_path):
    path = tmp_path / "runut.key"
    path.write_bytes(b"short")
    with pytest.raises(StopError, match="has 5 bytes instead of 32"):
        read_or_make_key(path)


def test_a_key_that_cannot_be_made_names_the_way_out(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StopError, match="RUNUT_KEY_FILE"):
        read_or_make_key(tmp_path / "file" / "runut.key")


def test_the_same_name_has_the_same_pseudonym_and_another_key_gives_another():
    assert pseudonym("officer-17", KEY) == pseudonym("officer-17", KEY)
    assert pseudonym("officer-17", KEY) != pseudonym("officer-17", KEY[::-1])
    assert "officer" not in pseudonym("officer-17", KEY)


def test_only_the_named_columns_change_and_nulls_stay():
    table = pa.table({"resource": ["ann", None, "ann", "bob"], "unit": ["x", "x", "y", "y"]})
    out = pseudonymise(table, ["resource", "absent"], KEY)
    expected = [pseudonym(n, KEY) if n else None for n in ["ann", None, "ann", "bob"]]
    assert out.column("resource").to_pylist() == expected
    assert out.column("unit") == table.column("unit")
    assert out.schema == table.schema


def test_a_column_of_nulls_and_an_empty_table_hold():
    table = pa.table({"resource": pa.nulls(2, pa.string())})
    assert pseudonymise(table, ["resource"], KEY).column("resource").null_count == 2
    assert pseudonymise(table.slice(0, 0), ["resource"], KEY).num_rows == 0


def attributes(*texts):
    return pa.table({"attributes": pa.array(texts, pa.string())})


def hidden(*texts, columns=("resource", "Agent")):
    return pseudonymise(attributes(*texts), columns, KEY)["attributes"].to_pylist()


NAME = f'"{pseudonym("ann", KEY)}"'


@pytest.mark.parametrize(
    "key",
    [
        "resource", "agent", "AGENT", "org:resource", "case:agent", "case:org:resource",
        "event.agent", "event.agent_", "data.resource__", "attributes:agent", "agent/name",
        "org:resource/id",
    ],
)  # fmt: skip
def test_a_name_said_again_in_attributes_is_replaced_under_any_spelling_of_its_key(key):
    text = f'{{"amount":1.50,"{key}":"ann","note":"b"}}'
    assert hidden(text, None) == [text.replace('"ann"', NAME), None]


@pytest.mark.parametrize("key", ["agents", "reagent", "agent.of", "resource_type", "note"])
def test_other_keys_of_attributes_stay_to_the_letter(key):
    texts = [f'{{"{key}": "agent\\":", "n": 1.50}}', '{"u":"\\u0001"}', None, "{}"]
    assert hidden(*texts) == texts


def test_names_are_found_at_any_depth_and_of_any_type():
    number = f'"{pseudonym("17", KEY)}"'
    pairs = {
        '{"who":[{"agent":"ann"}]}': f'{{"who":[{{"agent":{NAME}}}]}}',
        '{"agent":{"name":"ann","id":17,"left":null,"unit":""}}': (
            f'{{"agent":{{"name":{NAME},"id":{number},"left":null,"unit":""}}}}'
        ),
        '{"agent":["ann",17]}': f'{{"agent":[{NAME},{number}]}}',
        '{"agent":"\\u0061nn"}': f'{{"agent":{NAME}}}',
        '{"\\u0061gent":"ann"}': f'{{"agent":{NAME}}}',
    }
    assert hidden(*pairs, *pairs) == [*pairs.values(), *pairs.values()]


def test_attributes_stay_the_very_column_where_no_key_is_named():
    table = attributes('{"agent":"ann"}')
    assert pseudonymise(table, [], b"") is table
    assert pseudonymise(table, ["officer"], KEY) is table
