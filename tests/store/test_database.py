"""The database keeps what it was told to keep, or says that it did not."""

import re
import sqlite3

import pytest

from comity.errors import InvalidInput
from comity.store import Database, NewerDatabase, StorageFailed
from comity.store.database import VERSION, migrations, schema


def made(tmp_path):
    return Database.open(tmp_path / "node.db")


def shape(sql_steps):
    connection = sqlite3.connect(":memory:")
    for sql in sql_steps:
        connection.executescript(sql)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
    return [tuple(row) for row in rows]


def test_the_migrations_one_after_the_other_give_the_schema():
    assert shape([sql for _, sql in migrations()]) == shape([schema()])
    assert [version for version, _ in migrations()] == list(range(1, VERSION + 1))


def test_what_is_committed_is_there_for_another_process(tmp_path):
    first = made(tmp_path)
    with first.transaction():
        first.run("set_setting", ("party", "jp"))
    second = Database.open(tmp_path / "node.db")
    assert second.value("setting", ("party",)) == "jp"


def test_a_transaction_that_raises_leaves_nothing(tmp_path):
    database = made(tmp_path)
    with pytest.raises(ZeroDivisionError):
        failing(database)
    assert database.value("setting", ("party",)) is None
    with database.transaction():
        database.run("set_setting", ("party", "kr"))
    assert database.value("setting", ("party",)) == "kr"


def failing(database):
    with database.transaction():
        database.run("set_setting", ("party", "jp"))
        _ = 1 / 0


def test_it_runs_with_a_write_ahead_log_and_syncs_every_commit(tmp_path):
    database = made(tmp_path)
    connection = database._connection
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path):
    made(tmp_path).close()
    with sqlite3.connect(tmp_path / "node.db") as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(NewerDatabase, match="is of version"):
        made(tmp_path)
    found = sqlite3.connect(tmp_path / "node.db").execute("PRAGMA user_version")
    assert found.fetchone()[0] == VERSION + 1


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "node.db").write_bytes(
        b"not a database, and long enough to be looked at" * 9
    )
    with pytest.raises(InvalidInput, match="no database of a node"):
        made(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(StorageFailed, match="cannot be opened"):
        Database.open(tmp_path / "nowhere" / "node.db")


def test_a_full_disk_keeps_nothing_of_the_transaction_and_goes_on_when_there_is_room(
    tmp_path,
):
    database = made(tmp_path)
    pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
    database._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StorageFailed) as caught:
        filling(database)
    assert caught.value.code == "no-space"
    assert database.value("setting", ("small",)) is None
    database._connection.execute("PRAGMA max_page_count = 1000000")
    with database.transaction():
        database.run("set_setting", ("large", "x" * 100_000))
    assert database.value("setting", ("large",))


def filling(database):
    with database.transaction():
        database.run("set_setting", ("small", "1"))
        database.run("set_setting", ("large", "x" * 100_000))


def test_a_second_writer_is_told_that_there_is_one_already(tmp_path):
    first, second = made(tmp_path), made(tmp_path)
    second._connection.execute("PRAGMA busy_timeout = 1")
    with (
        first.transaction(),
        pytest.raises(StorageFailed) as caught,
        second.transaction(),
    ):
        pass
    assert caught.value.code == "database-locked"


def test_after_an_error_of_the_disk_it_closes_itself(tmp_path):
    database = made(tmp_path)
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR
    assert database._failed(failed).code == "storage-failed"
    with (
        pytest.raises(StorageFailed, match="closed after its disk failed"),
        database.transaction(),
    ):
        pass
    with pytest.raises(StorageFailed):
        database.all("logs")


def test_every_statement_is_one_that_the_schema_has(tmp_path):
    database = made(tmp_path)
    for name, sql in database._named.items():
        assert name
        database._connection.execute("EXPLAIN " + sql, _nothing(sql))


def _nothing(sql):
    named = set(re.findall(r":(\w+)", sql))
    return dict.fromkeys(named) if named else (None,) * sql.count("?")


def test_what_is_deleted_is_overwritten(tmp_path):
    database = made(tmp_path)
    with database.transaction():
        database.run("set_setting", ("secret", "a-needle-in-the-pages"))
    with database.transaction():
        database.run("set_setting", ("secret", ""))
    database._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"a-needle-in-the-pages" not in (tmp_path / "node.db").read_bytes()
