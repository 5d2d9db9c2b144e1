"""Nobody makes themselves an heir, a contact point or a second word; who left meanwhile has no word left."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from duty_town import DutyTown, built
from town import DOMAIN

from directory import hand_overs, roles
from directory.hand_overs import HandOverState
from directory.roles import Grant
from groupware.duties import arranging
from groupware.duties.arranging import Arrangement
from groupware.duties.handing_over import Offer
from groupware.errors import Conflict, Forbidden, Refused
from groupware.people.entry import of_official
from groupware.service import Groupware
from groupware.store import Conditions
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from stores import Place

pytestmark = pytest.mark.anyio
DAY = 24 * 3600 * 1_000_000


class Time:
    now = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def town(sqlite_place: Place, time: Time) -> AsyncIterator[DutyTown]:
    groupware = Groupware(sqlite_place.open(Conditions(now=time)), DOMAIN)
    yield await built(groupware)
    await groupware.close()


async def last_day(town: DutyTown, by: str, whose: str, moment: int) -> None:
    caller, people = town.caller(by), town.groupware.people
    card = await people.entry(caller, town.who(whose))
    entry = replace(of_official(card.official, card.unit), valid_until=moment)
    await people.change(caller, card.official.id, entry, card.official.version)


async def test_a_deputy_sets_no_last_day_that_makes_them_contact_point(town: DutyTown, time: Time) -> None:
    with pytest.raises(Refused, match="own-succession"):
        await last_day(town, "boris", "berta", time.now + DAY)
    await last_day(town, "britt", "berta", time.now + 9 * DAY)
    with pytest.raises(Refused, match="own-succession"):
        await last_day(town, "boris", "berta", time.now + 8 * DAY)
    await last_day(town, "boris", "berta", time.now + 30 * DAY)
    time.now += 10 * DAY
    await town.groupware.duties.tend()
    assert (await town.point("bb")).holder == town.who("berta")


async def for_a_day(town: DutyTown, time: Time, name: str) -> None:
    """Make somebody contact point beside berta until tomorrow."""
    brief = Grant(town.who(name), Role.CONTACT_POINT, town.bodies["bb"], time.now, time.now + DAY, reason="a test")
    await town.groupware.store.run(lambda tx: roles.grant(tx.connection, brief))


async def test_a_deputy_revokes_nobody_whom_they_would_follow_later(town: DutyTown, time: Time) -> None:
    await for_a_day(town, time, "bruno")
    grant = await town.grant_of("berta", Role.CONTACT_POINT)
    with pytest.raises(Refused, match="own-succession"):
        await town.groupware.duties.revoke(town.caller("boris"), grant, "not needed any more")
    assert await town.holds("berta", Role.CONTACT_POINT, town.bodies["bb"])


async def test_who_arranges_the_places_follows_nobody_by_that_later(town: DutyTown, time: Time) -> None:
    await for_a_day(town, time, "britt")
    point = await town.point("bb")
    wanted = Arrangement(town.bodies["bb"], 0, town.who("britt"), (town.who("boris"),), "UTC", (), point.version)
    with pytest.raises(Refused, match="own-succession"):
        await town.groupware.duties.arrange(town.caller("boris"), wanted)
    assert (await town.point("bb")).holder == town.who("berta")


async def second_contact_point(town: DutyTown) -> Arrangement:
    """boris, who stands in for berta, is contact point beside her by four eyes: what he would make of that."""
    duties, body = town.groupware.duties, town.bodies["bb"]
    number = await duties.propose(town.caller("britt"), town.wanted("boris", Role.CONTACT_POINT, body))
    await duties.approve(town.caller("berta"), number)
    point = await town.point("bb")
    return Arrangement(body, 0, town.who("boris"), (town.who("berta"),), "UTC", (), point.version)


OFF = {"nobody_succeeds_alone": lambda *_: nullcontext()}


@pytest.mark.parametrize(
    ("removed", "refusal"),
    [
        ((), "own-succession"),
        (("_require_holder",), "nobody-administers-self"),
        (("_require_holder", "_touched"), "own-succession"),
        (("_require_holder", "_touched", "nobody_succeeds_alone"), ""),
    ],
)
async def test_a_contact_point_doesnt_make_themselves_the_holder(
    town: DutyTown, removed: tuple[str, ...], refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three guards: by name; by the policies, who arranges designates whose place changes; by who speaks, and when."""
    wanted, boris = await second_contact_point(town), town.caller("boris")
    for guard in removed:
        monkeypatch.setattr(arranging, guard, OFF.get(guard, lambda *_: set()))
    if refusal:
        with pytest.raises((Refused, Forbidden), match=refusal):
            await town.groupware.duties.arrange(boris, wanted)
    else:
        await town.groupware.duties.arrange(boris, wanted)
    holder = (await town.point("bb")).holder
    assert (holder == town.who("boris")) == (not refusal)


