"""What a store is opened with: its keys, from a folder that isn't where the store is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import sealed_periods
from groupware.errors import StoreFailed
from groupware.sealing.keys import KeyFolder
from groupware.sealing.seals import OFF, Seals

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.house_rules import KeyRules
    from groupware.store import Store


def seals_for(rules: KeyRules | None, directory: Path) -> Seals:
    """The keys that the rules name. Raises StoreFailed for a folder that would be lost, or copied, with the data."""
    if rules is None or rules.folder is None:
        return OFF
    folder, data = rules.folder.resolve(), directory.resolve()
    if folder == data or data in folder.parents or folder in data.parents:
        raise StoreFailed(f"{folder}: keys lie outside of the data directory, and it outside of them")
    keys = KeyFolder(folder)
    keys.begin()
    return Seals(keys, rules.sealing)


async def require_keys(store: Store) -> None:
    """Raise StoreFailed where something is sealed and no key folder is set: nothing could be read."""
    if not store.seals.used and await store.read(sealed_periods.any_sealed):
        raise StoreFailed(
            f"{store.directory}: its bytes are sealed; set secrecy.keys to its key folder "
            "(with seal = false all is opened again, and then the setting can go)"
        )
