"""Whatever a producer does, its owner hears one error and gets a new producer."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError

from shared.kafka import publisher as module
from shared.kafka.publisher import Message, Publisher, PublishError
from shared.runtime.settings import Settings

MESSAGE = Message("t", b"k", b"v")


class Producer:
    """Fails at each send as told."""

    def __init__(self, fault):
        self.fault, self.stopped = fault, False

    async def start(self):
        """Do nothing."""

    async def stop(self):
        self.stopped = True

    async def send(self, topic, *, value, key, headers):
        if self.fault is not None:
            raise self.fault
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@pytest.fixture
def producers(monkeypatch):
    made = []

    def make(settings):
        made.append(Producer(made_with.pop(0) if made_with else None))
        return made[-1]

    made_with = []
    monkeypatch.setattr(module, "make_producer", make)
    return made, made_with


@pytest.mark.parametrize(
    "fault",
    [KafkaConnectionError("gone"), OSError("gone"), RuntimeError("bug"), asyncio.CancelledError()],
    ids=lambda fault: type(fault).__name__,
)
async def test_any_fault_is_a_publish_error_and_ends_the_producer(producers, fault):
    made, made_with = producers
    made_with.append(fault)
    publisher = Publisher(Settings(_env_file=None))
    with pytest.raises(PublishError):
        await publisher.publish([MESSAGE])
    assert made[0].stopped
    await publisher.publish([MESSAGE])
    assert len(made) == 2
    await publisher.close()


@pytest.mark.usefixtures("producers")
async def test_a_cancelled_owner_is_cancelled():
    publisher = Publisher(Settings(_env_file=None))
    task = asyncio.current_task()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publisher.publish([MESSAGE])
    task.uncancel()
    await publisher.close()
