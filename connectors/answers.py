"""Who answers what commands ask, by the name of the question."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors import area_questions, body_questions, duty_questions
from connectors.audit_questions import AUDIT
from connectors.backup_questions import BACKUPS
from connectors.client_questions import CLIENTS
from connectors.fault import Fault
from connectors.item_words import ITEMS
from connectors.people_questions import PEOPLE
from connectors.records import lines
from connectors.retention_questions import RETENTION
from connectors.token_questions import TOKENS
from connectors.where import Doors
from groupware import clock
from groupware.cards import ldif
from groupware.duties.closings import Gone
from groupware.errors import Conflict, NotFound, Refused
from groupware.marks.changing import Wanted
from groupware.message.markings import Marks
from policies.vocabulary import Action, Handling, Marking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House
    from groupware.caller import Caller


async def _check(house: House, _arguments: Row) -> AsyncIterator[Row]:
    async for found in house.groupware.check():
        yield found.row()


async def _store_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    async for listed in house.groupware.listing():
        yield asdict(listed)


async def _why(house: House, arguments: Row) -> AsyncIterator[Row]:
    caller, action, item = await _somebody(house, arguments["login"]), Action(arguments["action"]), arguments["item"]
    try:
        answer = await house.groupware.why(caller, action, item)
    except NotFound as error:
        raise Fault(f"nothing to {action} is called {item!a}; ITEM is {ITEMS[action]}") from error
    yield {"allowed": answer.allowed, "rules": list(answer.rules)}


async def _off_board(house: House, arguments: Row) -> AsyncIterator[Row]:
    caller = await _somebody(house, arguments["login"])
    done, report = await house.groupware.duties.off_board_by_operator(caller.official)
    yield {"login": done.login, "at": done.at}
    for name, count in done.ended:
        yield {"ended": name, "count": count}
    for followed in done.followed:
        yield asdict(followed)
    for closing in report:
        yield asdict(closing)


async def _somebody(house: House, login: str) -> Caller:
    try:
        return await house.groupware.somebody(login)
    except NotFound as error:
        raise Fault(f"nobody has the login {login!a}") from error


async def _records(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for line in lines(Doors(house)):
        yield {"line": line}


async def _directory_export(house: House, arguments: Row) -> AsyncIterator[Row]:
    cards = await house.groupware.address_books.everybody()
    if arguments["format"] == "ldif":
        for piece in ldif.written([card.entry for card in cards], house.settings.domain):
            yield {"text": piece}
    for card in cards if arguments["format"] == "vcard" else ():
        yield {"text": card.written("4.0")}


async def _release_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for entry in await house.groupware.releases.ledger():
        yield asdict(entry)


async def _glass_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for entry in await house.groupware.glass.ledger():
        until = datetime.fromtimestamp(entry.valid_until / clock.MICROSECONDS, UTC)
        yield {**asdict(entry), "valid_until": until.isoformat(timespec="seconds")}


async def _closings(house: House, arguments: Row) -> AsyncIterator[Row]:
    """What this process's doors say of somebody who left, for the process that was told to off-board them."""
    gone = Gone(arguments["official"], arguments["login"], arguments["at"])
    for closing in await house.groupware.duties.closings.here(gone):
        yield asdict(closing)


async def _contacts_missing(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for code, name in await house.groupware.duties.bodies_without_contact_point():
        yield {"code": code, "name": name}


async def _contacts_appoint(house: House, arguments: Row) -> AsyncIterator[Row]:
    caller = await _somebody(house, arguments["login"])
    try:
        await house.groupware.duties.appoint_by_operator(caller.official, arguments["act"])
    except Refused as error:
        raise Fault(error.text) from error
    yield {"login": caller.login}


async def _mark(house: House, arguments: Row) -> AsyncIterator[Row]:
    """The operator vouches for the decider, who needs the same leave as in the portal."""
    caller = replace(await _somebody(house, arguments["login"]), strong=True)
    code = arguments["handling"]
    marks = Marks(_MARKINGS[arguments["marking"]], Handling[code] if code else Handling.H0)
    name = f"<{arguments['message_id'].strip('<>')}>"
    wanted = Wanted(name, marks, arguments["reason"], operator=True, code_stays=not code)
    try:
        asked = await house.groupware.marks.mark(caller, wanted)
    except NotFound as error:
        raise Fault(f"there is no post {arguments['message_id']!a} that {caller.login} may mark") from error
    except (Refused, Conflict) as error:
        raise Fault(error.text or error.rule) from error
    yield {"message_id": wanted.name, "marking": marks.marking.label, "state": "asked" if asked else "marked"}


_MARKINGS = {each.label: each for each in Marking}
QUESTIONS: dict[str, Answer] = {
    "check": _check,
    "mark": _mark,
    "store-ls": _store_ls,
    "why": _why,
    "off-board": _off_board,
    "records": _records,
    "directory-export": _directory_export,
    **PEOPLE,
    **CLIENTS,
    **area_questions.QUESTIONS,
    **body_questions.QUESTIONS,
    **duty_questions.QUESTIONS,
    "release-ls": _release_ls,
    "glass-ls": _glass_ls,
    "closings": _closings,
    "contacts-missing": _contacts_missing,
    "contacts-appoint": _contacts_appoint,
    **RETENTION,
    **TOKENS,
    **AUDIT,
    **BACKUPS,
}
"""What commands ask by name; each answer is a generator of rows over groupware's use cases."""
