"""National identity numbers of the network's states, as far as python-stdnum knows how their check digits are made.

A number of letters and digits is taken by its form; one of digits alone needs a word before it, or a date in it and
its usual hyphen: one in eleven numbers of a file would pass otherwise. Cyprus, Hungary, Liechtenstein, Luxembourg and
Malta aren't known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.ch import ssn
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.si import emso

from groupware.personal_data.context import pattern
from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_REACH = 60


@dataclass(frozen=True, slots=True)
class _Number:
    """A state's number: the check that it keeps, the words that announce it, and its form if that alone tells it."""

    state: str
    keeps: Callable[[str], bool]
    announced: tuple[str, ...] = ()
    form: str = ""


_NUMBERS = (
    _Number("AT", vnr.is_valid, ("sv-nummer", "sv-nr", "svnr", "sozialversicherung", "versicherungsnummer", "e-card")),
    _Number(
        "BE",
        nn.is_valid,
        ("rijksregister", "registre national", "numéro national", "nationaal nummer", "niss", "insz"),
        r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}",
    ),
    _Number("BG", egn.is_valid, ("егн", "egn", "единен граждански")),
    _Number("CH", ssn.is_valid, form=r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}"),
    _Number("CZ", rc.is_valid, ("rodné číslo", "rodného čísla", "rodne cislo", "r. č.", "r.č."), r"\d{6}/\d{3,4}"),
    _Number(
        "DE",
        idnr.is_valid,
        ("steuer-id", "steueridentifikation", "steuer-identifikation", "idnr", "identifikationsnummer"),
    ),
    _Number("DK", cpr.is_valid, ("cpr", "personnummer")),
    _Number("EE", ik.is_valid, ("isikukood", "personal code")),
    _Number("ES", dni.is_valid, form=r"\d{2}\.?\d{3}\.?\d{3}[ -]?[A-Z]"),
    _Number("ES", nie.is_valid, form=r"[XYZ][ -]?\d{7}[ -]?[A-Z]"),
    _Number("FI", hetu.is_valid, form=r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"),
    _Number("FR", nir.is_valid, form=r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"),
    _Number("GR", amka.is_valid, ("αμκα", "amka")),
    _Number("HR", oib.is_valid, ("oib",)),
    _Number("IE", pps.is_valid, ("pps", "upsp", "uimhir psp")),
    _Number("IS", kennitala.is_valid, ("kennital", "kt.")),
    _Number("IT", codicefiscale.is_valid, form=r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"),
    _Number("LT", asmens.is_valid, ("asmens kod", "a. k.", "personal code")),
    _Number("LV", pvn.is_valid, ("personas kod", "p. k."), r"\d{6}-\d{5}"),
    _Number("NL", bsn.is_valid, ("bsn", "burgerservice", "sofinummer")),
    _Number("NO", fodselsnummer.is_valid, ("fødselsn", "personnummer", "d-nummer")),
    _Number("PL", pesel.is_valid, ("pesel",)),
    _Number("PT", nif.is_valid, ("nif", "contribuinte")),
    _Number("RO", cnp.is_valid, ("cnp", "cod numeric", "codul numeric")),
    _Number("SE", personnummer.is_valid, ("personnummer", "samordningsnummer"), r"(?:19|20)?\d{6}[-+]\d{4}"),
    _Number("SI", emso.is_valid, ("emšo", "emso")),
)
_EDGE, _END = r"(?<![\w/.-])", r"(?![\w/]|[.-]\w)"
_FORMS = [(number, re.compile(_EDGE + number.form + _END)) for number in _NUMBERS if number.form]
_ANNOUNCED = {word: number for number in _NUMBERS for word in number.announced}
_SHARED = [number for number in _NUMBERS if number.announced]
_WORD = pattern(_ANNOUNCED)
_DIGITS = re.compile(_EDGE + r"[0-9](?:[ \u00a0./-]?[0-9]){6,14}[A-W]{0,2}" + _END)


def find(text: str) -> Iterator[Finding | None]:
    """Each number that keeps its state's check digits, by its form or by a word before it."""
    for number, form in _FORMS:
        for found in form.finditer(text):
            yield _finding(number, found) if number.keeps(found[0]) else None
    for found in _DIGITS.finditer(text):
        yield _announced(text, found)


def _announced(text: str, found: re.Match[str]) -> Finding | None:
    said = {word[0].lower() for word in _WORD.finditer(text, max(0, found.start() - _REACH), found.start())}
    fits = (each for each in _SHARED if said.intersection(each.announced) and each.keeps(found[0]))
    return next((_finding(each, found) for each in fits), None)


def _finding(number: _Number, found: re.Match[str]) -> Finding:
    return Finding(Kind.IDENTITY_NUMBER, *found.span(), f"check digits of a national number ({number.state})")
