"""Faults that are none: with them the program does the same. By name, each with its reason."""

EQUIVALENT: dict[str, str] = {
    "policies/decision.py Policies.load: 'utf-8' -> 'utf-8-'": "another name of the same encoding",
    "policies/decision.py Policies.load: 'utf-8' -> 'utf-8-' (2)": "another name of the same encoding",
    "policies/decision.py Policies.visible: 'principal' -> 'principal-'": "the kind of the known side isn't asked for",
    "policies/decision.py _checked: tree.templates or tree.template_links -> tree.templates": "a text holds no links",
    "policies/fragment.py Walk._variable: 'resource' -> 'resource-' (2)": "a name that is only compared",
    "groupware/monitor.py _Known.unit: 0 -> 1": "a unit is always an entity; the other half is for mypy",
    "policies/tree.py _flat: isinstance(part, (All, Any)) and isinstance(part, kind) -> isinstance(part, kind)": (
        "the kind is one of the two; the first half is for mypy"
    ),
    **dict.fromkeys(
        (
            "policies/iconet.cedar unconfirmed-is-its-authors: action moderate -> [list, read, withdraw]",
            "policies/iconet.cedar unconfirmed-is-its-authors: action moderate -> [list, read, withdraw, ask_release]",
        ),
        "what is unconfirmed isn't held, and already-decided refuses; only-published-is-released refuses the other",
    ),
    "policies/iconet.cedar withdrawn-is-gone: action list -> [read, moderate, mark]": (
        "what is withdrawn isn't published: unpublished-is-not-listed and only-published-is-marked refuse"
    ),
}
