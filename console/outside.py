"""What leaves the house, by the settings: mail, and calls to customers' addresses."""

from __future__ import annotations

from ipaddress import ip_network

from shared.mail import FolderMail, Mail, SmtpMail
from shared.outbound import Guard
from shared.settings import Settings


def mail_of(settings: Settings) -> Mail:
    """What sends mail: the configured server, or files in the data directory."""
    if settings.smtp_host is None:
        return FolderMail(settings.mail_dir)
    file = settings.smtp_password_file
    try:
        password = file.read_text().strip() if file else None
    except OSError as unreadable:
        raise LookupError(
            f"CAIRN_SMTP_PASSWORD_FILE {file} can't be read ({unreadable.strerror})"
        ) from None
    return SmtpMail(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.smtp_user, password
    )


def guard_of(settings: Settings) -> Guard:
    """Which addresses of customers may be called."""
    networks = [ip_network(each) for each in settings.webhook_networks.replace(",", " ").split()]
    return Guard(loopback=settings.webhooks_on_loopback, networks=networks)
