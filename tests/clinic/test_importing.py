"""Import: what a file says comes in as it stands, what it does not say stays unknown, and nothing comes in twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.importing import access, services
from fifteen.clinic.importing import run as running
from fifteen.clinic.importing.cells import Reader, Unreadable
from fifteen.clinic.importing.fields import KINDS, Field
from fifteen.clinic.importing.models import CarriedLine, ImportedRow, Upload
from fifteen.clinic.importing.profiles import profiles
from fifteen.clinic.importing.run import Options, Report
from fifteen.clinic.jobs.models import Job
from fifteen.clinic.payers import access as payers
from fifteen.clinic.payers.models import Payer
from fifteen.clinic.people import access as people
from fifteen.clinic.people.models import Coverage
from fifteen.clinic.people.services import merge, register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import NotFound, Refused
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.clinic.treatment import access as treatment
from fifteen.clinic.treatment.models import Episode, Visit
from fifteen.clinic.treatment.services import open_episode, start_visit
from fifteen.clinic.treatment.standing import standing
from tests.clinic.conftest import NOON, as_organization, make_user
from tests.clinic.rows import clinic_models

pytestmark = pytest.mark.django_db

PATIENTS = "Patient ID,Last Name,First Name,DOB,Phone\nA-1,Stone,Ada,1950-05-01,555-0100\nA-2,Reed,Jo,1961-07-30,?\n"
EPISODE = (
    "id,name,discipline,started,plan starts,plan ends,signed,signed by,visits used,units used,days since report,"
    "threshold used,as of\n"
)
HISTORY = "id,name,dob,date,therapist,discipline,code,minutes,units\n"


@pytest.fixture
def site(north: Organization) -> Site:
    with as_organization(north.id):
        row = Site(name="Main Street")
        row.save()
    return row


@pytest.fixture
def inside(north: Organization, site: Site, therapist: User) -> Iterator[User]:
    """The owner acts; Ana is a therapist, and there is one site."""
    owner = make_user(north, "olga", "owner")
    with as_organization(north.id), acting_as(Who(actor=owner.id, role=owner.role)):
        yield owner


def given(kind: str, text: str | bytes, user: User, profile: str = "plain", **options: Any) -> Upload:
    content = text.encode() if isinstance(text, str) else text
    upload = services.give(kind, profile, content, user)
    return services.choose(upload, 1, services.mapping_of(upload), Options(**options))


def bring(
    kind: str, text: str | bytes, user: User, profile: str = "plain", *, dry: bool = False, **options: Any
) -> Report:
    return go(given(kind, text, user, profile, **options), user, dry=dry)


def go(upload: Upload, user: User, *, dry: bool = False) -> Report:
    services.begin(upload, user, dry=dry)
    assert services.step(upload, user)
    found = services.report(upload)
    assert found is not None
    return found


def reasons(report: Report) -> dict[int, str]:
    return {each.line: each.reason for each in report.rejects}


def counts(report: Report) -> tuple[int, ...]:
    return tuple(report.counts[name] for name in ("new", "matched", "unchanged", "rejected"))


def stored() -> dict[str, int]:
    """How many rows every table holds, but for the file itself and the trail."""
    return {
        each._meta.db_table: each.objects.count()
        for each in clinic_models()
        if each._meta.db_table not in ("upload", "audit_event", "organization", "installation")
    }


# -- patients ---------------------------------------------------------------------------------------------------------


def test_patients_come_in_and_unknown_stays_unknown(inside: User) -> None:
    report = bring("patients", PATIENTS, inside)
    assert counts(report) == (2, 0, 0, 0)
    ada, jo = people.patients().order_by("made", "id")
    assert (ada.name, ada.born, ada.phone, people.identifier_of(ada)) == (
        "Ada Stone", date(1950, 5, 1), "555-0100", "A-1",
    )  # fmt: skip
    assert (jo.name, jo.phone, jo.precautions) == ("Jo Reed", "", "")


@pytest.mark.parametrize("word", ["", "?", "unknown", " Unknown ", "n/a", "-", "#N/A"])
def test_every_word_for_not_known_is_unknown(inside: User, word: str) -> None:
    report = bring("patients", f"name,dob\nAda Stone,{word}\n", inside)
    assert counts(report) == (1, 0, 0, 0)
    assert people.patients().get().born is None


def test_the_same_file_again_changes_nothing(inside: User) -> None:
    bring("patients", PATIENTS, inside)
    before = stored()
    again = bring("patients", PATIENTS, inside)
    assert counts(again) == (0, 0, 2, 0)
    assert stored() == before
    grown = bring("patients", PATIENTS + "A-3,Moss,Pat,1948-02-29,\n", inside)
    assert counts(grown) == (1, 0, 2, 0)


def test_patients_who_are_here_are_matched_and_left_as_they_are(inside: User) -> None:
    ada = register("Ada Stone", date(1950, 5, 1), "A1", phone="555-0199")
    jo = register("Reed, Jo", date(1961, 7, 30))
    report = bring("patients", PATIENTS, inside)
    assert counts(report) == (0, 2, 0, 0)
    assert people.patient(ada.id).phone == "555-0199"
    assert people.identifier_of(people.patient(jo.id)) == "A-2", "what was not known is completed"


def test_a_merged_record_is_matched_under_the_one_it_is_read_as(inside: User) -> None:
    kept, other = register("Ada Stone", date(1950, 5, 1)), register("Ada Stone", date(1950, 5, 1), "A-1")
    merge(kept, other, "the same person", inside)
    assert counts(bring("patients", "id,name,dob\nA-1,Ada Stone,1950-05-01\n", inside)) == (0, 1, 0, 0)
    assert people.patients().count() == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A-1,Ada Stone,1951-05-01", "another day of birth"),
        ("A-1,Berta Moss,1950-05-01", "another name"),
        (",Ada Stone,", "without a day of birth"),
        (",Ada M. Stone,1950-05-01", "similar name"),
        (",Jo Reed,1961-07-30", "without a day of birth; complete"),
        (",Max Twin,1970-01-01", "Several patients here have this name"),
        ("D-1,Any Body,1970-01-01", "Several patients here have this identifier"),
        (",,1950-05-01", "It says of nobody"),
    ],
)
def test_whom_nobody_can_tell_apart_is_rejected_with_the_reason(inside: User, row: str, why: str) -> None:
    register("Ada Stone", date(1950, 5, 1), "A1")
    register("Jo Reed", None)
    for _twice in range(2):
        register("Max Twin", date(1970, 1, 1), "D1")
        register("Max Twin", date(1970, 1, 1))
    before = stored()
    report = bring("patients", f"id,name,dob\n{row}\n", inside)
    assert counts(report) == (0, 0, 0, 1)
    assert why in reasons(report)[2]
    assert stored() == before


def test_another_identifier_is_another_person(inside: User) -> None:
    register("Ada Stone", date(1950, 5, 1), "A1")
    assert counts(bring("patients", "id,name,dob\nB-1,Ada Stone,1950-05-01\n", inside)) == (1, 0, 0, 0)


def test_a_patient_of_another_organization_is_not_matched(inside: User, south: Organization) -> None:
    with as_organization(south.id):
        register("Ada Stone", date(1950, 5, 1), "A-1")
    assert counts(bring("patients", PATIENTS, inside)) == (2, 0, 0, 0)
    report = bring("coverages", "id,payer\nZ-9,Acme\n", inside)
    assert "No patient here" in reasons(report)[2]
    with as_organization(south.id):
        assert people.patients().count() == 1
        assert not access.known_keys("patients")


def test_a_half_broken_file_brings_in_its_other_half(inside: User) -> None:
    text = (
        'id,name,dob,precautions\n'
        'A-1,Ada Stone,1950-05-01,"no\nlifting"\n'
        "A-2,Jo Reed,1961-13-30,\n"
        "A-3,Pat Moss\n"
        'A-4,"Kim" Lee,1970-01-01,\n'
        "\n"
        "A-5,Lee Kim,1971-01-01,,\n"
        "A-6,Max Field,1972-01-01,,surplus\n"
        "A-1,Ada Stone,1950-05-01,no lifting\n"
    )  # fmt: skip
    report = bring("patients", text, inside)
    assert report.counts == {"rows": 7, "new": 2, "matched": 0, "unchanged": 0, "rejected": 5}
    why = reasons(report)
    assert {line: why[line].split(";")[0].split(":")[0] for line in why} == {
        4: "Day of birth", 5: "The row has 2 cells and the header 4",
        6: "A quotation mark stands in the middle of a cell", 9: "The row has 5 cells and the header 4",
        10: "The same row stands on line 2 already.",
    }  # fmt: skip


def test_rejects_are_a_file_that_can_be_corrected_and_given_again(inside: User) -> None:
    text = (
        'id,name,dob,precautions\nA-1,Ada Stone,1950-02-30,"=HYPERLINK(""x"")\nsecond line"\nA-2,Jo Reed,1961-07-30,\n'
    )
    upload = given("patients", text, inside)
    go(upload, inside, dry=False)
    kept = services.found_of(access.upload(upload.id))
    assert kept is not None
    rejects = services.rejects_csv(kept)
    [header, row] = csv.reader(io.StringIO(rejects.decode("utf-8-sig"), ""))
    assert header == ["line", "reason", "id", "name", "dob", "precautions"]
    assert row[0] == "2"
    assert "no day of the calendar" in row[1]
    assert row[5] == '\'=HYPERLINK("x")\nsecond line'
    again = bring("patients", rejects.replace(b"1950-02-30", b"1950-02-28"), inside)
    assert counts(again) == (1, 0, 0, 0)
    assert people.by_identifier("A-1")[0].precautions == '=HYPERLINK("x") second line'


# -- dates ------------------------------------------------------------------------------------------------------------


def born(text: str, user: User, **options: Any) -> list[date | None]:
    bring("patients", "name,dob\n" + text, user, **options)
    return [each.born for each in people.patients()]


def test_the_file_itself_shows_whether_the_month_stands_first(inside: User) -> None:
    assert born("A A,02/03/1950\nB B,12/25/1960\n", inside) == [date(1950, 2, 3), date(1960, 12, 25)]


def test_the_file_itself_shows_whether_the_day_stands_first(inside: User) -> None:
    assert born("A A,02.03.1950\nB B,25.12.1960\n", inside) == [date(1950, 3, 2), date(1960, 12, 25)]


def test_month_and_day_are_never_guessed(inside: User) -> None:
    with pytest.raises(Refused, match="whether the month or the day stands first"):
        born("A A,02/03/1950\n", inside)
    with pytest.raises(Refused, match="only be read month first and others only day first"):
        born("A A,13/03/1950\nB B,12/25/1960\n", inside)
    assert not people.patients().exists()
    assert born("A A,02/03/1950\n", inside, dates="dmy") == [date(1950, 3, 2)]


def test_dates_that_need_no_order_ask_for_none(inside: User) -> None:
    text = "A A,1950-02-03\nB B,03/03/1951\nC C,Feb 3 1952\nD D,3-FEB-1953\nE E,19540203\nF F,1955-02-03 00:00:00\n"
    found = [date(1950, 2, 3), date(1951, 3, 3), *(date(year, 2, 3) for year in range(1952, 1956))]
    assert born(text, inside) == found


def test_what_contradicts_the_order_that_was_chosen_is_rejected_by_itself(inside: User) -> None:
    report = bring("patients", "name,dob\nA A,02/03/1950\nB B,25/12/1960\n", inside, dates="mdy")
    assert counts(report) == (1, 0, 0, 1)
    assert "no day of the calendar" in reasons(report)[3]


def test_what_a_profile_says_of_dates_holds_unless_the_file_says_otherwise(inside: User) -> None:
    head = "EMR Patient ID,Date of Service,CPT Code,Units,Documenting Therapist\n"
    bring("patients", "id,name,dob\nW-1,Ada Stone,1950-05-01\n", inside)
    options: dict[str, Any] = {"discipline": "PT", "closed_episodes": True}
    bring("history", head + "W-1,1/2/2026,97110,2,Ana\n", inside, "webpt-documented-units", **options)
    assert Visit.objects.get().date == date(2026, 1, 2)
    with pytest.raises(Refused, match="choose which"):
        bring("history", head + "W-1,13/2/2026,97110,2,Ana\n", inside, "webpt-documented-units", **options)


# -- coverages --------------------------------------------------------------------------------------------------------


def test_coverages_find_their_payer_or_make_one_without_rules(inside: User) -> None:
    bring("patients", PATIENTS, inside)
    report = bring(
        "coverages",
        "id,insurance,priority,member id,relationship,effective date,termination date\n"
        "A-1,Medicare,primary,1EG4,self,2025-01-01,\nA-1,Acme Mutual,2,,?,,\nA-2,ACME mutual,,77,Wife,?,2026-12-31\n",
        inside,
    )
    assert counts(report) == (3, 0, 0, 0)
    assert report.made == {"coverage": 3, "payer": 2}
    assert "Payers made without rules: 2" in report.remarks[0]
    assert [(each.name, each.policy) for each in payers.payers()] == [("Acme Mutual", ""), ("Medicare", "")]
    first, second = people.coverages(people.by_identifier("A-1")[0])
    assert (first.rank, people.member_of(first), first.starts, first.ends) == (1, "1EG4", date(2025, 1, 1), None)
    assert (second.rank, second.member, second.relation) == (2, None, "self")
    [third] = people.coverages(people.by_identifier("A-2")[0])
    assert (third.rank, third.relation, third.starts) == (1, "spouse", None)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A-1,Other,1,,", "same place in the order"),
        ("A-1,Other,12,,", "no order of payers"),
        ("A-1,,2,,", "Payer: nothing stands there"),
        ("A-1,Other,,2027-01-01,2026-01-01", "ends before it begins"),
        ("Z-1,Other,1,,", "No patient here"),
    ],
)
def test_a_coverage_that_cannot_be_is_rejected_and_makes_no_payer(inside: User, row: str, why: str) -> None:
    bring("patients", PATIENTS, inside)
    bring("coverages", "id,payer,rank,starts,ends\nA-1,Acme,1,2025-01-01,2026-12-31\n", inside)
    before = stored()
    report = bring("coverages", f"id,payer,rank,starts,ends\n{row}\nA-1,Other,1,2027-02-01,\n", inside)
    assert counts(report) == (1, 0, 0, 1)
    assert why in reasons(report)[2]
    assert stored() == {
        **before,
        "payer": before["payer"] + 1,
        "coverage": 2,
        "imported_row": before["imported_row"] + 1,
    }


def test_a_coverage_that_is_here_is_matched(inside: User) -> None:
    bring("patients", PATIENTS, inside)
    bring("coverages", "id,payer,rank,member\nA-1,Acme,1,77\n", inside)
    assert counts(bring("coverages", "id,payer,rank\nA-1,Acme,1\n", inside)) == (0, 1, 0, 0)
    assert Coverage.objects.count() == 1


# -- episodes in flight -----------------------------------------------------------------------------------------------


def test_an_episode_in_flight_comes_in_with_all_that_is_known(inside: User, therapist: User) -> None:
    bring("patients", PATIENTS, inside)
    bring("coverages", "id,payer\nA-1,Medicare\n", inside)
    report = bring(
        "episodes",
        "id,discipline,clinic,therapist,problem,diagnosis codes,onset,evaluation date,poc established,poc start,"
        "poc end,frequency,poc sent,poc signed,signed by,as of,visits since pn,visits used,units used,therapy cap used,"
        "authorization number,authorized visits,auth units,auth start,auth end\n"
        "A-1,Physical Therapy,main street,\"Ana, PT\",Left knee,\"M17.12, R26.2\",2025-12-20,2026-01-05,2026-01-05,"
        "2026-01-05,2026-04-04,2x/week,2026-01-06,2026-01-15,Dr. Vane,2026-02-27,6,12,0,\"$1,240.50\","
        "AU-7,20,?,2026-01-05,2026-06-30\n",
        inside,
    )  # fmt: skip
    assert report.rejects == ()
    assert report.made == {
        "accrual": 1,
        "authorized": 1,
        "carried_over": 1,
        "certification": 2,
        "episode": 1,
        "plan": 1,
    }
    [episode] = treatment.episodes_of(people.by_identifier("A-1")[0])
    assert (episode.discipline, episode.problem, episode.therapist_id) == ("PT", "Left knee", therapist.id)
    assert (episode.started, episode.onset, episode.ended) == (date(2026, 1, 5), date(2025, 12, 20), None)
    assert [each["code"] for each in episode.diagnoses] == ["M17.12", "R26.2"]
    [plan] = treatment.plans_of(episode)
    assert (plan.starts, plan.ends, plan.frequency) == (date(2026, 1, 5), date(2026, 4, 4), "2x/week")
    steps = [(each.step, each.date, each.signer) for each in treatment.certifications_of(plan)]
    assert steps == [("sent", date(2026, 1, 6), ""), ("signed", date(2026, 1, 15), "Dr. Vane")]
    carried = treatment.carried_of(episode)
    assert carried is not None
    assert (carried.as_of, carried.days_since_report, carried.visits_used, carried.units_used, carried.source) == (
        date(2026, 2, 27), 6, 12, 0, "A table with named columns",
    )  # fmt: skip
    [accrual] = people.accruals(episode.patient)
    assert (accrual.year, accrual.bucket, accrual.cents) == (2026, "pt_slp", 124050)
    [authorized] = treatment.authorizations_of(episode.patient)
    assert (authorized.number, authorized.visits, authorized.units) == ("AU-7", 20, None)


def test_what_an_episode_in_flight_does_not_say_stays_unknown(inside: User) -> None:
    bring("patients", PATIENTS, inside)
    report = bring("episodes", EPISODE + "A-1,,PT,2026-01-05,,,,,?,,unknown,n/a,\n", inside)
    assert counts(report) == (1, 0, 0, 0)
    [episode] = treatment.episodes_of(people.by_identifier("A-1")[0])
    assert episode.problem == "Not named in the file"
    assert episode.therapist is None
    assert not treatment.plans_of(episode).exists()
    carried = treatment.carried_of(episode)
    assert carried is not None
    assert (carried.as_of, carried.visits_used, carried.units_used, carried.days_since_report) == (
        NOON.date(), None, None, None,
    )  # fmt: skip
    assert "carried_over" not in report.made
    assert not people.accruals(episode.patient).exists()
    bring("episodes", EPISODE + "A-2,,OT,2026-01-05,,,,,?,3,,,2026-02-01\n", inside)
    [other] = treatment.episodes_of(people.by_identifier("A-2")[0])
    carried = treatment.carried_of(other)
    assert carried is not None
    assert (carried.visits_used, carried.units_used, carried.days_since_report) == (None, 3, None)


def test_an_episode_that_began_elsewhere_starts_no_clock_anew(inside: User) -> None:
    """The file is silent about what was used: visits here are not all of it, and the first of them began nothing."""
    bring("patients", PATIENTS, inside)
    bring("coverages", "id,payer\nA-1,Medicare\n", inside)
    Payer.objects.update(policy="medicare")
    bring("episodes", EPISODE + "A-1,,PT,2026-01-05,2026-01-05,2026-04-04,,,,,,,\n", inside)
    [episode] = treatment.episodes_of(people.by_identifier("A-1")[0])
    start_visit(episode, date=NOON.date())
    found = standing(episode, NOON.date())
    assert (found.visits_used, found.report_due_in) == (None, None)
    assert found.why["report"].startswith("The system before this one did not say")
    assert found.certification is not None
    assert found.certification.due == date(2026, 2, 4)  # 30 days from the first treatment, which was there


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A-1,,,2026-01-05,,,,,,,,,", "of which discipline"),
        ("A-1,,PT,,,,,,,,,,", "Evaluation, first day: nothing stands there"),
        ("A-1,,PT,2027-01-05,,,,,,,,,", "has not come yet"),
        ("A-1,,PT,2026-01-05,,2026-04-01,,,,,,,", "without its first day"),
        ("A-1,,PT,2026-01-05,,,2026-01-09,Dr. Vane,,,,,", "its first day is missing"),
        ("A-1,,PT,2026-01-05,2026-01-05,2026-01-01,,,,,,,", "last day lies before the first"),
        ("A-1,,PT,2026-01-05,,,,,12,,,,", "as of which day"),
        ("A-1,,PT,2026-01-05,,,,,12,,,,2026-01-04", "before the episode began"),
        ("A-1,,PT,2026-01-05,,,,,-3,,,,2026-02-01", "no whole number"),
        ("A-1,,PT,2026-01-05,,,,,2.5,,,,2026-02-01", "no whole number"),
        ("A-1,,PT,2026-01-05,,,,,,,,12.345,2026-02-01", "no amount"),
        ("Z-1,,PT,2026-01-05,,,,,,,,,", "No patient here"),
    ],
)
def test_an_episode_that_cannot_be_leaves_nothing_behind(inside: User, row: str, why: str) -> None:
    bring("patients", PATIENTS, inside)
    before = stored()
    report = bring("episodes", EPISODE + row + "\n", inside)
    assert counts(report) == (0, 0, 0, 1)
    assert why in reasons(report)[2]
    assert stored() == before


def test_options_speak_for_rows_that_say_nothing(inside: User) -> None:
    bring("patients", PATIENTS, inside)
    text = EPISODE + "A-1,,,2026-01-05,2026-01-05,,2026-01-09,,7,,,,\n"
    report = bring("episodes", text, inside, discipline="SLP", as_of=date(2026, 2, 1))
    assert counts(report) == (1, 0, 0, 0)
    assert "Plans certified by somebody whom the file does not name: 1." in report.remarks
    [episode] = treatment.episodes_of(people.by_identifier("A-1")[0])
    assert episode.discipline == "SLP"
    [plan] = treatment.plans_of(episode)
    assert treatment.certifications_of(plan).get().signer == "Not named in the file"
    assert counts(bring("episodes", EPISODE + "A-1,,SLP,2026-01-05,,,,,,,,,\n", inside)) == (0, 0, 0, 1)


def test_with_several_sites_one_has_to_be_said(inside: User) -> None:
    second = Site(name="Harbor")
    second.save()
    bring("patients", PATIENTS, inside)
    text = "id,discipline,started,site\nA-1,PT,2026-01-05,\nA-2,PT,2026-01-05,elsewhere\n"
    report = bring("episodes", text, inside)
    assert "at which site" in reasons(report)[2]
    assert "No site here has this name" in reasons(report)[3]
    assert counts(bring("episodes", text, inside, site=second.id)) == (1, 0, 0, 1)
    assert Episode.objects.get().site_id == second.id


# -- history ----------------------------------------------------------------------------------------------------------


def in_flight(user: User) -> Episode:
    bring("patients", PATIENTS, user)
    bring("episodes", EPISODE + "A-1,,PT,2026-01-05,,,,,,,,,\n", user)
    return Episode.objects.get()


def test_history_comes_in_as_visits_with_minutes_by_code(inside: User, therapist: User) -> None:
    episode = in_flight(inside)
    report = bring(
        "history",
        HISTORY + "A-1,,,2026-01-07,Ana,PT,97110,23,2\nA-1,,,2026-01-07,ana,PT,97140 - hands,15 min,1\n"
        "A-1,,,2026-01-09,Ana,PT,97110,0,0\n",
        inside,
    )  # fmt: skip
    assert report.rejects == ()
    assert counts(report) == (3, 0, 0, 0)
    first, second = treatment.visits_of(episode)
    assert (first.date, first.source, first.arrived) == (date(2026, 1, 7), "A table with named columns", None)
    found = [(each.service, each.minutes, each.origin, each.mode, each.start) for each in treatment.intervals_of(first)]
    assert sorted(found) == [("97110", 23, "typed", "one-on-one", None), ("97140", 15, "typed", "one-on-one", None)]
    assert {who.user_id for each in treatment.intervals_of(first) for who in each.people.all()} == {therapist.id}
    assert [(each.code, each.units, each.minutes) for each in access.carried_lines(first)] == [
        ("97110", 2, 23), ("97140", 1, 15),
    ]  # fmt: skip
    [zero] = treatment.intervals_of(second)
    assert zero.minutes == 0, "0 minutes are known to be 0"


def test_units_without_minutes_make_no_minutes(inside: User) -> None:
    episode = in_flight(inside)
    text = (
        "EMR Patient ID,Patient Name,Date of Service,CPT Code,CPT Description,CPT Modifier,Units,Documenting Therapist,"
        "Finalizing Therapist,Visit Type,Clinic Name\n"
        "A-1,\"Stone, Ada\",01/07/2026,97110,Somebody's words,\"GP,CQ\",2,Ana,Olga,Daily Note,Main Street\n"
        "A-1,\"Stone, Ada\",01/07/2026,97140,Somebody's words,GP,?,Ana,Olga,Daily Note,Main Street\n"
    )  # fmt: skip
    upload = services.give("history", "webpt-documented-units", text.encode(), inside)
    table = services.table(upload)
    assert [(each.header, each.field, each.how) for each in table.columns] == [
        ("EMR Patient ID", "identifier", "profile"), ("Patient Name", "name", "name"),
        ("Date of Service", "date", "profile"), ("CPT Code", "code", "profile"), ("CPT Description", "", ""),
        ("CPT Modifier", "modifiers", "profile"), ("Units", "units", "profile"),
        ("Documenting Therapist", "therapist", "profile"), ("Finalizing Therapist", "", ""), ("Visit Type", "", ""),
        ("Clinic Name", "site", "profile"),
    ]  # fmt: skip
    assert [each.samples for each in table.columns if each.dropped] == [()], "a descriptor is not ours to keep"
    report = go(upload, inside, dry=False)
    assert report.rejects == ()
    assert "Services that came in without minutes, for the file says none: 2." in report.remarks
    [visit] = treatment.visits_of(episode)
    assert not treatment.intervals_of(visit).exists()
    assert [(each.code, each.modifiers, each.units, each.minutes) for each in access.carried_lines(visit)] == [
        ("97110", "GP CQ", 2, None), ("97140", "GP", None, None),
    ]  # fmt: skip


def test_the_rows_of_a_visit_stand_or_fall_together(inside: User) -> None:
    episode = in_flight(inside)
    report = bring(
        "history",
        HISTORY + "A-1,,,2026-01-07,Ana,PT,97110,23,\nA-1,,,2026-01-07,Ana,PT,nonsense,15,\n"
        "A-1,,,2026-01-09,Ana,PT,97110,30,\nA-1,,,2026-01-12,Ana,PT,97110,30,\nA-1,,,2026-01-12,Nobody,PT,97140,8,\n",
        inside,
    )  # fmt: skip
    assert counts(report) == (1, 0, 0, 4)
    why = reasons(report)
    assert "Line 3 of the same visit cannot be read" in why[2]
    assert "procedure code has five characters" in why[3]
    assert why[5] == why[6]
    assert "not among the people here" in why[5]
    assert [each.date for each in treatment.visits_of(episode)] == [date(2026, 1, 9)]


def test_who_is_not_here_can_have_treated_without_minutes_being_taken(inside: User) -> None:
    episode = in_flight(inside)
    report = bring("history", HISTORY + "A-1,,,2026-01-07,Gone Girl,PT,97110,23,2\n", inside, absent=True)
    assert "for nobody here gave them: 1." in report.remarks[0]
    [visit] = treatment.visits_of(episode)
    assert not treatment.intervals_of(visit).exists()
    assert access.carried_lines(visit).get().minutes == 23


def test_a_code_that_the_rulebook_does_not_hold_is_kept_and_not_counted(inside: User) -> None:
    episode = in_flight(inside)
    report = bring("history", HISTORY + "A-1,,,2026-01-07,Ana,PT,00001,23,2\n", inside)
    assert "the rulebook does not hold" in report.remarks[0]
    assert not treatment.intervals_of(treatment.visits_of(episode).get()).exists()
    assert CarriedLine.objects.get().code == "00001"


def test_group_and_supervised_services_come_in_as_such(inside: User) -> None:
    in_flight(inside)
    bring("history", HISTORY + "A-1,,,2026-01-07,Ana,PT,97150,30,1\nA-1,,,2026-01-07,Ana,PT,G0283,15,1\n", inside)
    found = {each.service: each.mode for each in treatment.intervals_of(Visit.objects.get())}
    assert found == {"97150": "group", "G0283": "supervised"}


def test_a_visit_that_is_here_already_is_not_doubled(inside: User) -> None:
    in_flight(inside)
    text = HISTORY + "A-1,,,2026-01-07,Ana,PT,97110,23,2\n"
    bring("history", text, inside)
    before = stored()
    assert counts(bring("history", text, inside)) == (0, 0, 1, 0)
    report = bring("history", text + "A-1,,,2026-01-07,Ana,PT,97140,15,1\n", inside)
    assert counts(report) == (0, 0, 1, 1)
    assert "here on that day already" in reasons(report)[3]
    assert stored() == before


def test_two_visits_of_a_day_are_told_apart_by_their_numbers(inside: User) -> None:
    in_flight(inside)
    text = "id,date,visit,therapist,discipline,code,minutes\nA-1,2026-01-07,V1,Ana,PT,97110,15\n"
    assert counts(bring("history", text + "A-1,2026-01-07,V2,Ana,PT,97110,15\n", inside)) == (2, 0, 0, 0)
    assert Visit.objects.count() == 2
    report = bring("history", text + "A-1,2026-01-07,V3,Ana,PT,97110,15\n", inside)
    assert counts(report) == (0, 0, 1, 1)
    assert "here on that day already" in reasons(report)[3]


def test_a_visit_finds_the_episode_that_was_open_or_asks_which(inside: User, site: Site) -> None:
    episode = in_flight(inside)
    patient = episode.patient
    open_episode(patient, discipline="PT", site=site, problem="Shoulder", started=date(2026, 1, 20))
    head = "id,date,therapist,discipline,case,code,minutes\n"
    report = bring(
        "history",
        head + "A-1,2026-01-07,Ana,PT,,97110,8\nA-1,2026-01-21,Ana,PT,,97110,8\n"
        "A-1,2026-01-22,Ana,PT,shoulder,97110,8\nA-1,2025-01-07,Ana,PT,,97110,8\nA-1,2026-01-21,Ana,OT,,97110,8\n",
        inside,
    )  # fmt: skip
    assert counts(report) == (2, 0, 0, 3)
    assert "Several episodes were open" in reasons(report)[3]
    assert "No episode here was open" in reasons(report)[5]
    assert "No episode here was open" in reasons(report)[6]
    assert [each.episode.problem for each in Visit.objects.order_by("date")] == ["Not named in the file", "Shoulder"]


def test_history_without_an_episode_makes_a_closed_one_where_that_was_chosen(inside: User) -> None:
    episode = in_flight(inside)
    lines = "".join(
        f"A-1,2025-{month:02},Ana,PT,Left knee,97110,15\n".replace(",Ana", "-07,Ana") for month in (3, 4, 5)
    )
    head = "id,date,therapist,discipline,case,code,minutes\n"
    report = bring("history", head + lines + "A-1,2026-01-07,Ana,PT,Left knee,97110,15\n", inside, closed_episodes=True)
    assert counts(report) == (4, 0, 0, 0)
    assert "Episodes made for visits that fitted none, and closed: 1." in report.remarks
    made = Episode.objects.exclude(id=episode.id).get()
    assert (made.problem, made.started, made.ended) == ("Left knee", date(2025, 3, 7), date(2025, 5, 7))
    assert [each.episode_id for each in Visit.objects.order_by("date")] == [made.id] * 3 + [episode.id]


# -- the file itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_tells_the_same_and_leaves_no_row(inside: User, kind: str) -> None:
    if kind in ("coverages", "episodes", "history"):
        bring("patients", PATIENTS, inside)
    if kind == "history":
        bring("episodes", EPISODE + "A-1,,PT,2026-01-05,,,,,,,,,\n", inside)
    text = {
        "patients": PATIENTS, "coverages": "id,payer\nA-1,Acme\nZ,Acme\n",
        "episodes": EPISODE + "A-1,,PT,2026-01-05,2026-01-05,2026-03-05,2026-01-06,Dr. Vane,1,2,3,4,2026-02-01\n",
        "history": HISTORY + "A-1,,,2026-01-07,Ana,PT,97110,23,2\n",
    }[kind]  # fmt: skip
    before = stored()
    dry = bring(kind, text, inside, dry=True)
    assert stored() == before
    assert bring(kind, text, inside) == dry
    assert stored() != before


def test_content_is_sealed_and_gone_when_it_is_in(inside: User) -> None:
    upload = given("patients", PATIENTS, inside)
    raw = Upload.objects.values_list("content", flat=True).get(id=upload.id)
    assert b"Stone" not in bytes(raw)
    assert services.content_of(upload) == PATIENTS.encode()
    go(upload, inside, dry=True)
    assert access.upload(upload.id).content is not None
    go(upload, inside, dry=False)
    stood = access.upload(upload.id)
    assert (stood.state, stood.content) == ("done", None)
    with pytest.raises(Refused, match="gone"):
        services.table(stood)
    with pytest.raises(Refused, match="in already"):
        services.start(stood, inside, dry=False)
    assert access.same_done(stood.digest, "patients") == stood


def test_content_that_nobody_brings_in_is_gone_after_a_day(inside: User) -> None:
    upload = given("patients", PATIENTS, inside)
    go(upload, inside, dry=True)
    assert services.forget() == 0
    with clock.at(NOON + timedelta(days=1, seconds=1)):
        assert services.forget() == 1
        assert services.forget() == 0
    stood = access.upload(upload.id)
    assert (stood.state, stood.content, stood.found) == ("away", None, None)


def test_a_file_can_be_thrown_away(inside: User) -> None:
    upload = given("patients", PATIENTS, inside)
    services.drop(upload, upload.version)
    assert access.upload(upload.id).state == "away"
    with pytest.raises(Refused, match="gone"):
        services.start(upload, inside, dry=True)


@pytest.mark.parametrize(
    ("content", "kind", "profile", "why"),
    [
        (b"", "patients", "plain", "holds no row"),
        (b"PK\x03\x04", "patients", "plain", "save it as CSV"),
        (b"a\nb\n", "nothing", "plain", "Choose what the rows are of"),
        (b"a\nb\n", "patients", "webpt-charges", "Choose what the rows are of"),
        (b"a\nb\n", "patients", "nobody", "Choose what the rows are of"),
    ],
)
def test_what_is_no_file_of_this_kind_is_refused(
    inside: User, content: bytes, kind: str, profile: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        services.give(kind, profile, content, inside)


def test_the_columns_can_be_chosen_each_once(inside: User) -> None:
    upload = services.give("patients", "plain", b"who,when,when\nAda Stone,1950-05-01,x\n", inside)
    assert services.mapping_of(upload) == {}
    with pytest.raises(Refused, match="same meaning"):
        services.choose(upload, 1, {0: "name", 1: "born", 2: "born"}, Options())
    with pytest.raises(Refused, match="do not have"):
        services.choose(upload, 1, {0: "payer"}, Options())
    services.choose(upload, 1, {0: "name", 1: "born", 2: ""}, Options())
    go(upload, inside, dry=False)
    assert people.patients().get().born == date(1950, 5, 1)


def test_a_title_above_the_header_is_left_out(inside: User) -> None:
    text = "Patient list\nPrinted 2026-03-01\n\n" + PATIENTS
    upload = services.give("patients", "plain", text.encode(), inside)
    table = services.table(upload)
    assert (table.line, table.above, len(table.rows)) == (4, 2, 2)
    assert go(upload, inside, dry=False).counts["new"] == 2


def test_a_long_file_is_work_for_the_queue(inside: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 1)
    upload = given("patients", PATIENTS, inside)
    services.start(upload, inside, dry=False)
    assert not people.patients().exists()
    waiting = access.upload(upload.id)
    assert waiting.state == "running"
    with pytest.raises(Refused, match="worked on"):
        services.start(waiting, inside, dry=False)
    [job] = Job.objects.filter(task="import.go")
    assert job.arguments == {"upload": upload.id}
    from fifteen.clinic.importing import tasks

    tasks.go(**job.arguments)
    assert people.patients().count() == 2
    assert Event.objects.get(action="import.run").actor == inside.id
    tasks.go(**job.arguments)
    assert people.patients().count() == 2


def in_parts(upload: Upload, user: User, *, dry: bool) -> tuple[Report, int]:
    """The same as `go`, one person's rows at a time."""
    services.begin(upload, user, dry=dry)
    count = 1
    while not services.step(upload, user, timedelta(0)):
        count += 1
        if count % 2:
            running._held = None  # as in another process
    found = services.report(upload)
    assert found is not None
    return found, count


