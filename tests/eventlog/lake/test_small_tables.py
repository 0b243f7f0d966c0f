"""The tables of alerts, silences and measures stay quick, and tidying forgets nothing."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.errors import RetryError
from eventlog.lake import Conflict, Lake

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="office", case_attributes=[])


def row(columns, at, **more):
    """A row of these columns with something in each."""
    values = {pa.string(): "x", pa.float64(): 1.0, schema.TIMESTAMP: at}
    fields = {field.name: values.get(field.type, []) for field in columns}
    return pa.Table.from_pylist([{**fields, **more}], columns)


def alert(number):
    return row(schema.ALERTS, NOON + timedelta(minutes=number), key=f"k{number}")


def measure(hour):
    return row(schema.MEASURES, NOON + timedelta(hours=hour), value=float(hour))


def test_tidying_keeps_every_row_in_its_order_and_what_each_channel_has_heard(lake):
    open_before = lake.alerts()
    for number in range(8):
        table = lake.alerts()
        table.append(alert(number))
        table.note("topic", number)
        lake.measures().append(measure(number), at=NOON + timedelta(hours=number))
        lake.silences().append(row(schema.SILENCES, NOON, id=f"s{number}"))
    files = {name: len(list((path / name).glob("*.parquet"))) for path, name in _tables(lake)}
    assert min(files.values()) >= 8
    half_read = open_before.refresh().rows(after=3)

    lake.tidy(retention=MONTH)

    keys = [f"k{number}" for number in range(8)]
    assert lake.alerts().rows().column("key").to_pylist() == keys
    assert half_read.column("key").to_pylist() == keys[3:]
    assert open_before.refresh().rows(after=5).column("key").to_pylist() == keys[5:]
    assert lake.alerts().heard("topic") == 7
    assert lake.silences().rows().column("id").to_pylist() == [f"s{n}" for n in range(8)]
    assert lake.measures().kept == NOON + timedelta(hours=7)
    assert lake.measures().rows(since=NOON + timedelta(hours=5)).column("value").to_pylist() == [
        5,
        6,
        7,
    ]
    for _, name in _tables(lake):
        table = lake.place.table(name)
        assert len(table.file_uris()) == 1


def _tables(lake):
    return [(lake.place.local, name) for name in ("alerts", "silences", "measures")]


def test_what_comes_after_tidying_is_numbered_on_and_refused_where_it_was(lake):
    for number in range(3):
        lake.alerts().append(alert(number))
        lake.measures().append(measure(number), at=NOON + timedelta(hours=number))
    stale = lake.alerts()
    lake.tidy(retention=MONTH)
    lake.alerts().append(alert(3))
    assert lake.alerts().rows(after=3).column("key").to_pylist() == ["k3"]
    with pytest.raises(Conflict):
        stale.append(alert(9))
    assert not lake.measures().append(measure(9), at=NOON + timedelta(hours=2))
    assert lake.measures().append(measure(3), at=NOON + timedelta(hours=3))


def test_a_table_that_is_kept_open_sees_what_others_add(lake):
    kept = lake.alerts()
    assert (kept.version, kept.rows().num_rows) == (None, 0)
    for number in range(3):
        lake.alerts().append(alert(number))
        assert kept.refresh().rows(after=number).column("key").to_pylist() == [f"k{number}"]
    kept.append(alert(3))
    assert lake.alerts().rows().num_rows == 4


def test_of_two_who_make_a_table_one_is_let_in(lake):
    for make, columns in ((lake.alerts, schema.ALERTS), (lake.silences, schema.SILENCES)):
        one, other = make(), make()
        one.append(row(columns, NOON))
        with pytest.raises(RetryError):
            other.append(row(columns, NOON))


def test_measures_are_kept_once_an_hour(lake):
    assert lake.measures().append(measure(0), at=NOON)
    assert not lake.measures().append(measure(0), at=NOON + timedelta(minutes=59))
    assert not lake.measures().append(measure(0), at=NOON - timedelta(hours=1))
    one, other = lake.measures(), lake.measures()
    assert one.append(measure(1), at=NOON + timedelta(hours=1))
    with pytest.raises(Conflict):
        other.append(measure(1), at=NOON + timedelta(hours=1))
    assert lake.measures().rows(since=NOON).num_rows == 2


def test_a_lake_without_alerts_is_tidied_as_ever(lake):
    lake.tidy(retention=MONTH)
    assert not (lake.place.local / "alerts").exists()
