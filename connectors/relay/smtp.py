"""Partners' mail over SMTP to the host that the settings name for each domain; never to whom the DNS may name.

TLS is required and the host's certificate verified, unless the settings say otherwise (RFC 8314, RFC 3207).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from connectors.relay.carrying import UndeliveredError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.settings import Partner
    from groupware.outbound import Claimed

REPLY_WITHIN = 60.0
"""Seconds for each reply."""


class NextHop:
    """Over one new connection a message: partners get few."""

    def __init__(self, host: str, partners: Mapping[str, Partner]) -> None:
        self._host = host
        self._partners = partners

    async def carry(self, claimed: Claimed, raw: bytes) -> str:
        """See Carrier."""
        partner = self._partners.get(claimed.domain)
        if partner is None:
            raise UndeliveredError(f"no-route: no host is set for {claimed.domain}", temporary=True)
        try:
            async with self._client(partner) as client:
                return await _send(client, claimed, raw)
        except SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0]) from error
        except SMTPResponseException as error:
            raise _refused(error) from error
        except (SMTPException, OSError, ValueError) as error:
            raise UndeliveredError(f"{type(error).__name__}: {error}", temporary=True) from error

    def _client(self, partner: Partner) -> SMTP:
        return SMTP(
            hostname=partner.host,
            port=partner.port,
            local_hostname=self._host,
            use_tls=partner.tls == "implicit",
            start_tls=partner.tls == "starttls",
            tls_context=ssl.create_default_context(cafile=partner.authority or None),
            timeout=REPLY_WITHIN,
        )


async def _send(client: SMTP, claimed: Claimed, raw: bytes) -> str:
    options = []
    if not raw.isascii():
        await client.ehlo()  # what was offered before TLS began doesn't count (RFC 3207 4.2)
        if not client.supports_extension("8bitmime"):  # RFC 6152 3: nobody here changes an author's bytes
            raise UndeliveredError("554 5.6.1 the partner's server takes no 8-bit text", temporary=False)
        options.append("BODY=8BITMIME")
    _, reply = await client.sendmail(claimed.sender, [claimed.recipient], raw, mail_options=options)
    return reply


def _refused(error: SMTPResponseException) -> UndeliveredError:
    """RFC 5321 4.2.1: 5yz for good, anything else for now."""
    return UndeliveredError(f"{error.code} {error.message}", temporary=error.code < 500)  # noqa: PLR2004 -- the RFC's
