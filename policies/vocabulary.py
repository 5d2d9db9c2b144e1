"""The words that rules, code and screens share: one word for one thing."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Action(StrEnum):
    """What somebody may ask to do. `list` shows an item in folders, threads and counts; `read` opens it.

    To `mark` is to say anew how widely a post may be passed on, to `confirm` an author's word about what seems to be
    personal data in theirs; to `post_alone` needs no colleague's word, to `authorise` gives it to another's draft
    (RFC 7912's release, which here is another word). A reader may `ask_release` to a third party, its owners
    `decide_release`. `administer`
    keeps a body's entries, `designate` says who holds a duty in it, `manage` is for areas and rooms, and `govern` is
    what one body does for others: found areas, admit bodies; to `appoint` a first
    contact point is another's act always, never one's own body's. To `preserve` is to keep posts from being erased.
    To `break_glass` is to read in an emergency by an ask (`ask_glass`) that another body's security officer has
    confirmed.
    """

    LIST = "list"
    READ = "read"
    MODERATE = "moderate"
    WITHDRAW = "withdraw"
    ASK_RELEASE = "ask_release"
    DECIDE_RELEASE = "decide_release"
    MARK = "mark"
    CONFIRM_MARK = "confirm_mark"
    CONFIRM = "confirm"
    AUTHORISE = "authorise"
    ENTER = "enter"
    POST = "post"
    POST_ALONE = "post_alone"
    PUBLISH = "publish"
    MAIL = "mail"
    RELAY = "relay"
    BOOK = "book"
    SEE_BOOKINGS = "see_bookings"
    SEE_ENTRY = "see_entry"
    ADMINISTER = "administer"
    DESIGNATE = "designate"
    MANAGE = "manage"
    GOVERN = "govern"
    APPOINT = "appoint"
    SEND_FOR = "send_for"
    READ_AUDIT = "read_audit"
    PRESERVE = "preserve"
    ASK_GLASS = "ask_glass"
    SEE_GLASS = "see_glass"
    CONFIRM_GLASS = "confirm_glass"
    BREAK_GLASS = "break_glass"
    END_GLASS = "end_glass"
    ACKNOWLEDGE = "acknowledge"
    SEE_ACKNOWLEDGEMENTS = "see_acknowledgements"


class Kind(StrEnum):
    """What actions are done to."""

    POST = "Post"
    MAIL = "Mail"
    AREA = "Area"
    ROOM = "Room"
    PARTNER = "Partner"
    RESOURCE = "Resource"
    BOOKING = "Booking"
    CONSENT = "Consent"
    GLASS = "Glass"
    OFFICIAL = "Official"
    UNIT = "Unit"
    BODY = "Body"


class _Duty(StrEnum):
    """A word for programs, with its words for people."""

    @property
    def label(self) -> str:
        """What pages, cards and notices say: `Directory admin`."""
        return LABELS[self]


class Role(_Duty):
    """What an official may be besides an official."""

    MODERATOR = "moderator"
    ORGANISER = "organiser"
    CONTACT_POINT = "contact-point"
    DEPUTY = "deputy"
    LIAISON_OFFICER = "liaison-officer"
    DIRECTORY_ADMIN = "directory-admin"
    SECURITY_OFFICER = "security-officer"


class Access(_Duty):
    """What an official may do in a room without a role there; a sender may send in another official's name.

    What a drafter hands in waits for the word of a colleague who may post.
    """

    READER = "reader"
    POSTER = "poster"
    DRAFTER = "drafter"
    MANAGER = "manager"
    SENDER = "sender"


LABELS: dict[str, str] = {
    Role.MODERATOR: "Moderator",
    Role.ORGANISER: "Organiser",
    Role.CONTACT_POINT: "Contact point",
    Role.DEPUTY: "Deputy contact point",
    Role.LIAISON_OFFICER: "Liaison officer",
    Role.DIRECTORY_ADMIN: "Directory admin",
    Role.SECURITY_OFFICER: "Security officer",
    Access.READER: "Reader",
    Access.POSTER: "Poster",
    Access.DRAFTER: "Drafter",
    Access.MANAGER: "Room manager",
    Access.SENDER: "Sends in another's name",
}
"""One place for them all."""


class Marking(IntEnum):
    """TLP 2.0, from the widest to the strictest."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """FIRST's wording: `TLP:AMBER+STRICT`."""
        return "TLP:" + self.name.replace("_", "+")


class Handling(IntEnum):
    """What may be done with what is read: Europol's codes (Council Decision 2009/936/JHA, Article 14; SIENA)."""

    H0 = 0
    H1 = 1
    H2 = 2
    H3 = 3

    @property
    def label(self) -> str:
        """As it stands in subjects and fields: `H2`."""
        return self.name


class Door(StrEnum):
    """Where somebody comes in; an app password names the doors that it opens."""

    PORTAL = "portal"
    API = "api"
    SUBMISSION = "submission"
    IMAP = "imap"
    NNTP = "nntp"
    LDAP = "ldap"
    CALDAV = "caldav"
    CARDDAV = "carddav"
    MATRIX = "matrix"