async def test_nor_does_their_import(town: DutyTown) -> None:
    boris, people = town.caller("boris"), town.groupware.people
    octets = b"login,last_day\r\nberta,2027-01-16\r\n"
    diff = await people.compare(boris, "", octets)
    assert not diff.faults
    with pytest.raises(Refused, match="own-succession"):
        await people.apply(boris, "", octets, diff.digest)
    assert not await town.holds("boris", Role.CONTACT_POINT, town.bodies["bb"])


async def test_an_admin_of_the_authority_does_not_make_its_contact_point(town: DutyTown) -> None:
    duties, adam, body = town.groupware.duties, town.caller("adam"), town.bodies["aa"]
    for name in ("dean", "clio"):
        await duties.off_board(adam, town.who(name), "gone")
    with pytest.raises(Forbidden, match="nobody-appoints-for-own-body"):
        await duties.appoint(adam, body, town.who("anna"), "act 1")
    number = await duties.appoint_by_operator(town.who("anna"), "act 1")
    await duties.answer_appointment(town.caller("anna"), number, accepted=True)
    assert await town.holds("anna", Role.CONTACT_POINT, body)


@pytest.mark.parametrize("gone", ["left", "lost the role"])
async def test_an_appointment_ends_with_its_appointers_leave(town: DutyTown, gone: str) -> None:
    duties, body = town.groupware.duties, town.bodies["bb"]
    for name in ("berta", "boris"):
        await duties.off_board_by_operator(town.who(name))
    number = await duties.appoint(town.caller("adam"), body, town.who("bruno"), "act 1")
    if gone == "left":
        await duties.off_board_by_operator(town.who("adam"))
    else:
        await duties.revoke(town.caller("clio"), await town.grant_of("adam", Role.DIRECTORY_ADMIN), "misconduct")
    with pytest.raises(Conflict, match="already-decided" if gone == "left" else "appointment-withdrawn"):
        await duties.answer_appointment(town.caller("bruno"), number, accepted=True)
    assert not await town.holds("bruno", Role.CONTACT_POINT, body)
    with pytest.raises(Conflict, match="already-decided"):
        await duties.answer_appointment(town.caller("bruno"), number, accepted=True)


async def offered(town: DutyTown) -> int:
    """adam's duties for anna, by dean, who needs a second word."""
    return await town.groupware.duties.offer(town.caller("dean"), Offer(town.who("adam"), town.who("anna")))


async def state(town: DutyTown, number: int) -> HandOverState:
    return (await town.groupware.store.read(lambda snapshot: hand_overs.get(snapshot.connection, number))).state


async def gone(town: DutyTown, how: str) -> None:
    duties = town.groupware.duties
    if how == "left":
        await duties.off_board_by_operator(town.who("dean"))
    else:
        await duties.revoke(town.caller("clio"), await town.grant_of("dean", Role.DEPUTY), "misconduct")


@pytest.mark.parametrize("how", ["left", "lost the role"])
@pytest.mark.parametrize("first", ["taker", "second"])
async def test_a_forced_hand_over_ends_with_its_proposers_leave(town: DutyTown, how: str, first: str) -> None:
    number, duties = await offered(town), town.groupware.duties
    words = {
        "taker": lambda: duties.take_over(town.caller("anna"), number),
        "second": lambda: duties.confirm_offer(town.caller("clio"), number),
    }
    await words.pop(first)()
    await gone(town, how)
    with pytest.raises(Conflict, match="already-decided" if how == "left" else "hand-over-withdrawn"):
        await next(iter(words.values()))()
    assert await state(town, number) is HandOverState.WITHDRAWN
    assert not await town.holds("anna", Role.DIRECTORY_ADMIN, town.bodies["aa"])


async def test_the_givers_own_word_needs_no_proposer(town: DutyTown) -> None:
    number, duties = await offered(town), town.groupware.duties
    await duties.confirm_offer(town.caller("adam"), number)
    await gone(town, "left")
    assert await duties.take_over(town.caller("anna"), number)
    assert await town.holds("anna", Role.DIRECTORY_ADMIN, town.bodies["aa"])


async def test_what_was_agreed_on_stands_when_its_proposer_leaves(town: DutyTown, time: Time) -> None:
    duties = town.groupware.duties
    offer = Offer(town.who("adam"), town.who("anna"), time.now + DAY)
    number = await duties.offer(town.caller("dean"), offer)
    await duties.take_over(town.caller("anna"), number)
    await duties.confirm_offer(town.caller("clio"), number)
    await gone(town, "left")
    time.now += 2 * DAY
    await duties.tend()
    assert await state(town, number) is HandOverState.DONE
