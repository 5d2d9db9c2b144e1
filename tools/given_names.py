"""Writes the words by which lists of people are told from lists of places: names given to people, names of countries.

The first come from Faker's lists (MIT), by languages met here; the second from phonenumbers' (Apache 2.0). Both take
seconds to load where they come from, and some milliseconds from these files.
"""

import importlib
from pathlib import Path

from phonenumbers.geodata.locale import LOCALE_DATA

LOCALES = (
    "bg_BG",
    "cs_CZ",
    "da_DK",
    "de_AT",
    "de_CH",
    "de_DE",
    "de_LU",
    "el_GR",
    "en_GB",
    "en_IE",
    "es_ES",
    "et_EE",
    "fi_FI",
    "fr_BE",
    "fr_CH",
    "fr_FR",
    "ga_IE",
    "hr_HR",
    "hu_HU",
    "is_IS",
    "it_IT",
    "lt_LT",
    "lv_LV",
    "nl_BE",
    "nl_NL",
    "no_NO",
    "pl_PL",
    "pt_PT",
    "ro_RO",
    "sk_SK",
    "sl_SI",
    "sv_SE",
    "ar_AA",
    "ar_PS",
    "ar_SA",
    "fa_IR",
    "tr_TR",
    "uk_UA",
    "ru_RU",
    "hy_AM",
    "ka_GE",
    "en_NG",
    "en_KE",
    "en_PK",
    "ha_NG",
    "yo_NG",
    "ig_NG",
    "sw",
    "hi_IN",
    "bn_BD",
    "vi_VN",
    "fr_DZ",
    "uz_UZ",
    "az_AZ",
    "mk_MK",
)
FOLDER = Path(__file__).parents[1] / "groupware" / "personal_data"
SHORTEST = 2


def names(locale: str) -> set[str]:
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lists = [getattr(provider, name) for name in dir(provider) if name.startswith("first_name")]
    found = {str(name).lower().strip() for each in lists if isinstance(each, (tuple, list, dict)) for name in each}
    return {name for name in found if len(name) >= SHORTEST and " " not in name}


def countries() -> set[str]:
    return {name.lower() for by_language in LOCALE_DATA.values() for name in by_language.values() if name[0] != "*"}


def write(name: str, words: set[str]) -> None:
    (FOLDER / name).write_text("\n".join(sorted(words)), encoding="utf-8")


if __name__ == "__main__":
    write("given_names.txt", set().union(*map(names, LOCALES)))
    write("countries.txt", countries())
