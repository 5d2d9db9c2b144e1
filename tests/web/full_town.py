"""The town in the middle of its work: something of everything that a page can show, and who sees it in full.

clara keeps Aland's people, runs the areas and is contact point: she enters no room, anna and dora do. emil is deputy,
and asked for what awaits a second person; anna sends in clara's name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from area_world import admin, run_by_admin_and_managers
from meeting_world import ROOM, Meeting, add_resources, ahead, mail, submit
from provider_world import Tool, client
from sqlalchemy import bindparam, update
from town import DOMAIN, message

from connectors.house import Address
from directory import (
    appointments,
    bodies,
    contact_points,
    hand_overs,
    officials,
    passwords,
    postings,
    proposals,
    resets,
    roles,
    units,
)
from directory.appointments import Appointment
from directory.contact_points import ContactPoint, Hours
from directory.hand_overs import HandOver
from directory.officials import Official
from directory.postings import Interest, Posting
from directory.proposals import Proposal
from directory.resets import Reset
from directory.roles import Grant
from directory.tables import area
from groupware import clock, tables
from groupware.acknowledgement_tables import acknowledgement_wanted
from groupware.areas.access import Asked
from groupware.areas.rooms import Settings
from groupware.glass_tables import glass
from groupware.moderation import Word
from groupware.off_boarding import off_board
from groupware.people.entry import of_official
from groupware.releases.words import Asked as Wanted
from groupware.releases.words import Word as Yes
from groupware.retention.holds import What
from groupware.tables import room
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from web_site import Site

    from groupware.store import Tx

DAY = 24 * 3600 * 1_000_000
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
DETAILS = {
    "given_name": "Anna",
    "surname": "Ånström",
    "title": "Head of the section for readmission agreements",
    "phone": "+388 2005 267 001",
    "mobile": "+388 2005 267 002",
    "languages": "et,en,fr",
    "external_id": "P-17",
}
HTML = (
    "From: Anna <anna@iconet.test>\r\nTo: return@iconet.test\r\nSubject: Seats\r\nMessage-ID: <html@client.test>\r\n"
    "Date: Sun, 22 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Twelve <b>seats</b></p>\r\n"
    "--b\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="seats on the flight.pdf"\r\n\r\n'
    "%PDF-1.4\r\n--b--\r\n"
)
_SECOND = update(tables.room).where(tables.room.c.code == "return").values(second_person=bindparam("words"))


async def furnish(site: Site) -> None:
    """All of it, by use cases where they are short."""
    await site.groupware.store.run(lambda tx: _people(tx, site))
    await site.groupware.store.run(lambda tx: _duties(tx, site))
    await site.groupware.store.run(lambda tx: _waiting(tx, site))
    site.house.addresses.update(imap=Address("127.0.0.1", 1993), submission=Address("127.0.0.1", 1465))
    await _rooms(site)
    await _posts(site)
    await _drafts(site)
    await _unconfirmed(site)
    await _releases(site)
    await _bookings(site)
    await _retention(site)
    await site.groupware.store.run(lambda tx: _glass(tx, site))
    await _account(site)


def _people(tx: Tx, site: Site) -> None:
    town, connection = site.town, tx.connection
    run_by_admin_and_managers(tx, town)
    anna = officials.get(connection, town.people["anna"])
    officials.change(connection, replace(anna, name="Anna Ånström", **DETAILS))
    below = units.create(connection, anna.body, "visa", f"Visa section and {LONG}", anna.unit)
    for login, until in (("leif", tx.now + 5 * DAY), ("lena", 0), ("lars", 0), ("lin", 0)):
        new = Official(0, login, f"{login}@iconet.test", login.title(), 0, below, title="Desk officer")
        town.people[login] = officials.add(connection, replace(new, valid_until=until) if until else new)
    officials.suspend(connection, town.people["lena"])
    off_board(tx, town.people["lars"])
    third = bodies.create(connection, "cc", "Centre for everything", bodies.BodyKind.INSTITUTION)
    bodies.put_under(connection, [third], anna.body)


def _glass(tx: Tx, site: Site) -> None:
    """An emergency in which emil reads the return room, and one of the posts there asks to be acknowledged."""
    people, home = site.town.people, officials.get(tx.connection, site.town.people["emil"]).body
    abroad = officials.get(tx.connection, people["otto"])
    second = officials.add(tx.connection, Official(0, "orla", "orla@iconet.test", "Orla", abroad.body, abroad.unit))
    roles.grant(tx.connection, Grant(second, Role.SECURITY_OFFICER, abroad.body, reason="Note 18 of the ministry"))
    row = {"asker": people["emil"], "body": home, "confirmer": second, "scope": "room", "name": "return"}
    row |= {"confirmed": tx.now}
    row |= {"item": site.town.rooms["return"], "reason": "A life is in danger.", "lasts": DAY, "handling": 0}
    tx.insert(glass.insert(), {**row, "state": "broken", "valid_until": tx.now + DAY, "asked": tx.now})
    tx.connection.execute(acknowledgement_wanted.insert(), {"post": 1})


def _duties(tx: Tx, site: Site) -> None:
    people, connection = site.town.people, tx.connection
    first, second = (officials.get(connection, people[name]).body for name in ("clara", "bruno"))
    for name, role, scope in (
        ("clara", Role.CONTACT_POINT, first),
        ("emil", Role.DEPUTY, first),
        ("emil", Role.DIRECTORY_ADMIN, first),
        ("emil", Role.SECURITY_OFFICER, first),
        ("dora", Role.DEPUTY, first),
        ("bruno", Role.MODERATOR, site.town.rooms["return"]),
        ("anna", Access.SENDER, people["clara"]),
        ("clara", Access.SENDER, people["anna"]),
    ):
        roles.grant(connection, Grant(people[name], role, scope, reason="Note 17 of the ministry"))
    ends = Grant(people["anna"], Access.READER, site.town.rooms["liaison"], reason="test", valid_until=tx.now + 9 * DAY)
    roles.grant(connection, ends)
    hours, deputies = tuple(Hours(day, 540, 1020) for day in range(5)), (people["emil"], people["anna"])
    contact_points.add(connection, ContactPoint(first, 0, people["clara"], "Europe/Oslo", deputies, hours))
    about = connection.scalar(area.select().with_only_columns(area.c.id).where(area.c.code == "return"))
    assert about is not None
    contact_points.add(connection, ContactPoint(first, about, people["anna"], "UTC", (people["dora"],), ()))
    contact_points.add(connection, ContactPoint(second, 0, people["bruno"], "Europe/Athens"))
    begins = tx.now - DAY
    postings.add(
        connection, Posting(people["anna"], "SN", "Dakar", begins, duties="Documents", areas=frozenset({about}))
    )
    planned = Posting(people["bruno"], "TR", "Ankara", tx.now + DAY, planned=True, serves=frozenset({first}))
    number = postings.add(connection, planned)
    postings.declare_interest(connection, number, Interest(first, people["clara"], "For two cases a year", tx.now))


def _waiting(tx: Tx, site: Site) -> None:
    """What awaits a word of clara's, or of somebody about what she said."""
    people, connection = site.town.people, tx.connection
    first, second = (officials.get(connection, people[name]).body for name in ("clara", "bruno"))
    for by, role, who in (
        ("emil", Role.SECURITY_OFFICER, "anna"),
        ("clara", Role.DEPUTY, "anna"),
        ("clara", Role.SECURITY_OFFICER, "emil"),
    ):
        proposals.add(connection, Proposal(people[who], role, first, "She knows the work", people[by], tx.now))
    for giver, taker, by in (("emil", "clara", "emil"), ("clara", "anna", "clara"), ("dora", "anna", "emil")):
        confirmed = people[giver] if by == giver else 0
        new = HandOver(people[giver], people[taker], tx.now + 3 * DAY, "All in order", people[by], tx.now)
        hand_overs.add(connection, replace(new, confirmed_by=confirmed))
    appointments.add(
        connection, Appointment(second, people["clara"], "Note 18 of the ministry", people["bruno"], tx.now)
    )
    for name, by in (("anna", "emil"), ("dora", "clara")):
        passwords.keep(connection, people[name], "no hash", tx.now)
        asked = Reset(0, people[name], people[by], tx.now, "Lost her telephone", tx.now + 7 * DAY)
        resets.ask(connection, asked, first)


