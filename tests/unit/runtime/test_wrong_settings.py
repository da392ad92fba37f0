"""A wrong setting stops the start by its name, with what is allowed, and tells no secret."""

import pytest

from shared.runtime.rates import load_rates
from shared.runtime.settings import SettingsError, read_settings


@pytest.fixture(autouse=True)
def _nothing_else_is_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "KAFKA_SASL_PASSWORD"):
        monkeypatch.delenv(f"LEADLINE_{name}", raising=False)


def refused(**flags):
    with pytest.raises(SettingsError) as error:
        read_settings(**flags)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "brokers", ["h:90x2", "h:90000", "h:0", ":9092", "h:9092,", "h: 9092 x", "[::1:9092", "h:9 0"]
)
def test_brokers_that_are_no_addresses_are_refused(brokers):
    said = refused(kafka_bootstrap=brokers)
    assert f"LEADLINE_KAFKA_BOOTSTRAP={brokers!r}" in said
    assert "allowed is host:port,..." in said


@pytest.mark.parametrize("brokers", ["", "h:9092", "h-1.x:1, h_2:65535", "h", "[::1]:9092", "::1"])
def test_brokers_that_the_client_understands_are_taken(brokers):
    assert read_settings(kafka_bootstrap=brokers).kafka_bootstrap == brokers


@pytest.mark.parametrize("given", [{}, {"kafka_sasl_username": "leadline"}])
def test_sasl_without_who_asks_is_refused(given):
    said = refused(kafka_security_protocol="SASL_SSL", **given)
    assert "LEADLINE_KAFKA_SECURITY_PROTOCOL='SASL_SSL': needs LEADLINE_KAFKA_SASL_USERNAME" in said


def test_a_mechanism_that_can_never_work_is_refused_with_those_that_can():
    said = refused(kafka_sasl_mechanism="OAUTHBEARER")
    assert "LEADLINE_KAFKA_SASL_MECHANISM='OAUTHBEARER'" in said
    assert "'PLAIN', 'SCRAM-SHA-256' or 'SCRAM-SHA-512'" in said


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:geheim@h:54x2/db",
        "postgresql://u:geheim@h:99999/db",
        "postgresql://u:geheim@h:geheim@h/db",
        "postgresql://u:ge@heim@h:5432/db",
        "postgresql://u:geheim@[::1/db:x",
    ],
)
def test_an_address_of_a_database_that_is_none_is_refused_without_its_password(address):
    said = refused(database_url=address)
    assert "LEADLINE_DATABASE_URL=(hidden)" in said
    assert "allowed are sqlite:///FILE and postgresql://user:password@host:port/name" in said
    assert "geheim" not in said
    assert "heim" not in said


@pytest.mark.parametrize(
    "address",
    ["postgresql://u:p%40/#?w@h:5432/db", "postgresql://h/db", "postgresql://u@[::1]:5432/db",
     "postgres:///db?host=/run/postgresql", "sqlite:///a:b.db"],
)  # fmt: skip
def test_an_address_that_the_driver_understands_is_taken(address):
    assert read_settings(database_url=address).database_url == address


@pytest.mark.parametrize("name", ["kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile"])
def test_a_file_of_certificates_that_is_missing_stops_the_start(name, tmp_path):
    said = refused(kafka_security_protocol="SSL", **{name: "gone.pem"})
    assert f"LEADLINE_{name.upper()}='gone.pem': No such file or directory; allowed is" in said
    assert f"LEADLINE_{name.upper()}" in refused(**{name: str(tmp_path)}), "a folder is no file"


def test_a_file_of_authorities_that_holds_none_stops_the_start(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing of the kind")
    said = refused(kafka_security_protocol="SASL_SSL", kafka_ssl_cafile="ca.pem")
    assert "LEADLINE_KAFKA_SSL_CAFILE='ca.pem': " in said
    assert "allowed is the path of a PEM file" in said


def test_a_certificate_that_is_none_stops_the_start_with_its_key(tmp_path):
    for name in ("own.pem", "own.key"):
        (tmp_path / name).write_text("nothing of the kind")
    own = {"kafka_ssl_certfile": "own.pem", "kafka_ssl_keyfile": "own.key"}
    said = refused(kafka_security_protocol="SSL", **own)
    assert "LEADLINE_KAFKA_SSL_CERTFILE='own.pem' with LEADLINE_KAFKA_SSL_KEYFILE='own.key'" in said


ENV, FILED = "LEADLINE_DATABASE_URL", "LEADLINE_DATABASE_URL_FILE"


@pytest.mark.parametrize(
    ("environment", "dot_env", "used"),
    [
        ({FILED: "a"}, {ENV: "sqlite:///dot.db"}, "sqlite:///a.db"),
        ({ENV: "sqlite:///env.db"}, {FILED: "a"}, "sqlite:///env.db"),
        ({FILED: "a"}, {FILED: "b"}, "sqlite:///a.db"),
        ({}, {FILED: "b"}, "sqlite:///b.db"),
        ({ENV: "", FILED: ""}, {ENV: "sqlite:///dot.db"}, "sqlite:///dot.db"),
    ],
)
def test_a_secrets_file_has_the_rank_of_where_it_is_named(
    tmp_path, monkeypatch, environment, dot_env, used
):
    for name in "ab":
        (tmp_path / name).write_text(f"sqlite:///{name}.db\n")
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in dot_env.items()))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert read_settings().database_url == used
    assert read_settings(database_url="sqlite:///flag.db").database_url == "sqlite:///flag.db"


@pytest.mark.parametrize(
    ("content", "said"), [(b"geheim\xff", "is not UTF-8"), (None, "No such file or directory")]
)
def test_a_secrets_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, content, said):
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("LEADLINE_KAFKA_SASL_PASSWORD_FILE", "secret")
    told = refused()
    assert f"LEADLINE_KAFKA_SASL_PASSWORD_FILE='secret': {said}" in told
    assert "geheim" not in told


def test_an_env_file_that_is_not_utf_8_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"LEADLINE_DATABASE_URL=sqlite:///caf\xe9.db\n")
    assert ".env: is not UTF-8" in refused()


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "80.5"])
@pytest.mark.parametrize("name", ["http_port", "metrics_port"])
def test_a_port_that_is_none_is_refused_with_the_range_of_those_that_are(name, port):
    said = refused(**{name: port})
    assert said == f"LEADLINE_{name.upper()}='{port}': allowed is a whole number from 0 to 65535"


@pytest.mark.parametrize("path", ["gone.csv", "."])
def test_a_table_of_rates_that_cannot_be_read_is_refused_with_what_is_allowed(path):
    with pytest.raises(SettingsError, match=r"the path of a CSV file in UTF-8 is allowed$"):
        load_rates(read_settings(fx_rates=path))
