"""The people's side of the front desk: who pays, what was used and authorized, who sent them, what they agreed to.

And the owner's: payers and fees, what a claim says of a site, and who may treat under which number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from fifteen.clinic.accounts import people_services
from fifteen.clinic.accounts.models import Licence, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.payers import services as paying
from fifteen.clinic.payers.models import Fee, Payer
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Accrual, Consent, Coverage, Patient, Referral, Referrer
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.clinic.treatment.models import Authorization
from fifteen.kernel.npi import is_npi
from fifteen.web.clinic.coverage_pages import masked
from tests.clinic.chart import a_site, an_episode
from tests.clinic.conftest import Keyed, as_organization, log_in, make_user

pytestmark = pytest.mark.django_db
MEMBER = "1EG4-TE5-MK73"


@pytest.fixture
def dev(north: Organization, client: Keyed) -> Iterator[User]:
    user = make_user(north, "dev", "front_desk")
    log_in(client, user)
    with as_organization(north.id), acting_as(Who(actor=user.id, role=user.role)):
        yield user


@pytest.fixture
def ada(dev: User) -> Patient:
    return services.register("Ada", date(1950, 4, 1))


@pytest.fixture
def medicare(dev: User) -> Payer:
    return paying.add_payer("Medicare Part B", policy="medicare")


def sent(payer: Payer, /, **fields: str) -> dict[str, str]:
    given = {"payer": payer.id, "rank": "1", "plan": "", "member": MEMBER, "relation": "self", "starts": "2026-01-01"}
    return {**given, **fields}


class TestCoverages:
    def test_they_are_added_in_order_changed_and_ended(
        self, client: Keyed, ada: Patient, medicare: Payer, dev: User
    ) -> None:
        page = client.get(f"/patients/{ada.id}/coverage").content.decode()
        assert "No coverage is in force" in page
        assert client.post(f"/patients/{ada.id}/coverage/new", sent(medicare)).status_code == 302
        gap = paying.add_payer("Gap Mutual")
        assert 'value="2" selected' in client.get(f"/patients/{ada.id}/coverage/new").content.decode()
        assert client.post(f"/patients/{ada.id}/coverage/new", sent(gap, rank="2", member="")).status_code == 302
        page = client.get(f"/patients/{ada.id}/coverage").content.decode()
        assert page.index("Medicare Part B") < page.index("Gap Mutual")
        assert "Its policy is not known" in page
        first = Coverage.objects.get(payer=medicare)
        ended = sent(medicare, version="1", ends="2026-02-01", member="")
        assert client.post(f"/coverages/{first.id}", ended).status_code == 302
        assert access.member_of(access.coverage(first.id)) == MEMBER
        assert "1 coverage has ended" in client.get(f"/patients/{ada.id}/coverage").content.decode()

    def test_a_member_s_number_is_nowhere_but_sealed(
        self, client: Keyed, ada: Patient, medicare: Payer, dev: User
    ) -> None:
        client.post(f"/patients/{ada.id}/coverage/new", sent(medicare))
        found = Coverage.objects.get()
        for address in (f"/patients/{ada.id}/coverage", f"/coverages/{found.id}"):
            page = client.get(address).content.decode()
            assert MEMBER not in page
            assert "•••• MK73" in page
        assert MEMBER not in repr(list(Event.objects.values()))

    @pytest.mark.parametrize(
        ("member", "shown"), [("123456789", "•••• 6789"), ("12345", "••••"), ("123456", "•••• 3456")]
    )
    def test_of_a_short_one_nothing_is_shown(self, member: str, shown: str) -> None:
        assert masked(member) == shown

    def test_the_second_of_two_is_told_what_stands(
        self, client: Keyed, ada: Patient, medicare: Payer, dev: User
    ) -> None:
        client.post(f"/patients/{ada.id}/coverage/new", sent(medicare))
        found = Coverage.objects.get()
        assert client.post(f"/coverages/{found.id}", sent(medicare, version="1", plan="B")).status_code == 302
        response = client.post(f"/coverages/{found.id}", sent(medicare, version="1", plan="C"))
        page = response.content.decode()
        assert response.status_code == 409
        assert "Plan or group: now <b>B</b>" in page
        assert 'value="C"' in page
        assert client.post(f"/coverages/{found.id}", sent(medicare, version="2", plan="C")).status_code == 302
        assert Coverage.objects.get().plan == "C"

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"payer": ""}, "Choose a payer"),
            ({"rank": ""}, "which payer pays first"),
            ({"rank": "x"}, "digits only"),
            ({"relation": "cousin"}, "choose one"),
            ({"starts": "soon"}, "cannot be read"),
            ({"ends": "2025-01-01"}, "ends before it begins"),
            ({"plan": "x" * 121}, "longer than 120"),
        ],
    )
    def test_what_is_refused_keeps_what_was_typed(
        self, wrong: dict[str, str], said: str, client: Keyed, ada: Patient, medicare: Payer
    ) -> None:
        response = client.post(f"/patients/{ada.id}/coverage/new", sent(medicare, **{"plan": "Gold", **wrong}))
        page = response.content.decode()
        assert response.status_code == 422
        assert said in page
        assert f'value="{wrong.get("plan", "Gold")}"' in page
        assert not Coverage.objects.exists()

    def test_accruals_grow_and_the_newest_of_a_year_holds(
        self, client: Keyed, ada: Patient, medicare: Payer, dev: User
    ) -> None:
        address = f"/patients/{ada.id}/accruals/new"
        given = {"bucket": "pt_slp", "cents": "$1,234.50", "as_of": "2026-02-20", "source": "portal"}
        assert client.post(address, given).status_code == 302
        assert client.post(address, {**given, "cents": "1300", "as_of": "2026-03-01"}).status_code == 302
        assert [each.cents for each in access.accruals(ada)] == [123_450, 130_000]
        page = client.get(f"/patients/{ada.id}/coverage").content.decode()
        assert page.index("$1,300.00") < page.index("$1,234.50") < page.index("(earlier word)")
        for cents in ("", "12.345", "-3", "many", "1e3"):
            assert client.post(address, {**given, "cents": cents}).status_code == 422
        assert client.post(address, {**given, "as_of": "2027-01-01"}).status_code == 422
        assert Accrual.objects.count() == 2

    def test_authorizations_in_visits_units_or_both(
        self, client: Keyed, ada: Patient, medicare: Payer, dev: User
    ) -> None:
        coverage = services.add_coverage(ada, medicare)
        episode = an_episode(ada, a_site())
        address = f"/patients/{ada.id}/authorizations/new"
        given = {
            "coverage": coverage.id, "number": "A-7", "visits": "12", "units": "", "codes": "97110, 97140",
            "starts": "2026-02-01", "ends": "2026-04-30", "episode": episode.id,
        }  # fmt: skip
        assert client.post(address, given).status_code == 302
        found = Authorization.objects.get()
        assert (found.visits, found.units, found.codes) == (12, None, ["97110", "97140"])
        assert 'value="97110 97140"' in client.get(f"/authorizations/{found.id}").content.decode()
        changed = {**given, "version": "1", "units": "48"}
        assert client.post(f"/authorizations/{found.id}", changed).status_code == 302
        assert Authorization.objects.get().units == 48
        for wrong in ({"visits": ""}, {"starts": ""}, {"codes": "9711"}, {"coverage": ""}, {"ends": "2026-01-01"}):
            assert client.post(address, {**given, **wrong}).status_code == 422, wrong
        eve = services.add_coverage(services.register("Eve"), medicare)
        assert client.post(address, {**given, "coverage": eve.id}).status_code == 422
        assert Authorization.objects.count() == 1


class TestReferrals:
    def test_a_practitioner_is_registered_once_and_named_by_orders(
        self, client: Keyed, ada: Patient, dev: User
    ) -> None:
        doctor = {"name": "Dr. Elm", "npi": "1234567893", "phone": "", "fax": "555-0100"}
        assert client.post("/referrers/new", doctor).status_code == 302
        assert client.post("/referrers/new", {**doctor, "npi": "1234567890"}).status_code == 422
        found = Referrer.objects.get()
        assert client.post(f"/referrers/{found.id}", {**doctor, "version": "1", "phone": "555-0101"}).status_code == 302
        order = {
            "referrer": found.id,
            "discipline": "PT",
            "diagnosis": "M25.561",
            "received": "2026-02-20",
            "signed": "",
        }
        assert client.post(f"/patients/{ada.id}/referrals/new", order).status_code == 302
        assert "Not signed" in client.get(f"/patients/{ada.id}/referrals").content.decode()
        row = Referral.objects.get()
        changed = {**order, "version": "1", "signed": "2026-02-19", "visits": "12"}
        assert client.post(f"/referrals/{row.id}", changed).status_code == 302
        assert Referral.objects.get().signed == date(2026, 2, 19)
        for wrong in ({"referrer": ""}, {"received": ""}, {"discipline": "DO"}, {"received": "2026-05-01"}):
            assert client.post(f"/patients/{ada.id}/referrals/new", {**order, **wrong}).status_code == 422, wrong

    def test_a_number_that_stood_before_may_stay(self, client: Keyed, dev: User) -> None:
        found = services.register_referrer("Dr. Old", npi="1234567890")
        given = {"name": "Dr. Older", "npi": "1234567890", "version": "1", "phone": "", "fax": ""}
        assert client.post(f"/referrers/{found.id}", given).status_code == 302


class TestConsents:
    def test_given_and_taken_back_both_stay(self, client: Keyed, ada: Patient, dev: User) -> None:
        page = client.get(f"/patients/{ada.id}/consents").content.decode()
        assert page.count("Missing:") == 2
        given = {"kind": "treatment", "date": "2026-03-01"}
        assert client.post(f"/patients/{ada.id}/consents/give", given).status_code == 302
        page = client.get(f"/patients/{ada.id}/consents").content.decode()
        assert page.count("Missing:") == 1
        assert client.post(f"/patients/{ada.id}/consents/withdraw", {"kind": "treatment"}).status_code == 302
        page = client.get(f"/patients/{ada.id}/consents").content.decode()
        assert page.count("Missing:") == 2
        assert "taken back" in page
        assert client.post(f"/patients/{ada.id}/consents/withdraw", {"kind": "treatment"}).status_code == 422
        assert client.post(f"/patients/{ada.id}/consents/give", {"kind": "anything"}).status_code == 422
        assert client.post(f"/patients/{ada.id}/consents/give", {**given, "date": "2027-01-01"}).status_code == 422
        assert [each.withdrawn for each in Consent.objects.order_by("id")] == [False, True]


class TestPayers:
    @pytest.fixture
    def biller(self, north: Organization, client: Keyed, dev: User) -> User:
        user = make_user(north, "bo", "biller")
        log_in(client, user)
        return user

    def test_a_payer_has_a_policy_of_the_rulebook_or_none(self, client: Keyed, biller: User) -> None:
        assert "No payer yet" in client.get("/payers").content.decode()
        form = client.get("/payers/new").content.decode()
        assert '<option value="medicare">' in form
        assert "Not known: nothing of theirs is decided" in form
        assert (
            client.post("/payers/new", {"name": "Medicare", "policy": "medicare", "number": "00 11"}).status_code == 302
        )
        assert client.post("/payers/new", {"name": "Nobody's Own", "policy": ""}).status_code == 302
        assert client.post("/payers/new", {"name": "X", "policy": "no-such"}).status_code == 422
        assert client.post("/payers/new", {"name": " ", "policy": ""}).status_code == 422
        page = client.get("/payers").content.decode()
        assert "Law&#x27;s own text" in page or "Law's own text" in page
        assert "Not known" in page
        found = Payer.objects.get(policy="medicare")
        assert found.number == "0011"
        page = client.get(f"/payers/{found.id}").content.decode()
        assert "What its policy says today" in page
        changed = {"name": "Medicare B", "policy": "medicare", "number": "", "active": "no", "version": "1"}
        assert client.post(f"/payers/{found.id}/change", changed).status_code == 302
        assert "No longer used" in client.get("/payers").content.decode()
        assert client.post(f"/payers/{found.id}/change", changed).status_code == 409

    def test_a_policy_that_the_rulebook_lost_is_said(self, client: Keyed, biller: User) -> None:
        found = paying.add_payer("Gone", policy="gone-payer")
        assert "not in this installation" in client.get(f"/payers/{found.id}").content.decode()

    def test_fees_are_lines_from_a_day_on(self, client: Keyed, biller: User, medicare: Payer) -> None:
        address = f"/payers/{medicare.id}/fees"
        given = {"code": "97110", "cents": "30.25", "starts": "2026-01-01", "ends": ""}
        assert client.post(address, given).status_code == 302
        assert client.post(address, {**given, "cents": "31"}).status_code == 302
        assert client.post(address, {**given, "starts": "2026-07-01", "cents": "32.5"}).status_code == 302
        assert [each.cents for each in Fee.objects.order_by("starts")] == [3_100, 3_250]
        page = client.get(f"/payers/{medicare.id}").content.decode()
        assert "$31.00" in page
        for wrong in ({"code": "9711"}, {"cents": ""}, {"starts": ""}, {"ends": "2025-01-01"}):
            response = client.post(address, {**given, **wrong})
            assert response.status_code == 422, wrong
            assert "Nothing was stored yet." in response.content.decode()

    def test_the_front_desk_sees_payers_and_changes_none(self, client: Keyed, dev: User, medicare: Payer) -> None:
        assert client.get("/payers").status_code == 200
        assert "Store the fee" not in client.get(f"/payers/{medicare.id}").content.decode()
        assert client.post(f"/payers/{medicare.id}/fees", {}).status_code == 403
        assert client.get("/payers/new").status_code == 403


class TestSitesAndPeople:
    @pytest.fixture
    def olga(self, owner: User, client: Keyed) -> User:
        log_in(client, owner)
        return owner

    def test_a_site_says_what_claims_and_prices_need(self, client: Keyed, olga: User) -> None:
        given = {
            "name": "Elm", "zone": "America/New_York", "locality": "15202-00", "billing": "facility",
            "place_of_service": "11", "npi": "1234567893", "address": " 1  Elm Street ",
        }  # fmt: skip
        assert '<option value="15202-00">' in client.get("/sites/new").content.decode()
        assert client.post("/sites/new", given).status_code == 302
        with as_organization(olga.organization_id):
            found = Site.objects.get()
        assert (found.locality, found.billing, found.npi, found.address) == (
            "15202-00", "facility", "1234567893", "1 Elm Street",
        )  # fmt: skip
        for wrong, said in (
            ({"locality": "99999-99"}, "Choose a locality"), ({"locality": "x"}, "Choose a locality"),
            ({"billing": "cash"}, "how this site bills"), ({"place_of_service": "ZZ"}, "Choose a place"),
            ({"npi": "1234567890"}, "This is no NPI"), ({"address": "x" * 201}, "at most 200"),
        ):  # fmt: skip
            response = client.post("/sites/new", {**given, "name": "Oak", **wrong})
            assert response.status_code == 422
            assert said in response.content.decode()

    def test_a_site_that_was_changed_meanwhile_is_not_overwritten(self, client: Keyed, olga: User) -> None:
        with as_organization(olga.organization_id):
            found = a_site(npi="0000000000")
        page = client.get(f"/sites/{found.id}").content.decode()
        assert 'name="npi_before" value="0000000000"' in page
        seen = {f"{name}_before": value for name, value in (("name", "Elm Street"), ("npi", "0000000000"))}
        given = {**seen, "name": "Elm Street", "zone": "America/New_York", "npi": "0000000000", "address": "1 Elm"}
        assert client.post(f"/sites/{found.id}", given).status_code == 302  # a number that stood may stay
        assert client.post(f"/sites/{found.id}", {**given, "npi_before": "", "npi": "1234567893"}).status_code == 409
        with as_organization(olga.organization_id):
            assert Site.objects.get().npi == "0000000000"
            fields = Event.objects.filter(action="site.changed").get().detail["fields"]
        assert fields == ["address"]

    def test_a_person_has_a_number_and_licences(self, client: Keyed, olga: User, therapist: User) -> None:
        address = f"/people/{therapist.id}/change"
        assert client.post(address, {"do": "npi", "version": "1", "npi": "123 456 7893"}).status_code == 302
        refused = client.post(address, {"do": "npi", "version": "2", "npi": "1234567890"})
        assert refused.status_code == 422
        assert "This is no NPI" in refused.content.decode()
        given = {"do": "licence", "version": "2", "credential": "PT", "state": "or", "number": "PT 77", "starts": "",
                 "ends": "2026-02-01"}  # fmt: skip
        assert client.post(address, given).status_code == 302
        with as_organization(olga.organization_id):
            found = Licence.objects.get()
        assert (found.state, found.number, found.ends) == ("OR", "PT 77", date(2026, 2, 1))
        page = client.get(f"/people/{therapist.id}").content.decode()
        assert "1234567893" in page
        assert "Ran out" in page
        changed = {**given, "version": "3", "licence": found.id, "ends": "2028-02-01"}
        assert client.post(address, changed).status_code == 302
        assert client.post(address, changed).status_code == 409
        for wrong, said in (
            ({"credential": ""}, "Choose the credential"), ({"state": "Ore"}, "two letters"),
            ({"starts": "2029-01-01"}, "ends before it begins"), ({"ends": "soon"}, "A day cannot be read"),
            ({"number": "x" * 31}, "at most 30"), ({"licence": olga.id}, "not this person"),
        ):  # fmt: skip
            response = client.post(address, {**changed, "version": "4", **wrong})
            assert response.status_code == 422, wrong
            assert said in response.content.decode(), wrong
        with as_organization(olga.organization_id):
            assert Licence.objects.get().ends == date(2028, 2, 1)
            told = [each.action for each in Event.objects.filter(action__startswith="person.").order_by("id")]
        assert told == ["person.npi", "person.licence_added", "person.licence_changed"]

    def test_a_licence_of_another_person_is_not_changed(self, olga: User, therapist: User) -> None:
        with as_organization(olga.organization_id):
            mine = people_services.set_licence(olga, 1, credential="PT")
            with pytest.raises(people_services.Refused):
                people_services.set_licence(therapist, 1, credential="OT", licence=mine.id)


def test_the_last_digit_of_an_npi_checks_the_others() -> None:
    assert is_npi("1234567893")
    assert is_npi("1245319599")
    assert not any(is_npi(f"123456789{digit}") for digit in "012456789")
    assert not any(is_npi(each) for each in ("", "123456789", "12345678933", "3234567893", "12345678٣3", "0000000000"))