@pytest.mark.parametrize("kind", ["coverages", "history"])
def test_a_file_in_parts_comes_in_as_it_would_whole(inside: User, kind: str) -> None:
    bring("patients", PATIENTS, inside)
    text = {
        "coverages": "id,payer,rank\nA-1,Acme,1\nA-2,Acme,1\nA-1,Other,2\nA-9,Acme,1\nA-2,Acme,x\nA-1,Acme,1\n",
        "history": "id,date,therapist,discipline,code,minutes\nA-1,2026-01-07,Ana,PT,97110,15\n"
        "A-2,2026-01-07,Ana,PT,97110,15\n"
        "A-1,2026-02-07,Ana,PT,97110,15\nA-1,2026-02-07,Ana,PT,,15\nA-2,2026-02-07,Ana,PT,97110,15\n",
    }[kind]  # fmt: skip
    options: dict[str, Any] = {"closed_episodes": True} if kind == "history" else {}
    whole = bring(kind, text, inside, dry=True, **options)
    before = stored()
    tried, parts = in_parts(given(kind, text, inside, **options), inside, dry=True)
    assert (tried, stored()) == (whole, before)
    assert parts > 1
    real, parts = in_parts(given(kind, text, inside, **options), inside, dry=False)
    assert real == whole
    assert parts > 1
    assert bring(kind, text, inside, **options).counts["new"] == 0


