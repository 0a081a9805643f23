import json
import sqlite3
from dataclasses import replace

import pytest

from webapp.config import ConfigError
from webapp.jobs.queues import JobQueue


def test_carries_ids_to_a_worker(config):
    JobQueue(config).send(7)
    receiver = JobQueue(config)
    received = []
    consumer = receiver.consumer(received.append, 1)
    consumer.worker_threads[0][0].loop()

    assert received == [7]
    assert receiver.is_empty()


def test_messages_are_json_and_never_pickled(config):
    JobQueue(config).send(7)

    with sqlite3.connect(config.home / "queue.db") as connection:
        ((content,),) = connection.execute("SELECT data FROM task").fetchall()
    connection.close()

    assert [7] in json.loads(content)


def test_is_empty_until_something_is_sent(config):
    queue = JobQueue(config)

    before = queue.is_empty()
    queue.send(1)

    assert (before, queue.is_empty()) == (True, False)


def test_a_queue_that_cannot_be_reached_loses_no_job(config, caplog):
    (config.home / "queue.db").unlink(missing_ok=True)
    queue = JobQueue(config)
    with sqlite3.connect(config.home / "queue.db") as connection:
        connection.execute("DROP TABLE task")
    connection.close()

    queue.send(3)

    assert "job 3 waits" in caplog.text


def test_an_address_of_another_kind_is_named(config):
    with pytest.raises(ConfigError, match="SHELFWISE_QUEUE_URL"):
        JobQueue(replace(config, queue_url="amqp://somewhere"))
