"""Three real brokers whose leaders and coordinators can be killed by name."""

from confluent_kafka.admin import AdminClient

from tests.support.kafka import ClusterPlan, KafkaBroker


class KafkaCluster:
    """Brokers with replication among them; each is a child of this process."""

    def __init__(self, size=3, *, front_ports=(), **settings):
        plan = ClusterPlan(size)
        fronts = [*front_ports, *[None] * (size - len(front_ports))]
        self.brokers = [
            KafkaBroker(cluster=plan, node=node, front_port=front, **settings)
            for node, front in enumerate(fronts, 1)
        ]
        self.bootstrap = ",".join(broker.bootstrap for broker in self.brokers)

    def start(self):
        """Start all and wait until each knows all others."""
        for broker in self.brokers:
            broker.launch()
        for broker in self.brokers:
            broker.wait_ready()
        return self

    def leader(self, topic, partition):
        """Return the broker that leads a partition."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        described = admin.list_topics(topic, timeout=10).topics[topic]
        return self._named(described.partitions[partition].leader)

    def coordinator(self, group):
        """Return the broker that coordinates a consumer group."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        described = admin.describe_consumer_groups([group], request_timeout=10)[group].result(15)
        return self._named(described.coordinator.id)

    def restart(self):
        """Start again whatever does not run."""
        for broker in self.brokers:
            if not broker.running:
                broker.launch()
        for broker in self.brokers:
            broker.wait_ready()

    def close(self):
        """End all at once: the last of three never ends when asked, having no quorum."""
        for broker in self.brokers:
            broker.kill()
        for broker in self.brokers:
            broker.close()

    def _named(self, node):
        return next(broker for broker in self.brokers if broker.node == node)
