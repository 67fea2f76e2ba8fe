"""Everything that can be set, from the environment (`CAIRN_…`), read once and passed down."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One field a setting, one environment variable each."""

    model_config = SettingsConfigDict(env_prefix="CAIRN_", extra="ignore")

    data_dir: Path = Field(Path(".cairn"), description="where one machine keeps its files")
    database_url: SecretStr | None = Field(None, description="PostgreSQL 18 with the record")
    temporal_address: str = Field("127.0.0.1:7233", description="host:port of Temporal's frontend")
    temporal_namespace: str = Field("default", description="Temporal namespace of the workflows")
    temporal_ui_url: str = Field(
        "http://127.0.0.1:8233", description="where ops open Temporal's UI"
    )
    api_host: str = Field("127.0.0.1", description="address that the API listens on")
    api_port: int = Field(8000, description="port that the API listens on")
    public_url: str = Field("http://127.0.0.1:8000", description="how others reach the API")
    root_key_file: Path | None = Field(None, description="file with the root key, 64 hex digits")
    issuers_file: Path | None = Field(None, description="TOML: the customers' identity providers")
    limit_people: int = Field(2_000, ge=0, description="a person's requests in 10 s; 0: no limit")
    limit_machines: int = Field(10_000, ge=0, description="a machine's requests in 10 s; 0: none")
    webhooks_on_loopback: bool = Field(False, description="deliver to http on this machine too")
    webhook_networks: str = Field("", description="inside networks of receivers, as 10.20.0.0/16,…")
    pool_size: int = Field(16, ge=12, le=200, description="database connections of one process")
    log_level: str = Field("info", description="debug, info, warning or error")

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for each in text.replace(",", " ").split():
            ip_network(each)  # raises ValueError, with a sentence
        return text

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
        if self.database_url is None:
            raise LookupError("no database is set: start `cairn up`, or set CAIRN_DATABASE_URL")
        return self.database_url.get_secret_value()
