"""Everything that can be set, from the environment (`CAIRN_…`), read once and passed down."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.periods import exact_period, is_period

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """One field a setting, one environment variable each."""

    model_config = SettingsConfigDict(env_prefix="CAIRN_", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(Path(".cairn"), description="where one machine keeps its files")
    database_url: SecretStr | None = Field(None, description="PostgreSQL 18 with the record")
    database_url_file: Path | None = Field(None, description="file with that URL, instead of it")
    temporal_address: str = Field("127.0.0.1:7233", description="host:port of Temporal's frontend")
    temporal_namespace: str = Field("default", description="Temporal namespace of the workflows")
    temporal_tls: bool = Field(False, description="TLS to Temporal, by the system's authorities")
    temporal_ca_file: Path | None = Field(None, description="authority of Temporal's certificate")
    temporal_cert_file: Path | None = Field(None, description="our certificate for Temporal")
    temporal_key_file: Path | None = Field(None, description="private key of that certificate")
    temporal_api_key_file: Path | None = Field(None, description="API key for Temporal")
    temporal_ui_url: str = Field(
        "http://127.0.0.1:8233", description="where ops open Temporal's UI"
    )
    api_host: str = Field("127.0.0.1", description="address that the API listens on")
    api_port: int = Field(8000, description="port that the API listens on")
    public_url: str = Field("http://127.0.0.1:8000", description="how others reach the API")
    console_url: str | None = Field(None, description="how people reach the pages; as public_url")
    console_port: int = Field(8001, description="port of `cairn serve console`")
    logins_file: Path | None = Field(None, description="TOML: where the pages let people log in")
    session_idle: str = Field("PT2H", description="a session ends without a sign of life for that")
    session_longest: str = Field("PT12H", description="a session ends after that in any case")
    root_key_file: Path | None = Field(
        None, description="file with the root key; the next waits by it"
    )
    smtp_host: str | None = Field(
        None, description="mail server; without one mail is kept in files"
    )
    smtp_port: int = Field(587, description="port of the mail server")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the connection to the mail server is encrypted"
    )
    smtp_user: str | None = Field(None, description="user at the mail server")
    smtp_password_file: Path | None = Field(None, description="file with that user's password")
    mail_from: str = Field(
        "Cairn <cairn@localhost>", description="sender of all mail, and organizer of meetings"
    )
    worker_versioning: bool = Field(
        False, description="pin workflows to the code that they began with (worker deployments)"
    )
    batch_rate: float = Field(
        200, gt=0, description="cycles that batches start a second, all tenants together"
    )
    runbook_url: str | None = Field(None, description="where ops read what to do; ours by default")
    exports_dir: Path | None = Field(None, description="where bundles are kept; all workers see it")
    backups_kept: str = Field("P35D", description="how long a backup of the keys is kept, at most")
    checkpoint_every: str = Field("PT1H", description="how often heads of the ledger are signed")
    issuers_file: Path | None = Field(None, description="TOML: the customers' identity providers")
    limit_people: int = Field(2_000, ge=0, description="a person's requests in 10 s; 0: no limit")
    limit_machines: int = Field(10_000, ge=0, description="a machine's requests in 10 s; 0: none")
    webhooks_on_loopback: bool = Field(False, description="deliver to http on this machine too")
    webhook_networks: str = Field("", description="inside networks of receivers, as 10.20.0.0/16,…")
    pool_size: int = Field(16, ge=12, le=200, description="database connections of one process")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error"
    )
    metrics_host: str = Field("127.0.0.1", description="address of a role's own /metrics")
    metrics_port: int | None = Field(
        None, description="port for /metrics, /healthz and /readyz of a role of their own; 0: any"
    )
    otlp_endpoint: str | None = Field(
        None, description="where traces go (OTLP over HTTP, …/v1/traces); none without it"
    )
    trace_share: float = Field(1.0, ge=0, le=1, description="share of the traces that are kept")

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_small_letters(cls, level: str) -> str:
        return level.lower()

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for each in text.replace(",", " ").split():
            ip_network(each)  # raises ValueError, with a sentence
        return text

    @field_validator("session_idle", "session_longest", "backups_kept", "checkpoint_every")
    @classmethod
    def _is_period(cls, text: str) -> str:
        if not (is_period(text) and exact_period(text)):
            raise ValueError(f"{text!r} is no duration such as PT2H or P35D")
        return text

    @property
    def root_key_path(self) -> Path:
        """The root key's file; on one machine in the data directory."""
        return self.root_key_file or self.data_dir / "secrets" / "root.key"

    @property
    def mail_dir(self) -> Path:
        """Where mail is kept as files while no mail server is configured."""
        return self.data_dir / "mail"

    @property
    def bundles_path(self) -> Path:
        """Where bundles are kept; on one machine in the data directory."""
        return self.exports_dir or self.data_dir / "exports"

    @property
    def runbook(self) -> str:
        """Where ops read what to do."""
        return self.runbook_url or f"{self.pages_url}/runbook"

    @property
    def issuer_path(self) -> Path:
        """The private key of the development issuer, on one machine."""
        return self.data_dir / "secrets" / "issuer.json"

    @property
    def pages_url(self) -> str:
        """Where the pages are; on one machine beside the API."""
        return (self.console_url or self.public_url).rstrip("/")

    @property
    def pages_are_secure(self) -> bool:
        return self.pages_url.startswith("https://")

    @property
    def may_log_in_by_itself(self) -> bool:
        """Whether development logins are open: on loopback, where no identity provider is named."""
        host = urlsplit(self.pages_url).hostname
        loopback = host in LOOPBACK and self.api_host in LOOPBACK
        return loopback and self.logins_file is None and self.issuers_file is None

    def required_database_url(self) -> str:
        """The database's URL, or `LookupError` with what to do."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.database_url_file is not None:
            return self.database_url_file.read_text().strip()
        raise LookupError(
            "no database is set: start `cairn up`, or set CAIRN_DATABASE_URL or"
            " CAIRN_DATABASE_URL_FILE"
        )
