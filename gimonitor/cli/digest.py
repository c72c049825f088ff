"""`gimonitor digest`: the morning digest."""

from __future__ import annotations

import click


@click.command()
@click.option("--send", is_flag=True, help="Send it by every way that is set up, and touch the dead-man mark.")
def app(send: bool) -> None:
    """Print the morning digest (in Chinese) and keep it as digests/DATE.txt in the data folder.

    \b
    --send: e-mail (GIMONITOR_SMTP_HOST, …) and robots of 企业微信, 钉钉, 飞书 (GIMONITOR_DIGEST_WECOM_URL, …).
    With GIMONITOR_DIGEST_QUIET=true nothing is sent on a morning without anything wrong. When the store was read and all ways took
    it, digests/last-sent is touched: `gimonitor doctor` fails once that is older than 26 hours.
    Ends with 0, with 5 when a way failed (the others were used all the same), with 2 when no way is set up.
    Example: 0 7 * * *  gimonitor digest --send
    """
    from datetime import UTC, datetime

    from gimonitor.configuration import load_configuration
    from gimonitor.errors import PartialError
    from gimonitor.operations.digest import make_digest
    from gimonitor.operations.sending import deliver, file_digest

    configuration, now = load_configuration(), datetime.now(UTC)
    digest = make_digest(configuration, now)
    click.echo(digest.text, nl=False)
    if not send:
        click.echo(f"→ {file_digest(configuration, digest)}", err=True)
        return
    outcomes = deliver(configuration, digest, now)
    for outcome in outcomes:
        click.echo(f"{outcome.channel}: {outcome.error or 'ok'}", err=True)
    failed = [f"{outcome.channel}: {outcome.error}" for outcome in outcomes if outcome.error]
    if failed:
        raise PartialError("the digest did not go out by every way:\n" + "\n".join(failed))
