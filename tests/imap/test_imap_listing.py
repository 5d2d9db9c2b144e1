"""What LIST tells of folders, and of the level above the rooms' that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from imap_world import World

pytestmark = pytest.mark.anyio
OWN = {"INBOX", "Drafts", "Sent", "Trash"}
LEVEL = b'* LIST (\\NonExistent \\Noselect \\HasChildren) "/" "Areas"'


def named(lines: list[bytes]) -> set[str]:
    return {line.rsplit(b" ", 1)[1].decode().strip('"') for line in lines if line.startswith((b"* LIST", b"* LSUB"))}


@pytest.mark.parametrize(
    "command", ['LIST "" "*"', 'LSUB "" "*"', 'LIST (SUBSCRIBED) "" "*"', 'LIST "" ("%" "Areas/%")']
)
async def test_all_that_is_listed_can_be_selected(world: World, command: str) -> None:
    client = await world.line_client("anna")
    found = named(await client.ask(command))
    assert found == OWN | {"Areas/return"}
    for name in found:
        assert (await client.ask(f"SELECT {name}"))[-1].split()[1] == b"OK", name


async def test_a_client_finds_the_rooms_level_by_level(world: World) -> None:
    client = await world.line_client("anna")
    top = await client.ask('LIST "" "%"')
    assert named(top) == OWN | {"Areas"}
    assert LEVEL in top
    assert named(await client.ask('LIST "" "Areas/%"')) == {"Areas/return"}
    assert named(await client.ask('LIST "Areas/" "%"')) == {"Areas/return"}
    assert (await client.ask('LIST "" "Areas"'))[0] == LEVEL
    assert named(await client.ask('LSUB "" "%"')) == OWN | {"Areas"}
    assert named(await client.ask('LIST (SUBSCRIBED) "" "%"')) == OWN
    assert (await client.ask("SELECT Areas"))[-1].split()[1] == b"NO"


async def test_a_pattern_of_stars_within_a_name_is_no_percent(world: World) -> None:
    client = await world.line_client("anna")
    assert named(await client.ask('LIST "" "Are*"')) == {"Areas/return"}
