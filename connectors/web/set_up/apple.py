"""A configuration profile for macOS, iOS and iPadOS: mail and address book in one tap, app password included.

The payloads' keys are those of Apple's "Device Management" reference. Names of payloads are made from login and host,
so that a newer profile takes the place of the older one.
"""

from __future__ import annotations

import plistlib
import ssl
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from policies.vocabulary import Door

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.where import Doors
    from groupware.caller import Caller

MEDIA_TYPE = "application/x-apple-aspen-config"
Payload = dict[str, Any]


def profile(doors: Doors, caller: Caller, secret: str, authority: Path | None) -> bytes:
    """The XML property list. `authority` is a PEM file to be trusted, unless the world's authorities vouch for us."""
    inside = [*_trust(doors, authority), *_mail(doors, caller, secret), _addresses(doors, caller, secret)]
    return plistlib.dumps(
        {
            **_named(doors, caller, "Configuration", f"ICONet, {caller.name}"),
            "PayloadContent": inside,
            "PayloadDescription": "Mail and address book of ICONet. It holds a secret: delete the file once installed.",
            "PayloadOrganization": "ICONet",
            "PayloadRemovalDisallowed": False,
        }
    )


def _named(doors: Doors, caller: Caller, kind: str, shown: str) -> Payload:
    reverse = ".".join(reversed(doors.host.split(".")))
    name = f"{reverse}.iconet.{caller.login}.{kind}"
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": name,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)).upper(),
        "PayloadDisplayName": shown,
    }


def _trust(doors: Doors, authority: Path | None) -> list[Payload]:
    if authority is None:
        return []
    der = ssl.PEM_cert_to_DER_cert(authority.read_text("ascii"))
    reverse = ".".join(reversed(doors.host.split(".")))
    name = f"{reverse}.iconet.authority"
    return [
        {
            "PayloadType": "com.apple.security.root",
            "PayloadVersion": 1,
            "PayloadIdentifier": name,
            "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)).upper(),
            "PayloadDisplayName": f"Authority of {doors.host}",
            "PayloadContent": der,
        }
    ]


def _mail(doors: Doors, caller: Caller, secret: str) -> list[Payload]:
    imap, submission = doors.place(Door.IMAP), doors.place(Door.SUBMISSION)
    if not imap or not submission:
        return []
    return [
        {
            **_named(doors, caller, "com.apple.mail.managed", "ICONet mail"),
            "EmailAccountDescription": "ICONet",
            "EmailAccountName": caller.name,
            "EmailAccountType": "EmailTypeIMAP",
            "EmailAddress": caller.address,
            "IncomingMailServerAuthentication": "EmailAuthPassword",
            "IncomingMailServerHostName": imap.host,
            "IncomingMailServerPortNumber": imap.port,
            "IncomingMailServerUseSSL": True,
            "IncomingMailServerUsername": caller.login,
            "IncomingPassword": secret,
            "OutgoingMailServerAuthentication": "EmailAuthPassword",
            "OutgoingMailServerHostName": submission.host,
            "OutgoingMailServerPortNumber": submission.port,
            "OutgoingMailServerUseSSL": True,
            "OutgoingMailServerUsername": caller.login,
            "OutgoingPasswordSameAsIncomingPassword": True,
            "PreventMove": True,
            "PreventAppSheet": False,
        }
    ]


def _addresses(doors: Doors, caller: Caller, secret: str) -> Payload:
    web = urlsplit(doors.web)
    return {
        **_named(doors, caller, "com.apple.carddav.account", "ICONet address book"),
        "CardDAVAccountDescription": "ICONet",
        "CardDAVHostName": web.hostname,
        "CardDAVPort": web.port,
        "CardDAVUseSSL": True,
        "CardDAVUsername": caller.login,
        "CardDAVPassword": secret,
    }
