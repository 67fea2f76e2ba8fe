"""Mail: whether the server that is set takes it from us."""

from __future__ import annotations

from console.doctor.findings import Finding, Findings
from console.outside import mail_of
from shared.mail import SmtpMail, TriedInVain
from shared.settings import LOOPBACK, Settings

_MEND = "docs/runbooks/mail-waits.md; the settings CAIRN_SMTP_…"


async def look_at_mail(settings: Settings) -> Findings:
    """Go as far as for a mail, and send none."""
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        mail = mail_of(settings)
        if isinstance(mail, SmtpMail):
            await mail.reach()
            yield Finding("mail", "fine", f"{where} takes it, {settings.smtp_tls}")
        else:
            yield _kept(settings)
    except LookupError as unset:
        yield Finding("mail", "wrong", str(unset.args[0]), "set CAIRN_SMTP_PASSWORD_FILE")
    except TriedInVain as failure:
        yield Finding("mail", "wrong", f"{where} doesn't take it ({failure})", _MEND)


def _kept(settings: Settings) -> Finding:
    what = f"no server is set: it is kept in {settings.mail_dir}"
    if settings.api_host in LOOPBACK:
        return Finding("mail", "fine", what)
    return Finding("mail", "warning", f"{what}, and nobody gets any", "set CAIRN_SMTP_HOST")