async def _rooms(site: Site) -> None:
    areas, clara = site.groupware.areas, admin(site.town)
    await areas.open_room(clara, "return", "return-charter", Settings("Charter flights", "aa/u"), "return")
    for whom in ("everybody", "official:anna", "body:bb", "unit:aa/u"):
        await areas.give_access(clara, "return", Asked(Access.READER, whom, "All work on it"))
    await areas.set_deputy(clara, "return", "bruno", deputy=True)


async def _drafts(site: Site) -> None:
    """One of dora's that awaits a second person."""
    await site.groupware.store.run(lambda tx: tx.connection.execute(_SECOND, {"words": "TLP:AMBER+STRICT"}))
    text = f"We have agreed on {LONG}."
    raw = message("dora", f"return@{DOMAIN}", "[TLP:AMBER+STRICT] A draft", text, message_id="<draft@client.test>")
    await site.hand_in("dora", raw)
    await site.groupware.store.run(lambda tx: tx.connection.execute(_SECOND, {"words": ""}))


async def _unconfirmed(site: Site) -> None:
    await site.bar("liaison")
    otto, text = (
        site.town.caller("otto"),
        "He was born on 3 May 1990.\r\nTel. +49 171 4471903, or IBAN DE89370400440532013000.",
    )
    raw = message("otto", f"liaison@{DOMAIN}", "A debriefing", text, message_id="<born@client.test>")
    await site.groupware.submit(otto, raw, [await site.groupware.recipient(otto, f"liaison@{DOMAIN}")])


