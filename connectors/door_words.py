"""What people are told that a door is: in the portal and on the command line alike."""

from __future__ import annotations

WAYS_IN = {
    "portal": "The portal",
    "api": "Programs (API)",
    "submission": "Sending mail (SMTP)",
    "imap": "Reading mail (IMAP)",
    "ldap": "Address book look-ups (LDAP)",
    "carddav": "Address books (CardDAV)",
    "matrix": "Chat (Matrix)",
    "scim": "The state's own identity system (SCIM)",
}
"""By the names that programs use (policies.vocabulary.Door)."""