def test_a_file_thrown_away_while_it_waits_does_not_come_in(inside: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 1)
    upload = given("patients", PATIENTS, inside)
    services.start(upload, inside, dry=False)
    waiting = access.upload(upload.id)
    services.drop(waiting, waiting.version)
    from fifteen.clinic.importing import tasks

    tasks.go(upload.id)
    assert not people.patients().exists()


def test_who_was_switched_off_brings_nothing_in(inside: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 1)
    upload = given("patients", PATIENTS, inside)
    services.start(upload, inside, dry=False)
    User.objects.filter(id=inside.id).update(active=False)
    from fifteen.clinic.importing import tasks

    with pytest.raises(NotFound):
        tasks.go(upload.id)


def test_nothing_that_a_file_says_stands_in_the_trail_or_unsealed(
    inside: User, caplog: pytest.LogCaptureFixture
) -> None:
    bring("patients", PATIENTS + "A-9,Secretname,Zelda,1950-99-01,555-7777\n", inside)
    bring("coverages", "id,payer,member\nA-1,Acme,MEMBER77\nZELDA1,Acme,\n", inside)
    trail = json.dumps([[each.action, each.kind, each.detail] for each in Event.objects.all()], default=str)
    rows = json.dumps(list(Upload.objects.values("mapping", "options", "counts", "digest")), default=str)
    keys = json.dumps(list(ImportedRow.objects.values("key", "made")))
    for word in ("Stone", "Secretname", "Zelda", "ZELDA1", "1950", "555-", "MEMBER77", "A-1", "A-9"):
        assert word not in trail + rows + keys + caplog.text, word
    for content, found in Upload.objects.values_list("content", "found"):
        assert b"Stone" not in bytes(content or b"") + bytes(found or b"")