async def _posts(site: Site) -> None:
    await site.publish(
        "anna", "Charter flight on 14 December", f"Dear colleagues,\n\nwe have twelve seats.\n{LONG * 3}"
    )
    await site.publish("dora", "[TLP:AMBER+STRICT] Re: Charter flight", "We take four.", references="<1@client.test>")
    await site.hand_in("anna", HTML.encode())
    dora = site.town.caller("dora")
    for held in await site.groupware.held(dora):
        await site.groupware.decide(dora, held.id, Word.APPROVE)
    letter = HTML.replace("Subject: Seats", "Subject: [TLP:RED] Seats").replace("<html@", "<letter@")
    anna = site.town.caller("anna")
    to = await site.groupware.recipient(anna, "dora@iconet.test")
    await site.groupware.submit(anna, letter.encode(), [to])
    await site.post("anna", f"Travel documents: {LONG}", "May we use the European travel document here?\n\nAnna")


async def _releases(site: Site) -> None:
    """One that awaits Borland's word, and one that is packed."""
    await site.hand_in("bruno", message("bruno", "return@iconet.test", "Seals", LONG, message_id="<seals@client.test>"))
    await site.groupware.store.run(lambda tx: _otto_speaks(tx, site))
    desk, anna, otto = site.groupware.releases, *(site.town.caller(name, strong=True) for name in ("anna", "otto"))
    wanted = Wanted("desk@partner.test", f"Partner {LONG}", "To meet them.", f"Not to {LONG}.", clock.now() + 9 * DAY)
    for _ in range(2):
        number = await desk.ask_by_name(anna, "seals@client.test", wanted)
    await desk.decide(otto, number, Yes.YES, "Not to the press.")
    await desk.pack()


async def _retention(site: Site) -> None:
    """A hold that is in force, and a post whose time is over."""
    desk, emil = site.groupware.retention, site.town.caller("emil", Door.PORTAL, strong=True)
    await desk.place(emil, What.ROOM, "liaison", f"Case 7/2026 {LONG}")
    await desk.set_class("brief", "0d")
    await site.groupware.store.run(lambda tx: _kept(tx, "brief"))
    await site.hand_in("dora", message("dora", "return@iconet.test", "Over", LONG, message_id="<over@client.test>"))
    await site.groupware.store.run(lambda tx: _kept(tx, "standard"))
    await desk.erase()


def _kept(tx: Tx, retention: str) -> None:
    tx.connection.execute(update(room).where(room.c.code == "return").values(retention=retention))


def _otto_speaks(tx: Tx, site: Site) -> None:
    otto = officials.get(tx.connection, site.town.people["otto"])
    roles.grant(tx.connection, Grant(otto.id, Role.CONTACT_POINT, otto.body, reason="Note 19 of the ministry"))


async def _bookings(site: Site) -> None:
    await site.groupware.store.run(add_resources)
    series = Meeting("anna", ahead(1, 9), 90, summary="Preparation", lines=["RRULE:FREQ=DAILY;COUNT=9"])
    await submit(site.groupware, site.town, "anna", mail("anna", ROOM, series.asked()))


async def _account(site: Site) -> None:
    clara = site.town.caller("clara", Door.PORTAL, strong=True)
    await site.with_password("clara")
    await site.groupware.identity.make_app_password(clara, f"{LONG[:60]}", {Door.IMAP, Door.LDAP, Door.SUBMISSION}, 90)
    changed = of_official(await site.groupware.people.own(site.town.caller("leif", Door.PORTAL)), "visa")
    await site.groupware.people.change(clara, site.town.people["leif"], replace(changed, title="Adviser"), 1)
    secret = await site.groupware.provider.add_client(made := client("first"))
    await Tool(await site.client("clara"), await site.client(), made.name, secret).tokens()
    await site.groupware.provider.add_client(client("tool", first_party=False))
