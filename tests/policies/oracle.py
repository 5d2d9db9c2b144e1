"""The network's rules in plain Python over raw rows, written from their description; shares nothing with the policies.

It walks the unit tree itself, so the closure tables are judged too.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_world import World

Row = dict[str, Any]
GREEN, STRICT, RED = 1, 3, 4


class Oracle:
    """Answers for one world at one moment."""

    def __init__(self, world: World, now: int) -> None:
        self.now = now
        keyed = ("body", "unit", "official", "area", "room", "post", "mail", "resource", "booking", "consent", "glass")
        self.rows = {name: {row["id"]: row for row in world.rows[name]} for name in keyed}
        self.rows["partner"] = {row["domain"]: row for row in world.rows["partner"]}
        self.holds: dict[int, set[tuple[str, int]]] = defaultdict(set)
        self.officers = [row for row in world.rows["role_grant"] if row["role"] == "security-officer"]
        for row in world.rows["role_grant"]:
            if self.in_time(row):
                self.holds[row["official"]].add((row["role"], row["scope"]))
        self.given: dict[int, set[int]] = defaultdict(set)
        for row in world.rows["unit_competence"]:
            if row["given"]:
                self.given[row["unit"]].add(row["competence"])
        self.areas: dict[int, set[int]] = defaultdict(set)
        for row in world.rows["resource_area"]:
            self.areas[row["resource"]].add(row["area"])
        self.others = {"Resource": self.resource, "Booking": self.booking, "Consent": self.consent}
        self.recipients = {(row["mail"], row["official"]) for row in world.rows["mail_recipient"]}

    def may(self, who: int, action: str, kind: str, key: int | str, *, strong: bool) -> bool:
        me, item = self.rows["official"][who], self.rows[kind.lower()][key]
        if not self.active(me):
            return False
        if kind in ("Post", "Mail"):
            is_draft = kind == "Post" and (action == "authorise" or item["state"] == "draft")
            allowed = self.draft if is_draft else self.post if kind == "Post" else self.mail
            fits = (strong or action not in ("mark", "confirm_mark")) and self.marking_lets(me, item, strong=strong)
            if action == "ask_release":
                fits = fits and item["marking"] != RED and item["state"] == "published"
            return fits and allowed(me, action, item)
        if kind in ("Resource", "Booking", "Consent"):
            mine = self.others[kind](me, action, item, strong)
            fits = kind == "Resource" or self.marking_lets(me, item, strong=strong)
            return mine and fits and not self.is_admin(me)
        if action == "manage" or kind == "Glass":
            more = self.manages(me, kind, item) if action == "manage" else self.glass(me, action, item)
            return more and (strong or action == "see_glass")
        if kind == "Room":
            return not self.is_admin(me) and self.room(me, action, item)
        return self.directory(me, action, kind, item, strong=strong)

    # ---- people
    def in_time(self, row: Row) -> bool:
        return bool(row["valid_from"] <= self.now < row["valid_until"])

    def active(self, who: Row) -> bool:
        stopped = who["suspended"] or self.rows["body"][who["body"]]["suspended"]
        return self.in_time(who) and not stopped

    def has(self, me: Row, role: str, scope: int) -> bool:
        return (role, scope) in self.holds[me["id"]]

    def is_admin(self, me: Row) -> bool:
        return any(role in ("directory-admin", "security-officer") for role, _ in self.holds[me["id"]])

    def competent(self, me: Row, subject: int) -> bool:
        at: int | None = me["unit"]
        while at is not None:
            if subject in self.given[at]:
                return True
            at = self.rows["unit"][at]["parent"]
        return False

    # ---- content
    def marking_lets(self, me: Row, item: Row, *, strong: bool) -> bool:
        if me["clearance"] < item["handling"]:
            return False
        if item["author"] == me["id"]:
            return True
        foreign = self.rows["unit"][item["owner"]]["body"] != me["body"]
        return not (item["marking"] >= STRICT and foreign) and not (item["marking"] == RED and not strong)

    def post(self, me: Row, action: str, item: Row) -> bool:
        return not self.is_admin(me) and self.post_of(me, action, item)

    def post_of(self, me: Row, action: str, item: Row) -> bool:
        moderates, wrote = self.has(me, "moderator", item["room"]), me["id"] in (item["author"], item["sender"])
        if action == "moderate":
            return moderates and not wrote and item["state"] == "held"
        if action in ("mark", "confirm_mark"):
            asked = action == "mark" or item["loosener"] not in (0, me["id"])
            return asked and item["state"] == "published" and self.speaks(me, item)
        if action in ("acknowledge", "see_acknowledgements"):
            return item["state"] == "published" and self.notes(me, action, item, wrote=wrote)
        if action == "confirm" or item["state"] == "unconfirmed":
            return wrote and item["state"] == "unconfirmed" and action in ("confirm", "read", "withdraw")
        if action == "withdraw" or item["state"] != "published":
            gone = item["state"] == "withdrawn" and action != "withdraw"
            theirs = action == "withdraw" and item["state"] == "published" and self.speaks(me, item)
            return theirs or ((moderates or wrote) and action != "list" and not gone)
        return moderates or self.takes_part(me, item)

    def takes_part(self, me: Row, item: Row) -> bool:
        member = self.has(me, "reader", item["room"]) and self.competent(me, item["competence"])
        place = self.rows["room"][item["room"]]
        return member or (self.has(me, "liaison-officer", place["area"]) and item["marking"] <= GREEN)

    def notes(self, me: Row, action: str, item: Row, *, wrote: bool) -> bool:
        """Acknowledging is for readers other than who wrote; seeing who has is for who wrote, and for the owner."""
        if action == "acknowledge":
            return not wrote and (self.has(me, "moderator", item["room"]) or self.takes_part(me, item))
        return wrote or self.speaks(me, item) or self.within(me["unit"], item["owner"])

    def speaks(self, me: Row, item: Row) -> bool:
        home = self.rows["unit"][item["owner"]]["body"]
        return me["body"] == home and (self.has(me, "contact-point", home) or self.has(me, "deputy", home))

    def within(self, at: int | None, wanted: int) -> bool:
        while at is not None:
            if at == wanted:
                return True
            at = self.rows["unit"][at]["parent"]
        return False

    def glass(self, me: Row, action: str, item: Row) -> bool:
        """Two security officers of different bodies; what they may do together ends by itself."""
        asked, watched = item["asker"] == me["id"], {of for r, of in self.holds[me["id"]] if r == "security-officer"}
        officer = bool(watched) and item["body"] not in watched
        over = self.rows["body"][item["body"]]["authority"]
        governs = me["body"] == over and any(
            self.has(me, role, over) for role in ("security-officer", "directory-admin")
        )
        foreign, lasts = me["body"] != item["body"], self.now < item["valid_until"]
        if action == "see_glass":
            return (
                asked or item["confirmer"] == me["id"] or governs or (item["state"] == "asked" and officer and foreign)
            )
        asks = self.stands(item["asker"], item["asked"], item["body"], at_home=True)
        if action == "confirm_glass":
            return officer and foreign and not asked and item["state"] == "asked" and lasts and asks
        if action == "end_glass":
            near = asked or item["confirmer"] == me["id"] or governs
            return near and item["state"] in ("asked", "broken")
        holds = not foreign and self.has(me, "security-officer", item["body"])
        vouched = asks and self.stands(item["confirmer"], item["confirmed"], item["body"], at_home=False)
        open_now = item["state"] == "broken" and lasts and vouched
        return asked and holds and open_now and me["clearance"] >= item["handling"]

    def stands(self, who: int, spoke: int, body: int, *, at_home: bool) -> bool:
        """In office, and still a security officer, of this body or of others, by a role that they had when speaking."""
        had = [
            grant
            for grant in self.officers
            if grant["official"] == who and grant["valid_from"] <= spoke < grant["valid_until"]
        ]
        still = any(self.in_time(grant) for grant in had if (grant["scope"] == body) == at_home)
        return who in self.rows["official"] and self.active(self.rows["official"][who]) and still

    def draft(self, me: Row, action: str, item: Row) -> bool:
        """It is its author's, and those colleagues' who could have posted it themselves: they read it and decide."""
        if self.is_admin(me):
            return False
        wrote = me["id"] in (item["author"], item["sender"])
        posts = self.has(me, "poster", item["room"]) and self.competent(me, item["competence"])
        colleague = me["body"] == self.rows["unit"][item["owner"]]["body"]
        decides = colleague and (posts or self.has(me, "moderator", item["room"]))
        if action == "authorise":
            return decides and not wrote and item["state"] == "draft"
        return (wrote and action in ("read", "withdraw")) or (decides and action == "read")

    def consent(self, me: Row, action: str, item: Row, strong: bool) -> bool:  # noqa: FBT001 -- same
        """One owner's word about a release: the body's spokespeople give it, never who asked for it."""
        asked, speaks = item["author"] == me["id"], self.speaks(me, item)
        if action == "decide_release":
            portal = strong or item["marking"] < STRICT
            return speaks and not asked and item["state"] == "open" and item["marking"] != RED and portal
        if action == "withdraw":
            return (speaks and item["state"] == "given") or (asked and item["state"] in ("open", "given"))
        return asked or speaks

    def mail(self, me: Row, _action: str, item: Row) -> bool:
        return item["author"] == me["id"] or (item["id"], me["id"]) in self.recipients

    def room(self, me: Row, action: str, item: Row) -> bool:
        moderates, competent = self.has(me, "moderator", item["id"]), self.competent(me, item["competence"])
        if action == "enter":
            return moderates or (competent and self.has(me, "reader", item["id"]))
        if item["closed"]:
            return False
        posts = competent and self.has(me, "poster", item["id"])
        if action == "post" and competent and self.has(me, "drafter", item["id"]):
            return True
        return moderates or (posts and not (action == "publish" and item["moderated"]))

    def manages(self, me: Row, kind: str, item: Row) -> bool:
        runs = item["body"] if kind == "Area" else self.rows["area"][item["area"]]["body"]
        own = me["body"] == runs and self.has(me, "directory-admin", runs)
        return own or (kind == "Room" and self.has(me, "manager", item["id"]))

    # ---- meetings
    def resource(self, me: Row, _action: str, item: Row, _strong: bool) -> bool:  # noqa: FBT001 -- one shape for all of `others`
        places = [place for place in self.rows["room"].values() if place["area"] in self.areas[item["id"]]]
        return any(self.room(me, "enter", place) for place in places)

    def booking(self, me: Row, _action: str, item: Row, _strong: bool) -> bool:  # noqa: FBT001 -- one shape for all of `others`
        return self.within(me["unit"], item["owner"]) or bool(item["author"] == me["id"])

    # ---- people and partners
    def directory(self, me: Row, action: str, kind: str, item: Row, *, strong: bool) -> bool:
        if kind == "Partner":
            return bool(item["allowed"])
        if kind == "Body":
            return self.over_body(me, action, item, strong=strong)
        if action in ("mail", "see_entry"):
            near = item["listed"] or item["body"] == me["body"]
            return bool(near and (action == "see_entry" or self.active(item)))
        if action == "send_for":
            return self.has(me, "sender", item["id"]) and item["body"] == me["body"] and self.active(item)
        herself = kind == "Official" and item["id"] == me["id"]
        if herself or not strong or item["body"] != me["body"]:
            return False
        speaks = self.has(me, "contact-point", me["body"]) or self.has(me, "deputy", me["body"])
        return speaks or (action == "administer" and self.has(me, "directory-admin", me["body"]))

    def over_body(self, me: Row, action: str, item: Row, *, strong: bool) -> bool:
        if action == "read_audit":
            return self.has(me, "security-officer", item["id"])
        if action in ("preserve", "ask_glass"):
            return strong and me["body"] == item["id"] and self.has(me, "security-officer", item["id"])
        if action == "appoint" and item["id"] == me["body"]:
            return False
        over = item["authority"] if action in ("govern", "appoint") else item["id"]
        roles = (
            ("directory-admin",) if action in ("govern", "appoint") else ("directory-admin", "contact-point", "deputy")
        )
        return strong and me["body"] == over and any(self.has(me, role, over) for role in roles)
