"""Who pays, what payers said, who sent a patient, what was agreed to: stored, recorded, refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.payers import access as payers_access
from fifteen.clinic.payers import services as payers
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Coverage, Patient
from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from tests.clinic.chart import DAY
from tests.clinic.conftest import as_organization

pytestmark = pytest.mark.django_db
MEMBER = "1EG4-TE5-MK73"


@pytest.fixture
def ana(therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


@pytest.fixture
def ada(ana: User) -> Patient:
    return services.register("Ada")


@pytest.fixture
def payer(ana: User) -> Payer:
    return payers.add_payer("Medicare", policy="medicare")


def test_a_members_number_is_sealed_and_not_in_the_trail(ada: Patient, payer: Payer) -> None:
    row = services.add_coverage(ada, payer, member=MEMBER)
    found = access.coverage(row.id)
    assert access.member_of(found) == MEMBER
    assert MEMBER.encode() not in bytes(found.member or b"")
    assert found.member_key == access.member_key("1eg4te5mk73") != access.identifier_key(MEMBER)
    changed = services.change_coverage(found, 1, member="", rank=2)
    assert access.member_of(access.coverage(changed.id)) == ""
    assert MEMBER not in str([each.detail for each in Event.objects.all()])
    with pytest.raises(Conflict):
        services.change_coverage(found, 1, rank=3)


def test_coverages_in_order_and_in_force(ada: Patient, payer: Payer) -> None:
    second = services.add_coverage(ada, payer, rank=2, starts=DAY)
    first = services.add_coverage(ada, payer, rank=1)
    ended = services.end_coverage(
        services.add_coverage(ada, payer, starts=date(2025, 1, 1)), 1, DAY - timedelta(days=1)
    )
    assert [each.id for each in access.coverages(ada, DAY)] == [first.id, second.id]
    assert {each.id for each in access.coverages(ada)} == {first.id, second.id, ended.id}


@pytest.mark.parametrize(
    "wrong",
    [{"rank": 0}, {"rank": 10}, {"relation": "cat"}, {"starts": DAY, "ends": date(2026, 3, 1)}, {"plan": "x" * 121}],
)
def test_a_coverage_that_cannot_be(ada: Patient, payer: Payer, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        services.add_coverage(ada, payer, **wrong)
    assert not Coverage.objects.exists()


def test_what_a_payer_said_only_grows(ada: Patient, ana: User) -> None:
    for cents in (10_000, 20_000):
        services.say_accrued(ada, year=2026, bucket="ot", cents=cents, as_of=DAY, user=ana)
    assert [each.cents for each in access.accruals(ada)] == [10_000, 20_000]
    for wrong in ({"bucket": "all"}, {"as_of": date(2025, 3, 2)}, {"cents": -1}, {"as_of": date(2026, 3, 4)}):
        given: dict[str, Any] = {"year": 2026, "bucket": "ot", "cents": 1, "as_of": DAY, **wrong}
        with pytest.raises(Refused):
            services.say_accrued(ada, user=ana, **given)


def test_orders_and_who_gave_them(ada: Patient) -> None:
    doctor = services.register_referrer("Dr. Sample", npi="1234567893")
    services.change_referrer(doctor, 1, fax="555 0100")
    order = services.add_referral(ada, doctor, discipline="PT", received=DAY, visits=12)
    services.change_referral(order, 1, signed=DAY)
    (found,) = access.referrals(ada)
    assert (found.referrer.fax, found.signed, found.version) == ("555 0100", DAY, 2)
    with pytest.raises(Refused):
        services.register_referrer("Dr. Short", npi="12345")
    with pytest.raises(Refused):
        services.add_referral(ada, doctor, discipline="ER", received=DAY)


def test_a_consent_is_taken_back_by_a_new_row(ada: Patient, ana: User) -> None:
    given = services.add_consent(ada, "treatment", DAY, ana)
    services.withdraw_consent(given, DAY, ana)
    assert [each.withdrawn for each in access.consents(ada)] == [False, True]
    with pytest.raises(Refused):
        services.add_consent(ada, "", DAY, ana)


def test_payers_and_their_fees(payer: Payer) -> None:
    payers.set_fee(payer, code="97110", cents=3_000, starts=DAY)
    payers.set_fee(payer, code="97110", cents=3_100, starts=DAY)
    assert [each.cents for each in payers_access.fees(payer)] == [3_100]
    payers.change_payer(payer, 1, name="Medicare Part B", number="MB")
    with pytest.raises(Conflict):
        payers.change_payer(payer, 1, name="Other")
    assert [each.name for each in payers_access.payers()] == ["Medicare Part B"]
    for wrong in ({"code": "x"}, {"cents": -1}, {"ends": DAY - timedelta(days=1)}):
        given: dict[str, Any] = {"code": "97112", "cents": 1, "starts": DAY, **wrong}
        with pytest.raises(Refused):
            payers.set_fee(payer, **given)
    with pytest.raises(Refused):
        payers.add_payer(" ")


def test_what_is_not_there(ana: User) -> None:
    for fetch in (access.coverage, access.referral, access.referrer, payers_access.payer):
        with pytest.raises(NotFound):
            fetch("0" * 26)
