"""Results that more than one operation ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import message
from connectors.ldap.codes import Code

if TYPE_CHECKING:
    from connectors.ldap.codes import Op
    from connectors.ldap.naming import Tree


def unsigned(tag: Op) -> bytes:
    """Whoever hasn't signed in sees nothing but the root DSE, whatever they name."""
    return message.result(tag, Code.INSUFFICIENT_ACCESS_RIGHTS, "Bind with a name and an app password first")


def no_such_object(tag: Op, tree: Tree, name: str) -> bytes:
    """The same for what is absent and for what may not be seen."""
    return message.result(tag, Code.NO_SUCH_OBJECT, matched=tree.base if tree.within(name) else "")
