"""Of whom a row speaks: patients, people, sites and payers by what a file calls them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from fifteen.clinic.accounts.access import people
from fifteen.clinic.accounts.models import User
from fifteen.clinic.payers import access as payers
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.payers.services import add_payer
from fifteen.clinic.people import access
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy.access import sites
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.tenancy.models import Site

Tokens = frozenset[str]


def tokens(name: str) -> Tokens:
    """The words of a name without case, order, dots and commas: `Stone, Ada M.` and `Ada M Stone` are the same."""
    return frozenset("".join(each if each.isalnum() or each in "'-" else " " for each in name.casefold()).split())


def name_of(values: dict[str, Any]) -> str:
    """The name that a row says: whole, or put together from its parts."""
    if "last" in values:
        return " ".join(values[each] for each in ("first", "middle", "last") if each in values)
    return str(values.get("name", ""))


class _Known(msgspec.Struct, frozen=True):
    name: Tokens
    born: date | None
    key: str

    def resembles(self, name: Tokens) -> bool:
        """Are two words the same, or is one name a part of the other?"""
        return len(self.name & name) >= 2 or self.name < name or name < self.name


class Patients:
    """The patients that there are, looked through once and kept up to date while a file goes in."""

    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = defaultdict(list)
        self._born: dict[date | None, list[str]] = defaultdict(list)
        self._named: dict[Tokens, list[str]] = defaultdict(list)
        self._of: dict[str, _Known] = {}
        for row in access.patients().values_list("id", "name", "born", "identifier_key"):
            self._add(*row)

    def _add(self, id: str, name: str, born: date | None, key: str) -> None:
        found = self._of[id] = _Known(tokens(name), born, key)
        self._born[born].append(id)
        self._named[found.name].append(id)
        if key:
            self._keys[key].append(id)

    def add(self, patient: Patient) -> None:
        """A patient who came in just now, or has an identifier now."""
        if patient.id in self._of:
            self.drop(patient.id)
        self._add(patient.id, patient.name, patient.born, patient.identifier_key)

    def drop(self, id: str) -> None:
        """One who came in and was taken back."""
        found = self._of.pop(id)
        self._born[found.born].remove(id)
        self._named[found.name].remove(id)
        if found.key:
            self._keys[found.key].remove(id)

    def find(self, values: dict[str, Any]) -> str | None:
        """The id of the patient a row speaks of; None: nobody here. `Refused` where it could be several, or another.

        By identifier; where the row or the record has none, by name and day of birth together.
        """
        name, born = tokens(name_of(values)), values.get("born")
        key = access.identifier_key(values["identifier"]) if "identifier" in values else ""
        if key and (found := self._by_key(key, values["identifier"])):
            return self._agrees(found, name, born)
        same = [id for id in self._named.get(name, ()) if self._may_be(id, key)]
        if born is None and same:
            raise Refused(
                _("Somebody of this name is here; without a day of birth or an identifier it may be another.")
            )
        exact = [id for id in same if self._of[id].born == born]
        if len(exact) > 1:
            raise Refused(_("Several patients here have this name and day of birth; give the identifier."))
        if exact:
            return exact[0]
        if born is not None and any(self._of[id].born is None for id in same):
            raise Refused(_("Somebody of this name is here without a day of birth; complete that record first."))
        if born is not None and any(self._of[id].resembles(name) for id in self._born[born] if self._may_be(id, key)):
            raise Refused(
                _("A patient born on the same day has a similar name here; give the identifier, or register by hand.")
            )
        return None

    def _may_be(self, id: str, key: str) -> bool:
        """Two identifiers that differ are of two people."""
        return not (key and self._of[id].key)

    def _by_key(self, key: str, identifier: str) -> list[str]:
        """Whose identifier it is; of merged records the one that they are read under."""
        return self._keys.get(key) or sorted({access.head(each).id for each in access.by_identifier(identifier)})

    def _agrees(self, found: list[str], name: Tokens, born: date | None) -> str:
        if len(found) > 1:
            raise Refused(_("Several patients here have this identifier; correct that first."))
        known = self._of[found[0]]
        if born is not None and known.born is not None and born != known.born:
            raise Refused(_("The identifier is that of a patient with another day of birth; look at both."))
        if name and not name & known.name:
            raise Refused(_("The identifier is that of a patient with another name; look at both."))
        return found[0]

    def need(self, values: dict[str, Any]) -> Patient:
        """The patient a row speaks of; `Refused` where there is none."""
        found = self.find(values)
        if found is None:
            raise Refused(
                _("No patient here has this identifier, or this name and day of birth; import patients first.")
            )
        return access.patient(found)


class Others:
    """People, sites and payers by the names that a file uses; `made` counts payers that were not known."""

    def __init__(self, site: str = "") -> None:
        self._people: dict[Any, list[User]] = defaultdict(list)
        for each in people():
            for name in {tokens(each.user.name), each.user.login.casefold(), each.user.npi} - {"", frozenset()}:
                self._people[name].append(each.user)
        self._sites: dict[str, Site] = {}
        self._all = list(sites())
        for where in self._all:
            self._sites[_plain(where.name)] = where
        self._site = site
        self._payers: dict[str, list[Payer]] = defaultdict(list)
        for payer in payers.payers():
            self._payers[_plain(payer.name)].append(payer)

    def person(self, values: dict[str, Any]) -> User | None:
        """Who is meant, by name, log-in or NPI; None where the row names nobody. `Refused` where nobody here is."""
        said = values.get("therapist", "")
        if not said:
            return None
        bare = said.split(",")  # Ana Alvarez, PT, DPT; and Alvarez, Ana
        ways = [said.casefold(), said, tokens(said), tokens(bare[0]), tokens(" ".join(bare[:2]))]
        for way in ways:
            if found := self._people.get(way, []):
                if len(found) == 1:
                    return found[0]
                raise Refused(_("Several people here are called so; name the therapist by log-in or NPI."))
        raise NobodyHere(_("The therapist is not among the people here; invite them first, or write their log-in."))

    def site(self, values: dict[str, Any]) -> Site:
        """Where it was: the site of the row, else the one that was chosen, else the only one."""
        if "site" in values:
            found = self._sites.get(_plain(values["site"]))
            if found is None:
                raise Refused(
                    _("No site here has this name; add it first, or write the name as it stands under Sites.")
                )
            return found
        for each in self._all:
            if each.id == self._site or (not self._site and len(self._all) == 1):
                return each
        raise Refused(_("It does not say at which site; choose one for the rows that say none."))

    def payer(self, name: str) -> tuple[Payer, bool]:
        """The payer of this name, made without rules where there is none, and whether it was."""
        found = self._payers[_plain(name)]
        if len(found) > 1:
            raise Refused(_("Several payers here have this name; tell them apart first."))
        if found:
            return found[0], False
        found.append(add_payer(name))
        return found[0], True

    def drop_payer(self, name: str) -> None:
        """One that was made and taken back."""
        self._payers.pop(_plain(name), None)


class NobodyHere(Refused):
    """The person is none of those who are here."""


def _plain(name: str) -> str:
    return " ".join("".join(each if each.isalnum() else " " for each in name.casefold()).split())