# -- cells ------------------------------------------------------------------------------------------------------------

READ = [
    ("cents", "$1,240.50", 124050), ("cents", "12", 1200), ("cents", "0", 0), ("cents", "1,24", None),
    ("cents", "(5.00)", None), ("cents", "-5", None), ("cents", "1.234", None), ("cents", "?", "unknown"),
    ("count", "0", 0), ("count", "12.0", 12), ("count", "1e3", None), ("count", "-1", None), ("count", "٣", None),
    ("count", "100001", None), ("minutes", "30 min", 30), ("minutes", "30m", 30), ("minutes", "1:05", None),
    ("minutes", "0", 0), ("minutes", "half", None), ("phone", "(555) 010-0200", "(555) 010-0200"),
    ("phone", "12", None), ("name", "Stone, Ada", "Ada Stone"), ("name", "Stone, Ada M., Jr.", "Ada M. Stone Jr."),
    ("name", "Ada  Stone", "Ada Stone"), ("name", "42", None), ("name", "Stone,", "Stone"),
    ("code", "97110", "97110"), ("code", "g0283", "G0283"), ("code", "97110-GP", "97110"),
    ("code", "97110 - some words", "97110"), ("code", "971101", None), ("code", "TE", None),
    ("codes", "M54.50; S83.512A", ("M54.50", "S83.512A")), ("codes", "low back pain", None),
    ("modifiers", "GP, CQ", ("GP", "CQ")), ("modifiers", "GP-59", ("GP", "59")), ("modifiers", "G", None),
    ("place", "11 - Office", "11"), ("place", "Office", None), ("discipline", "Speech Therapy", "SLP"),
    ("discipline", "P.T.", "PT"), ("discipline", "massage", None), ("relation", "18", "self"),
    ("relation", "Aunt", None),
    ("rank", "Secondary", 2), ("rank", "4", 4), ("rank", "last", None), ("text", "x" * 201, None),
    ("date", "2026-03-02T00:00:00", date(2026, 3, 2)), ("date", "3/2/26", None),
    ("date", "2 March 2026", date(2026, 3, 2)),
    ("date", "46083", None), ("date", "2026-02-30", None), ("date", "Mar 2, 2026 8:15 AM", date(2026, 3, 2)),
    ("born", "2-Mar-52", None), ("date", "2-Mar-26", date(2026, 3, 2)), ("date", "2 Foo 2026", None),
]  # fmt: skip


