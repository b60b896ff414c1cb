"""`fifteen rescue`: lets a person in again whom nobody in the clinic can help, such as its only owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from fifteen.cli.verify import open_clinic, organizations
from fifteen.kernel.errors import AskedWrongly

if TYPE_CHECKING:
    from fifteen.clinic.accounts.models import User


class Rescued(msgspec.Struct, frozen=True):
    """Who was let in: how many failures were forgiven, and whether the second proofs were taken away."""

    login: str
    forgiven: int
    second_factor_reset: bool


@click.command(short_help="Let in again who is locked out for good.")
@click.argument("login", metavar="LOGIN")
@click.option("--second-factor", is_flag=True, help="Their phone, keys and recovery codes are lost: take these away.")
@click.option("--organization", metavar="SLUG", help="Of this one. Default: the only one.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def rescue(login: str, second_factor: bool, organization: str | None, as_json: bool) -> None:
    """Begin every count of wrong proofs of LOGIN anew, on the machine that holds the clinic.

    For the one owner whom no other owner can let in; whoever has the server has the data anyway. The password stays.
    With --second-factor the next log-in sets up a new one, and every session ends. The trail keeps what was done, as
    done on the server.

    \b
    fifteen rescue ana
    fifteen rescue ana --second-factor
    """
    open_clinic()
    done = _rescue(login, second_factor, organization)
    if as_json:
        print(msgspec.json.encode(done).decode())
        return
    print(f"{done.login} can log in again; wrong proofs forgiven: {done.forgiven}.")
    if done.second_factor_reset:
        print("Their sessions are over, and the next log-in sets up a second factor.")


def _rescue(login: str, second_factor: bool, organization: str | None) -> Rescued:
    from django.db import DatabaseError

    from fifteen.clinic.accounts import people_services
    from fifteen.clinic.audit.record import Who, acting_as
    from fifteen.clinic.tenancy.errors import Conflict
    from fifteen.clinic.tenancy.keeper import within

    try:
        found = organizations(organization)
        if len(found) != 1:
            raise AskedWrongly("there are several organizations here; name one with --organization.")
        with within(found[0]), acting_as(Who(role="server")):
            user = _person(login)
            forgiven = people_services.let_in(user)
            if second_factor:
                people_services.reset_second_factor(user, user.version)
    except Conflict:
        raise AskedWrongly(f"{login}: somebody changed this person just now; nothing was done, try again.") from None
    except DatabaseError as error:
        raise AskedWrongly(
            f"the clinic's database cannot be used ({type(error).__name__}); nothing was done, "
            "check FIFTEEN_HOME or FIFTEEN_DATABASE_URL."
        ) from None
    return Rescued(user.login, forgiven, second_factor)


def _person(login: str) -> User:
    from fifteen.clinic.accounts.access import people
    from fifteen.clinic.accounts.login_access import login_of

    for each in people():
        if each.user.login == login_of(login):
            if not each.user.active:
                raise AskedWrongly(f"{login} is switched off; an owner switches people on, on the page People.")
            return each.user
    raise AskedWrongly(f"nobody logs in here as {login!r}; check how the log-in is written.")
