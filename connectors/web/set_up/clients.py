"""The sorts of clients that the set-up page knows, and the doors that each needs."""

from __future__ import annotations

from dataclasses import dataclass

from policies.vocabulary import Door

MAIL = (Door.IMAP, Door.SUBMISSION)
BOOK = (Door.CARDDAV, Door.LDAP)


@dataclass(frozen=True, slots=True)
class Client:
    """One choice: its name in forms, what is shown, and the doors that its app password opens."""

    name: str
    shown: str
    doors: tuple[Door, ...]
    hint: str


CLIENTS = (
    Client(
        "mail",
        "Thunderbird or another mail program",
        (*MAIL, *BOOK),
        "Type your address: Thunderbird finds the rest by itself. Other programs are given these settings.",
    ),
    Client(
        "apple",
        "Mac, iPhone or iPad",
        (*MAIL, Door.CARDDAV),
        "You get a profile to open. It sets up mail and address book, and holds the app password.",
    ),
    Client("outlook", "Outlook", (*MAIL, *BOOK), "Add an account, choose IMAP, and give it these settings."),
    Client("matrix", "Element or another Matrix client", (Door.MATRIX,), "Choose “edit” beside the homeserver."),
    Client("news", "A newsreader", (Door.NNTP, Door.SUBMISSION), "Give it these settings."),
)
BY_NAME = {client.name: client for client in CLIENTS}
