"""WebAuthn (level 3): what a browser is asked for a passkey, and whether what it answers is right.

Passkeys here are found by the authenticator without a login (resident) and check who holds it (user verification), so
one is a possession and a knowledge or a body at once: it may stand alone, or beside a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import webauthn
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from directory import challenges, passkeys
from directory.passkeys import Passkey
from groupware.errors import Conflict, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.identity.proof import Attempt, Site
    from groupware.store import Tx

NAME: Final = "ICONet"
LONGEST = 16 * 1024
"""Characters of an answer; a key with its certificates has some thousand."""
LABEL = 60
_REQUIRED = UserVerificationRequirement.REQUIRED
_KIND = AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED)
_FAULTS = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError)
"""What the library raises about an answer that is none: its own, and what slips through it."""


def to_create(site: Site, challenge: bytes, who: Caller, known: Sequence[Passkey], handle: bytes) -> str:
    """PublicKeyCredentialCreationOptions as JSON. Authenticators that have one of `known` already make no second."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_name=who.login,
        user_id=handle,
        user_display_name=who.name,
        challenge=challenge,
        authenticator_selection=_KIND,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in known],
    )
    return options_to_json(options)


def to_get(site: Site, challenge: bytes, known: Sequence[Passkey] = ()) -> str:
    """PublicKeyCredentialRequestOptions as JSON; without `known` ones the authenticator says whose it is."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each.credential) for each in known],
        user_verification=_REQUIRED,
    )
    return options_to_json(options)


def create(tx: Tx, key: bytes, official: int, attempt: Attempt, label: str) -> int:
    """Keep the passkey that a browser made (WebAuthn 7.1), and return its id.

    Refused(passkey) for an answer that isn't right; Conflict(passkey-known) for one that is somebody's already.
    """
    text = attempt.proof.passkey
    try:
        credential = parse_registration_credential_json(_bounded(text))
        challenge = _challenge(tx, key, attempt, credential.response.client_data_json)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=attempt.site.host,
            expected_origin=attempt.site.origin,
            require_user_verification=True,
        )
    except _FAULTS as error:
        raise Refused("passkey", "The passkey could not be made. Try again.") from error
    if passkeys.by_credential(tx.connection, made.credential_id) is not None:
        raise Conflict("passkey-known")
    handle = passkeys.handle_of(official, key)
    public, counter = made.credential_public_key, made.sign_count
    row = Passkey(
        0, official, handle, made.credential_id, public, counter, label, made.credential_backed_up, created=tx.now
    )
    _spend(tx, challenge)
    return passkeys.add(tx.connection, row)


def get(tx: Tx, key: bytes, attempt: Attempt, official: int = 0) -> int:
    """Whose passkey a browser used (WebAuthn 7.2): an official's id, the given one if any; 0 if the answer is wrong.

    Wrong is also another site's, one for an older question, and one whose counter says that the key was copied.
    """
    try:
        credential = parse_authentication_credential_json(_bounded(attempt.proof.passkey))
        kept = passkeys.by_credential(tx.connection, credential.raw_id)
        if kept is None or official not in (0, kept.official):
            return 0
        if credential.response.user_handle not in ((kept.handle,) if not official else (kept.handle, None)):
            return 0
        challenge = _challenge(tx, key, attempt, credential.response.client_data_json)
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=attempt.site.host,
            expected_origin=attempt.site.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.counter,
            require_user_verification=True,
        )
        _spend(tx, challenge)
    except _FAULTS:
        return 0
    return kept.official if passkeys.use(tx.connection, kept, found.new_sign_count, tx.now) else 0


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError("too long")
    return text


def _challenge(tx: Tx, key: bytes, attempt: Attempt, client_data: bytes) -> bytes:
    """The one that was answered, if it is ours, for this page and this browser, and recent. ValueError otherwise."""
    challenge = parse_client_data_json(client_data).challenge
    if not challenges.holds(challenge, key, attempt.purpose, attempt.asker, tx.now):
        raise ValueError("another challenge")
    return challenge


def _spend(tx: Tx, challenge: bytes) -> None:
    if not challenges.spend(tx.connection, challenge, tx.now):
        raise ValueError("a challenge that was answered before")
