"""A compression that cannot be read is named with its cure."""

from shared.kafka.codecs import missing_codecs


def test_this_installation_reads_every_compression():
    assert missing_codecs() is None


def test_what_lacks_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr("aiokafka.codec.cramjam", None)

    said = missing_codecs()

    assert said.startswith("records compressed by snappy, lz4, zstd cannot be read")
    assert "install cramjam" in said
