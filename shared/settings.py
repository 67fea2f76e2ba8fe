"""Everything that can be set, from the environment (`CAIRN_…`), read once and passed down."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    root_key_file: Path | None = Field(None, description="file with the root key, 64 hex digits")
    oidc_issuer: str | None = Field(None, description="issuer of the customer's access tokens")
    pool_size: int = Field(16, ge=8, le=200, description="database connections of one process")
    log_level: str = Field("info", description="debug, info, warning or error")
    metrics_host: str = Field("127.0.0.1", description="address of a role's own /metrics")
    metrics_port: int | None = Field(
        None, description="port for /metrics, /healthz and /readyz of a role of their own; 0: any"
    )
    otlp_endpoint: str | None = Field(
        None, description="where traces go (OTLP over HTTP, …/v1/traces); none without it"
    )
    trace_share: float = Field(1.0, ge=0, le=1, description="share of the traces that are kept")

    @property
    def root_key_path(self) -> Path:
        """The root key's file; on one machine in the data directory."""
        return self.root_key_file or self.data_dir / "secrets" / "root.key"

    @property
    def issuer_path(self) -> Path:
        """The private key of the development issuer, on one machine."""
        return self.data_dir / "secrets" / "issuer.json"

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
