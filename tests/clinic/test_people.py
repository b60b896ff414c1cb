"""People and roles: invited, accepted, given another role, switched off, and the last owner who stays."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from fifteen.__about__ import __version__
from fifteen.clinic import vault
from fifteen.clinic.accounts import access, people_services, sessions
from fifteen.clinic.accounts.matrix import matrix
from fifteen.clinic.accounts.models import Attempt, Authenticator, Invitation, Session, User
from fifteen.clinic.accounts.people_services import Changed, Refused
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.tenancy import clock, services
from fifteen.clinic.tenancy.models import Organization, Site
from tests.clinic.conftest import NOON, PASSWORD, as_organization, log_in, make_user

pytestmark = pytest.mark.django_db


def state_of(user: User) -> str:
    with as_organization(user.organization_id):
        found = access.person(user.id)
        assert found is not None
        return found.state


def give_proof(user: User) -> None:
    with as_organization(user.organization_id):
        Authenticator(user=user, kind="totp", secret=b"x", made=NOON).save(force_insert=True)


def invite(organization: Organization, login: str = "ben") -> tuple[User, str]:
    with as_organization(organization.id):
        return people_services.invite("Ben Brook", login, "assistant", "OT")


def events(organization: Organization) -> list[Event]:
    with as_organization(organization.id):
        return list(Event.objects.order_by("id"))


def test_an_invitation_opens_once_and_only_the_hash_of_its_link_is_kept(north: Organization) -> None:
    user, token = invite(north)
    assert (user.password, state_of(user)) == ("", "invited")
    with as_organization(north.id):
        assert [each.token for each in Invitation.objects.all()] == [sessions.hashed(token)]
    with transaction.atomic():
        assert people_services.accept("another", PASSWORD) is None
    with transaction.atomic():
        accepted = people_services.accept(token, PASSWORD)
    assert accepted is not None
    assert accepted.id == user.id
    assert accepted.password not in ("", PASSWORD)
    assert state_of(user) == "no_second"
    with transaction.atomic():
        assert people_services.accept(token, "another one altogether") is None


def test_an_invitation_runs_out_after_72_hours(north: Organization) -> None:
    user, token = invite(north)
    with clock.at(NOON + timedelta(hours=72)):
        with transaction.atomic():
            assert people_services.accept(token, PASSWORD) is None
        assert state_of(user) == "expired"


def test_a_second_invitation_ends_the_first(north: Organization) -> None:
    user, first = invite(north)
    with as_organization(north.id):
        second = people_services.invite_again(user)
    with transaction.atomic():
        assert people_services.accept(first, PASSWORD) is None
    with transaction.atomic():
        assert people_services.accept(second, PASSWORD) is not None
    with as_organization(north.id), pytest.raises(Refused, match="not_invited"):
        people_services.invite_again(User.objects.get(id=user.id))


def test_who_is_switched_off_accepts_nothing(north: Organization) -> None:
    user, token = invite(north)
    with as_organization(north.id):
        people_services.switch_off(user, 1)
    with transaction.atomic():
        assert people_services.accept(token, PASSWORD) is None
    assert state_of(user) == "off"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": " "}, "name"),
        ({"name": "Ben\x00"}, "name"),
        ({"login": "b b"}, "login"),
        ({"login": "OLGA "}, "login_taken"),
        ({"login": "ｏlga"}, "login_taken"),  # a wide o
        ({"role": "king"}, "role"),
        ({"discipline": ""}, "discipline"),
        ({"role": "biller", "discipline": "MD"}, "discipline"),
        ({"name": "", "login": ""}, "several"),
    ],
)
def test_what_cannot_be_invited(fields: dict[str, str], reason: str, owner: User) -> None:
    given = {"name": "Ben", "login": "ben", "role": "therapist", "discipline": "PT", **fields}
    with as_organization(owner.organization_id), pytest.raises(Refused) as caught:
        people_services.invite(**given)
    assert caught.value.reason == reason
    with as_organization(owner.organization_id):
        assert User.objects.count() == 1


def test_another_role_ends_every_session(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    with as_organization(therapist.organization_id):
        changed = people_services.change_role(therapist, "biller", "", 1)
    assert (changed.role, changed.version) == ("biller", 2)
    assert client.get("/home").headers["Location"].startswith("/login")


def test_of_two_changes_from_one_page_the_second_is_told(therapist: User) -> None:
    with as_organization(therapist.organization_id):
        people_services.change_role(User.objects.get(id=therapist.id), "biller", "", 1)
    with as_organization(therapist.organization_id), pytest.raises(Changed):
        people_services.change_role(therapist, "compliance", "", 1)
    with as_organization(therapist.organization_id):
        assert User.objects.get(id=therapist.id).role == "biller"


def test_the_last_owner_stays(owner: User, north: Organization) -> None:
    with as_organization(north.id):
        people_services.invite("Second", "second", "owner")  # has not accepted: cannot log in, so does not count
    for change in (
        lambda: people_services.switch_off(owner, 1),
        lambda: people_services.change_role(owner, "biller", "", 1),
    ):
        with as_organization(north.id), pytest.raises(Refused, match="last_owner"):
            change()
    make_user(north, "oskar", "owner")
    with as_organization(north.id):
        assert people_services.switch_off(owner, 1).active is False


def test_nobody_is_removed_and_who_is_back_has_what_they_had(client: Client, therapist: User) -> None:
    log_in(client, therapist)
    with as_organization(therapist.organization_id):
        off = people_services.switch_off(therapist, 1)
        assert Session.objects.filter(ended=None).count() == 0
        back = people_services.switch_on(off, 2)
    assert (back.active, back.password) == (True, therapist.password)


def test_a_second_factor_is_reset_by_another_owner(owner: User, therapist: User) -> None:
    give_proof(therapist)
    assert state_of(therapist) == "active"
    me = Who(actor=owner.id, role="owner")
    with as_organization(owner.organization_id), acting_as(me):
        people_services.reset_second_factor(therapist, 1)
        with pytest.raises(Refused, match="own_second"):
            people_services.reset_second_factor(owner, 1)
    assert state_of(therapist) == "no_second"


def test_five_failures_show_as_locked_out(therapist: User) -> None:
    give_proof(therapist)
    key = vault.lookup(therapist.login, kind="login")
    with as_organization(therapist.organization_id):
        for minute in range(5):
            at = NOON - timedelta(minutes=5 - minute)
            Attempt(kind="password", login=key, address="127.0.0.1", good=False, at=at).save()
        Attempt(
            kind="totp", login=key, address="127.0.0.1", good=True, at=NOON
        ).save()  # of another kind: opens nothing
    assert state_of(therapist) == "locked_out"
    with clock.at(NOON + timedelta(minutes=15)):
        assert state_of(therapist) == "active"


def test_every_change_is_in_the_trail_and_no_name_is(owner: User, north: Organization) -> None:
    with as_organization(north.id), acting_as(Who(actor=owner.id, role="owner")):
        user, token = people_services.invite("Ben Brook", "ben.brook", "student", "PT")
        token = people_services.invite_again(user)
        assert people_services.accept(token, PASSWORD)
        people_services.change_role(user, "therapist", "PT", 2)
        people_services.reset_second_factor(user, 3)
        people_services.switch_off(user, 4)
        people_services.switch_on(user, 5)
    found = events(north)
    assert [each.action.removeprefix("person.") for each in found] == [
        "invited", "invited", "accepted", "role", "second_reset", "off", "on",
    ]  # fmt: skip
    assert {each.object for each in found} == {user.id}
    assert found[2].actor == user.id
    assert (found[3].detail["role_before"], found[3].detail["role_given"]) == ("student", "therapist")
    said = repr([vars(each) for each in found])
    assert not [word for word in ("Ben", "ben.brook", token, PASSWORD) if word in said]


def test_another_organization_has_no_such_person(south: Organization, therapist: User) -> None:
    with as_organization(south.id):
        assert access.person(therapist.id) is None
        assert access.people() == []


# -- pages -----------------------------------------------------------------------------------------------------------


def text(response: HttpResponse) -> str:
    return " ".join(unescape(response.content.decode()).split())


def test_an_owner_invites_and_sees_the_link_once(client: Client, owner: User, north: Organization) -> None:
    log_in(client, owner)
    typed = {"name": "Ben Brook", "login": "Ben.Brook@example.org", "role": "therapist", "discipline": "PT"}
    response = client.post("/people/new", typed)
    link = re.search(r'value="http://testserver/invited/([\w-]{43})"', response.content.decode())
    assert link is not None
    with transaction.atomic():
        user = people_services.accept(link[1], PASSWORD)
    assert user is not None
    assert user.login == "ben.brook@example.org"
    assert link[1] not in client.get("/people").content.decode() + client.get(f"/people/{user.id}").content.decode()


def test_a_form_that_is_refused_keeps_what_was_typed_and_marks_where(client: Client, owner: User) -> None:
    log_in(client, owner)
    typed = {"name": "Ben Brook", "login": "no spaces here", "role": "therapist", "discipline": ""}
    response = client.post("/people/new", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="Ben Brook"' in page
    assert 'value="no spaces here"' in page
    assert 'aria-describedby="f-login-error f-login-hint"' in page
    assert response.headers["Cache-Control"] == "no-store"


def test_pages_change_a_person_and_say_what_was_done(client: Client, owner: User, therapist: User) -> None:
    log_in(client, owner)
    address = f"/people/{therapist.id}/change"
    for sent, version in (("role", 1), ("second", 2), ("off", 3), ("on", 4)):
        given = {"do": sent, "version": version, "role": "assistant", "discipline": "OT"}
        response = client.post(address, given)
        assert (response.status_code, response.headers["Location"]) == (302, f"/people/{therapist.id}?done={sent}")
        assert 'class="alert good"' in client.get(response.headers["Location"]).content.decode()
    with as_organization(owner.organization_id):
        found = User.objects.get(id=therapist.id)
    assert (found.role, found.discipline, found.active, found.version) == ("assistant", "OT", True, 5)


def test_an_old_page_changes_nothing_and_says_so(client: Client, owner: User, therapist: User) -> None:
    log_in(client, owner)
    for version in ("2", "", "x", "-1", "99999999999"):
        response = client.post(f"/people/{therapist.id}/change", {"do": "off", "version": version})
        assert response.status_code == 409
        assert "Nothing of yours was stored" in text(response)
    with as_organization(owner.organization_id):
        assert User.objects.get(id=therapist.id).active


def test_a_form_carries_the_version_and_the_frame_its_release(client: Client, owner: User, therapist: User) -> None:
    log_in(client, owner)
    page = client.get(f"/people/{therapist.id}/change").content.decode()
    assert 'name="version" value="1"' in page
    assert f'data-release="{__version__}"' in page


def test_the_last_owner_is_told_why(client: Client, owner: User) -> None:
    log_in(client, owner)
    response = client.post(f"/people/{owner.id}/change", {"do": "off", "version": 1})
    assert response.status_code == 422
    assert "This is the last owner who can log in. Nothing was changed." in text(response)
    assert client.post(f"/people/{owner.id}/change", {"do": "sing", "version": 1}).status_code == 422
    assert client.get("/people").status_code == 200


@pytest.mark.parametrize("role", list(matrix().roles))
def test_only_roles_of_the_matrix_see_and_change_people(role: str, client: Client, north: Organization) -> None:
    user = make_user(north, "rob", role)
    other = make_user(north, "ott", "biller")
    log_in(client, user)
    sees, changes = matrix().allows(role, "people.read"), matrix().allows(role, "people.write")
    assert client.get("/people").status_code == (200 if sees else 403)
    assert client.get(f"/people/{other.id}").status_code == (200 if sees else 403)
    for address in ("/people/new", f"/people/{other.id}/change"):
        assert client.get(address).status_code == (200 if changes else 403)
    response = client.post(f"/people/{other.id}/change", {"do": "off", "version": 1})
    assert response.status_code == (302 if changes else 403)
    with as_organization(north.id):
        assert User.objects.get(id=other.id).active is not changes


def test_forms_ask_for_a_fresh_proof_and_come_back(client: Client, owner: User, therapist: User) -> None:
    log_in(client, owner, proved=NOON - timedelta(minutes=6))
    assert client.get(f"/people/{therapist.id}").status_code == 200
    found = client.get(f"/people/{therapist.id}/change").headers["Location"]
    assert found == f"/prove?next=%2Fpeople%2F{therapist.id}%2Fchange"
    asked = client.post(f"/people/{therapist.id}/change", {"do": "off", "version": 1, "password": "never shown"})
    assert asked.status_code == 401
    assert '<textarea name="do" hidden>off</textarea>' in text(asked)  # what was typed can be sent again
    assert "never shown" not in text(asked)
    with as_organization(owner.organization_id):
        assert User.objects.get(id=therapist.id).active


def test_a_person_of_another_organization_is_not_there(client: Client, owner: User, south: Organization) -> None:
    other = make_user(south, "sue", "owner")
    log_in(client, owner)
    for address in (f"/people/{other.id}", f"/people/{other.id}/change", "/people/nobody"):
        assert client.get(address).status_code == 404
    assert client.post(f"/people/{other.id}/change", {"do": "off", "version": 1}).status_code == 404
    assert "Sue" not in client.get("/people").content.decode()


def test_the_matrix_is_shown_whole(client: Client, owner: User) -> None:
    log_in(client, owner)
    page = client.get("/people").content.decode()
    shown = page[page.index('class="matrix"') :]
    assert shown.count('<span class="vh">yes</span>') == sum(len(each.roles) for each in matrix().actions.values())
    assert shown.count('scope="row"') == len(matrix().actions)
    assert shown.count("asks for a fresh proof") == sum(each.fresh for each in matrix().actions.values())


def test_names_are_text_and_never_markup(client: Client, owner: User, north: Organization) -> None:
    with as_organization(north.id):
        people_services.invite("<script>alert(1)</script>", "bad", "biller")
    log_in(client, owner)
    page = client.get("/people").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_first_list_is_red_until_it_is_true_and_then_gone(client: Client, owner: User, north: Organization) -> None:
    log_in(client, owner)
    assert "3 of 3 things are still open" in text(client.get("/home"))
    second = make_user(north, "oskar", "owner")
    with as_organization(north.id):
        services.add_site("Main Street", "America/Chicago")
    assert "1 of 3 things is still open" in text(client.get("/home"))
    give_proof(owner)
    give_proof(second)
    assert "Before the first patient" not in text(client.get("/home"))


# -- sites -----------------------------------------------------------------------------------------------------------


def test_sites_are_added_and_changed_with_a_zone_of_the_list(client: Client, owner: User) -> None:
    log_in(client, owner)
    assert "No site yet" in text(client.get("/sites"))
    assert client.post("/sites/new", {"name": " Main  Street ", "zone": "America/Chicago"}).status_code == 302
    with as_organization(owner.organization_id):
        site = Site.objects.get()
    assert (site.name, site.zone) == ("Main Street", "America/Chicago")
    given = {"name": "Main", "zone": "America/Phoenix", "name_before": "Main Street", "zone_before": "America/Chicago"}
    assert client.post(f"/sites/{site.id}", given).headers["Location"] == "/sites?done=changed"
    late = client.post(f"/sites/{site.id}", {**given, "name": "Late"})
    assert late.status_code == 409
    assert 'value="Late"' in late.content.decode()
    with as_organization(owner.organization_id):
        assert Site.objects.get().zone == "America/Phoenix"
        found = list(Event.objects.order_by("id"))
    assert [each.action for each in found] == ["site.added", "site.changed"]
    assert found[1].detail["fields"] == ["name", "zone"]
    assert "Main" not in repr([vars(each) for each in found])


@pytest.mark.parametrize(
    ("name", "zone", "said"),
    [
        ("", "America/Chicago", "Write the name"),
        ("main street", "America/Chicago", "Another site already has this name"),
        ("East", "America/Atlantis", "Choose a time zone"),
        ("East", "../../etc/passwd", "Choose a time zone"),
        ("East", "EST", "Choose a time zone"),
    ],
)
def test_what_cannot_be_a_site(name: str, zone: str, said: str, client: Client, owner: User) -> None:
    with as_organization(owner.organization_id):
        services.add_site("Main Street", "America/Chicago")
    log_in(client, owner)
    response = client.post("/sites/new", {"name": name, "zone": zone})
    assert response.status_code == 422
    assert said in text(response)
    with as_organization(owner.organization_id):
        assert Site.objects.count() == 1


def test_a_site_of_another_organization_is_not_there(client: Client, owner: User, south: Organization) -> None:
    with as_organization(south.id):
        site = services.add_site("South", "America/Chicago")
    log_in(client, owner)
    assert client.get(f"/sites/{site.id}").status_code == 404
    assert client.post(f"/sites/{site.id}", {"name": "Mine", "zone": "America/Chicago"}).status_code == 404


def test_what_fails_is_taken_back_and_said_calmly(
    client: Client, owner: User, therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("the trail cannot be written")

    monkeypatch.setattr(people_services, "record", fails)
    client.raise_request_exception = False
    log_in(client, owner)
    response = client.post(f"/people/{therapist.id}/change", {"do": "off", "version": 1})
    assert response.status_code == 500
    assert "nothing is half done" in text(response)
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    with as_organization(owner.organization_id):
        assert User.objects.get(id=therapist.id).active
