"""Names before the @ that mean something of their own: no person, room, area, resource or unit mailbox has one."""

from __future__ import annotations

RESERVED = frozenset(
    {
        *("all", "ctl", "example", "to", "junk", "control", "poster"),  # RFC 5536 3.1.4
        *("abuse", "hostmaster", "mailer-daemon", "noc", "noreply", "postmaster", "root", "security", "webmaster"),
        *("autoconfig", "autodiscover", "mta-sts", "www"),  # RFC 8461 3.2, and what mail programs look for
        *("inbox", "sent", "drafts", "trash", "areas", "iconet", "admin", "administrator", "moderators", "release"),
        "acknowledge",
    }
)
"""Those of the second line: RFC 2142, RFC 5321 4.5.1, RFC 3834."""