@pytest.mark.parametrize(("reads", "cell", "value"), READ)
def test_cells_are_read_as_they_stand_or_not_at_all(reads: str, cell: str, value: Any) -> None:
    reader, field = Reader(profiles()["plain"]), Field("x", "X", reads)  # type: ignore[arg-type]
    if value == "unknown":
        assert reader.read(field, cell) is None
    elif value is None:
        with pytest.raises(Unreadable):
            reader.read(field, cell)
    else:
        assert reader.read(field, cell) == value


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("onset", "2-Mar-98", None), ("started", "13/12/98", None), ("signed", "2-Mar-27", None),
        ("started", "2-Mar-26", NOON.date()), ("onset", "3-Mar-26", date(2026, 3, 3)), ("onset", "4-Mar-26", None),
        ("plan_ends", "2-Mar-27", date(2027, 3, 2)), ("plan_starts", "2-Mar-98", None),
    ],
)  # fmt: skip
def test_two_digits_of_a_year_that_would_lie_ahead(name: str, cell: str, value: date | None) -> None:
    """98 was 1998 to who wrote it: what cannot lie ahead is asked for in four digits, and never put into 2098."""
    reader, field = Reader(profiles()["plain"], "dmy"), KINDS["episodes"].field(name)
    if value is None:
        with pytest.raises(Unreadable, match="four digits"):
            reader.read(field, cell)
    else:
        assert reader.read(field, cell) == value


def test_profiles_name_fields_that_there_are_and_say_where_they_come_from() -> None:
    for each in profiles().values():
        assert each.note
        if each.id != "plain":
            assert "not verified against a file" in each.note
            assert each.source
    assert next(iter(profiles())) == "plain"


def test_the_examples_come_in_whole_and_in_their_order(inside: User, therapist: User) -> None:
    User.objects.filter(id=therapist.id).update(name="Ana Alvarez", discipline="PT")
    folder = Path(__file__).parents[2] / "examples" / "import"
    found = {
        name: bring(kind, folder.joinpath(f"{name}.csv").read_bytes(), inside, profile)
        for name, kind, profile in (
            ("patients", "patients", "plain"), ("coverages", "coverages", "plain"), ("episodes", "episodes", "plain"),
            ("history", "history", "plain"), ("webpt-documented-units", "history", "webpt-documented-units"),
        )
    }  # fmt: skip
    assert {name: (report.counts["new"], report.rejects) for name, report in found.items()} == {
        "patients": (5, ()), "coverages": (6, ()), "episodes": (4, ()), "history": (8, ()),
        "webpt-documented-units": (3, ()),
    }  # fmt: skip
    assert Visit.objects.count() == 7
