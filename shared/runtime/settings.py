"""Settings from `LEADLINE_` variables and `.env`, read once by the composition roots."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts.currencies import CODES
from shared.domain.texts import is_blank
from shared.runtime.addresses import LAST_PORT, are_brokers, is_database
from shared.runtime.expected import ExpectedError
from shared.runtime.tls import tls_faults

PREFIX = "LEADLINE_"
ENV_FILE = ".env"
FOLDERS = ("playbooks", "mappings")
PEM_FILES = ("kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile")
SECRETS = ("DATABASE_URL", "KAFKA_SASL_PASSWORD")


class SettingsError(ExpectedError):
    """A setting is wrong; the message says which, why and what is allowed."""


class Settings(BaseSettings):
    """Every setting of CONTRACT 1, frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, frozen=True, extra="ignore", env_ignore_empty=True
    )

    database_url: str = "sqlite:///leadline.db"
    kafka_bootstrap: str = ""
    kafka_group: str = "leadline-ingest"
    kafka_instance_id: str = ""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = ""
    kafka_sasl_username: str = ""
    kafka_sasl_password: SecretStr = SecretStr("")
    kafka_ssl_cafile: str = ""
    kafka_ssl_certfile: str = ""
    kafka_ssl_keyfile: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=LAST_PORT)
    metrics_port: int | None = Field(default=None, ge=0, le=LAST_PORT)
    clock: Literal["wall", "event"] = "wall"
    playbooks: Path | None = None
    mappings: Path | None = None
    breaker: Literal["on", "off"] = "on"
    default_owner: str = "unassigned"
    reporting_currency: str = "USD"
    fx_rates: Path | None = None
    log_format: Literal["", "console", "json"] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        known = value.startswith(("sqlite:///", "postgresql://", "postgres://"))
        if not known or not is_database(value):
            msg = (
                "allowed are sqlite:///FILE and postgresql://user:password@host:port/name"
                " (an @ within the password as %40)"
            )
            raise ValueError(msg)
        return value

    @field_validator("kafka_bootstrap")
    @classmethod
    def _known_brokers(cls, value: str) -> str:
        if value and not are_brokers(value):
            raise ValueError("allowed is host:port,... with ports from 1 to 65535")
        return value

    @field_validator("default_owner")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if is_blank(value):
            raise ValueError("must not be blank: it is the id of whoever gets those alerts")
        return value

    @field_validator("reporting_currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        if value not in CODES:
            msg = "allowed is a code of ISO 4217, such as USD, EUR or VND"
            raise ValueError(msg)
        return value


def read_settings(*, folders: bool = True, **flags: object) -> Settings:
    """Read the settings; flags win over variables, variables over `.env`.

    Raises `SettingsError` naming every wrong setting; `folders` says to look whether those that
    are named are there.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    given |= {k: v for k, v in _secrets_from_files().items() if k not in given}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("; ".join(map(_said, error.errors()))) from error
    for name in FOLDERS if folders else ():
        require_folder(name, getattr(settings, name))
    _require_pem_files(settings)
    _require_sasl(settings)
    return settings


def require_folder(name: str, path: Path | None) -> None:
    """Raise `SettingsError` where a setting names what is no folder."""
    if path is not None and not path.is_dir():
        fault = "is no folder" if path.exists() else "does not exist"
        said = f"{PREFIX}{name.upper()}={str(path)!r}"
        raise SettingsError(f"{said}: {fault}; a folder of YAML files is allowed")


def _require_pem_files(settings: Settings) -> None:
    """Raise `SettingsError` where a client could not use a file: it would try again for ever."""
    given = {name: getattr(settings, name) for name in PEM_FILES}
    said = [f"{PREFIX}{name.upper()}={path!r}" for name, path in given.items()]
    for places, why in tls_faults(*given.values()):
        names = " with ".join(said[at] for at in places)
        raise SettingsError(f"{names}: {why}; allowed is the path of a PEM file")


def _require_sasl(settings: Settings) -> None:
    """Raise `SettingsError` where the brokers are to be told who asks, and nobody is named."""
    given = (settings.kafka_sasl_username, settings.kafka_sasl_password.get_secret_value())
    if settings.kafka_security_protocol.startswith("SASL_") and not all(given):
        said = f"{PREFIX}KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol!r}"
        lacking = f"{PREFIX}KAFKA_SASL_USERNAME and {PREFIX}KAFKA_SASL_PASSWORD"
        raise SettingsError(f"{said}: needs {lacking}; without them PLAINTEXT or SSL is allowed")


def given_variables() -> dict[str, str]:
    """Return the variables of the environment and, beneath them, those of `.env`."""
    return _env_file() | os.environ


def _env_file() -> dict[str, str]:
    try:
        found = dotenv_values(ENV_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{ENV_FILE}: {_unread(error)}") from error
    return {name.upper(): value for name, value in found.items() if value}


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """Return the `LEADLINE_` variables that nothing reads: most often a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {PREFIX + name + "_FILE" for name in SECRETS}
    return sorted(k for k in environ if k.startswith(PREFIX) and k not in known)


def _secrets_from_files() -> dict[str, str]:
    """Return the secrets whose file is named where nothing of a higher rank gives them."""
    layers = (dict(os.environ), _env_file())
    found = {}
    for name in SECRETS:
        variable, named = PREFIX + name, f"{PREFIX}{name}_FILE"
        layer = next((one for one in layers if one.get(variable) or one.get(named)), {})
        if not layer.get(variable) and (path := layer.get(named)):
            found[name.lower()] = _secret_in(path, named)
    return found


def _secret_in(path: str, named: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{named}={path!r}: {_unread(error)}; allowed is the path of a file in UTF-8"
        raise SettingsError(msg) from error


def _unread(error: OSError | UnicodeDecodeError) -> str:
    """Say why a file cannot be read, without what is in it."""
    return "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)


def _said(error: ErrorDetails) -> str:
    """One wrong setting in words."""
    name = PREFIX + "_".join(map(str, error["loc"])).upper()
    shown = "(hidden)" if name.removeprefix(PREFIX) in SECRETS else repr(error["input"])
    why = error["msg"].removeprefix("Value error, ")
    if name.endswith("_PORT"):
        why = f"allowed is a whole number from 0 to {LAST_PORT}"
    return f"{name}={shown}: {why}"
