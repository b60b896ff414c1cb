"""Notes: drafts of which nothing is lost, signatures that are one, and signed versions that never change."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from fifteen.__about__ import __version__
from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.notes import access, seal, services
from fifteen.clinic.notes.models import Attestation, EnteredInError, Note, SignedVersion
from fifteen.clinic.people.models import Patient
from fifteen.clinic.people.services import register
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.clinic.treatment.services import start_visit
from tests.clinic.apart import apart, at_once
from tests.clinic.chart import a_site, an_episode
from tests.clinic.conftest import NOON, as_organization, log_in, make_organization, make_user, post
from tests.tiers import NIGHTLY, examples

__all__ = ["apart"]
DAY = date(2026, 3, 2)


@pytest.fixture
def inside(therapist: User) -> Iterator[User]:
    with as_organization(therapist.organization_id), acting_as(Who(actor=therapist.id, role=therapist.role)):
        yield therapist


def a_note(user: User, text: str = "Gait 20 minutes") -> Note:
    return services.start_note(register("Ada"), user, DAY, content={"text": text})


def digest_of(text: str) -> str:
    """What the page to sign a note of nothing but this text sends along."""
    return seal.digest(seal.canonical({"text": text}))


def events(action: str) -> int:
    return int(Event.objects.filter(action=action).count())


@pytest.mark.django_db
class TestDrafts:
    def test_two_hundred_interleavings_lose_no_character(self, inside: User) -> None:
        """Check 5: two people read, write and save in any order; who is second is given both texts, whole.

        All two hundred each night, a quarter on every change, begun elsewhere each time.
        """
        seed = 5 if NIGHTLY else random.SystemRandom().randrange(10**6)
        print(f"seed {seed}")
        chance = random.Random(seed)
        for _ in range(examples(200)):
            note = a_note(inside, "start")
            seen: dict[str, int] = {}
            steps = ["a", "a", "a", "b", "b", "b"]
            chance.shuffle(steps)
            latest, writes = "start", 0
            for who in steps:
                found = access.note(note.id)
                if who not in seen:
                    seen[who] = found.version
                    continue
                text = "".join(chance.choices("ab é\n\u2028'\"<&漢", k=chance.randrange(40)))
                fresh = seen[who] == found.version
                if fresh:
                    seen[who] = services.save_draft(found, {"text": text}, seen[who]).version
                    latest, writes = text, writes + 1
                else:
                    with pytest.raises(Conflict) as met:
                        services.save_draft(found, {"text": text}, seen[who])
                    assert (met.value.stored, met.value.refused) == ({"text": latest}, {"text": text})
                    seen[who] = met.value.version
                assert access.note(note.id).draft == {"text": latest}
            assert access.note(note.id).version == writes + 1

    def test_a_draft_of_a_signed_note_is_refused_and_given_back(self, inside: User) -> None:
        note = a_note(inside, "signed")
        services.sign(note, inside, "PT")
        with pytest.raises(Conflict) as met:
            services.save_draft(note, {"text": "late"}, 1)
        assert (met.value.stored, met.value.refused) == ({"text": "signed"}, {"text": "late"})

    def test_what_no_database_can_hold_is_refused_and_what_only_looks_so_is_not(self, inside: User) -> None:
        note = a_note(inside)
        with pytest.raises(Refused):
            services.save_draft(note, {"text": ["a\0b"]}, 1)
        assert services.save_draft(note, {"text": "\\u0000"}, 1).draft == {"text": "\\u0000"}


@pytest.mark.django_db
class TestSigning:
    def test_a_signature_seals_records_and_clears_the_draft_once(self, inside: User) -> None:
        note = a_note(inside)
        first = services.sign(note, inside, "PT", 1)
        assert services.sign(note, inside, "PT", 1).id == first.id
        found = access.reading(note.id)
        assert found.note.draft is None
        assert [content for _, content in found.versions] == [{"text": "Gait 20 minutes"}]
        assert seal.faults(found.versions[0][0]) == []
        event = Event.objects.get(action="notes.sign")
        assert (event.object, event.actor, event.detail["digest"]) == (first.id, inside.id, first.digest)
        assert "Gait" not in str(event.detail)

    def test_what_is_signed_is_what_was_read(self, inside: User) -> None:
        note = a_note(inside)
        services.save_draft(note, {"text": "other"}, 1)
        with pytest.raises(Conflict):
            services.sign(note, inside, "PT", 1)
        assert access.newest(note) is None

    @pytest.mark.parametrize(
        ("why", "fields"),
        [
            ("author", {"active": False}),
            ("role", {"role": "student"}),
            ("role", {"role": "owner"}),
            ("credential", {"discipline": "OT"}),
            ("credential", {"role": "assistant"}),
        ],
    )
    def test_a_person_who_may_not_sign(self, inside: User, why: str, fields: dict[str, Any]) -> None:
        note = a_note(inside)
        for name, value in fields.items():
            setattr(inside, name, value)
        with pytest.raises(Refused, match=why):
            services.sign(note, inside, "PT")
        assert access.newest(note) is None

    def test_an_author_a_credential_a_patient_and_a_day_are_needed(self, inside: User) -> None:
        note = a_note(inside)
        with pytest.raises(Refused, match="author"):
            services.sign(note, None, "PT")
        with pytest.raises(Refused, match="credential"):
            services.sign(note, inside, "")
        Patient.objects.update(name=" ")
        with pytest.raises(Refused, match="patient"):
            services.sign(note, inside, "PT")
        Patient.objects.update(name="Ada")
        Note.objects.update(date=DAY + timedelta(days=1))
        with pytest.raises(Refused, match="day"):
            services.sign(note, inside, "PT")
        Site(name="Guam", zone="Pacific/Guam").save()  # there it is tomorrow already
        services.sign(note, inside, "PT")

    def test_an_assistant_signs_as_one(self, inside: User) -> None:
        inside.role, inside.discipline = "assistant", "OT"
        assert services.credentials(inside) == ["OTA", "COTA", "COTA/L"]
        assert services.sign(a_note(inside), inside, "COTA").credential == "COTA"


@pytest.mark.django_db
class TestAmending:
    def test_an_amendment_names_what_it_amends_and_both_are_shown(self, inside: User) -> None:
        note = a_note(inside)
        first = services.sign(note, inside, "PT")
        with clock.at(NOON + timedelta(hours=1)):
            second = services.amend(first, {"text": "Gait 15 minutes"}, "wrong minutes", inside, "PT")
        assert (second.number, second.amends_id, second.reason, second.author) == (
            2,
            first.id,
            "wrong minutes",
            inside.id,
        )
        found = access.reading(note.id)
        assert [content["text"] for _, content in found.versions] == ["Gait 20 minutes", "Gait 15 minutes"]
        assert [seal.faults(version) for version, _ in found.versions] == [[], []]
        assert events("notes.amend") == 1

    def test_the_second_amendment_of_one_version_is_given_both_texts(self, inside: User) -> None:
        first = services.sign(a_note(inside), inside, "PT")
        services.amend(first, {"text": "one"}, "because", inside, "PT")
        with pytest.raises(Conflict) as met:
            services.amend(first, {"text": "two"}, "because", inside, "PT")
        assert (met.value.stored, met.value.refused) == ({"text": "one"}, {"text": "two"})

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 401])
    def test_an_amendment_needs_a_reason(self, inside: User, reason: str) -> None:
        first = services.sign(a_note(inside), inside, "PT")
        with pytest.raises(Refused, match="reason"):
            services.amend(first, {"text": "one"}, reason, inside, "PT")
        assert SignedVersion.objects.count() == 1

    def test_in_error_hides_and_keeps_and_can_be_taken_back(self, inside: User) -> None:
        note = a_note(inside)
        with pytest.raises(Refused):
            services.entered_in_error(note, "wrong patient", inside)
        services.sign(note, inside, "PT")
        for _ in range(2):
            services.entered_in_error(note, "wrong patient", inside)
        assert list(access.notes_of(note.patient)) == []
        assert [each.id for each in access.notes_of(note.patient, errors=True)] == [note.id]
        assert access.reading(note.id).in_error
        for _ in range(2):
            services.withdraw(note, "right patient after all", inside)
        assert [each.id for each in access.notes_of(note.patient)] == [note.id]
        services.entered_in_error(note, "no, wrong", inside)
        found = access.reading(note.id)
        assert (found.in_error, len(found.errors), len(found.versions)) == (True, 3, 1)
        assert (events("notes.error"), events("notes.error.withdraw")) == (2, 1)


@pytest.mark.django_db
class TestNeverChanged:
    """Check 7 for notes: by whatever road, a signed version stays as it is."""

    @pytest.fixture
    def signed(self, inside: User) -> SignedVersion:
        note = a_note(inside)
        version = services.sign(note, inside, "PT")
        services.entered_in_error(note, "wrong", inside)
        services.attest(note, inside, kind="59", line="1", evidence="0" * 64)
        return access.version(version.id)

    @pytest.mark.parametrize("model", [SignedVersion, EnteredInError, Attestation])
    @pytest.mark.parametrize("road", ["save", "update", "delete", "sweep", "bulk", "replace"])
    def test_through_the_models(self, signed: SignedVersion, model: Any, road: str) -> None:
        row = model.objects.get()
        before = model.objects.values().get()
        field = "author" if model is SignedVersion else "by"
        setattr(row, field, "someone")
        roads = {
            "save": row.save,
            "update": lambda: model.objects.update(**{field: "someone"}),
            "delete": row.delete,
            "sweep": lambda: model.objects.all()._raw_delete(model.objects.db),
            "bulk": lambda: model.objects.bulk_update([row], [field]),
            "replace": lambda: model.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["id"], update_fields=[field]
            ),
        }
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            roads[road]()
        assert model.objects.values().get() == before

    @pytest.mark.parametrize("table", ["note_version", "note_in_error", "attestation"])
    @pytest.mark.parametrize(
        ("statement", "databases"),
        [
            ("UPDATE {} SET at = at", ("sqlite", "postgresql")),
            ("DELETE FROM {}", ("sqlite", "postgresql")),
            ("TRUNCATE {} CASCADE", ("postgresql",)),
            ("INSERT OR REPLACE INTO {0} SELECT * FROM {0}", ("sqlite",)),
            ("WITH gone AS (DELETE FROM {} RETURNING id) SELECT * FROM gone", ("postgresql",)),
        ],
    )
    def test_through_raw_sql(
        self, signed: SignedVersion, table: str, statement: str, databases: tuple[str, ...]
    ) -> None:
        if connection.vendor not in databases:
            pytest.skip("this database has no such statement")
        connection.check_constraints()  # PostgreSQL would refuse to truncate for those that wait, too
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))
        assert seal.faults(access.version(signed.id)) == []
        assert (EnteredInError.objects.count(), Attestation.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        "field", ["content", "digest", "number", "reason", "author", "credential", "at", "date", "kind", "patient_id"]
    )
    def test_a_changed_field_is_found(self, signed: SignedVersion, field: str) -> None:
        target = signed if hasattr(signed, field) else signed.note
        value = getattr(target, field)
        changed = (
            value + timedelta(days=1) if field in ("at", "date") else value + 1 if field == "number" else f"{value} "
        )
        assert seal.faults(signed) == []
        setattr(target, field, changed)
        assert seal.faults(signed) != []


def test_fifty_clicks_are_one_signature(apart: None) -> None:
    """Check 6: fifty clicks at once, each a request of its own with its own key."""
    user = make_user(make_organization())
    with as_organization(user.organization_id):
        note = a_note(user)
    data = {"credential": "PT", "version": "1", "digest": digest_of("Gait 20 minutes")}
    first = Client()
    log_in(first, user)

    def click(place: int) -> int:
        client = Client()
        client.cookies = first.cookies
        return int(post(client, f"/notes/{note.id}/sign", data).status_code)

    assert at_once(50, click) == [302] * 50
    with as_organization(user.organization_id):
        assert SignedVersion.objects.count() == 1
        assert events("notes.sign") == 1
        assert access.note(note.id).draft is None


def test_two_amendments_at_once_are_one_and_a_conflict(apart: None) -> None:
    user = make_user(make_organization())
    with as_organization(user.organization_id):
        first = services.sign(a_note(user), user, "PT")

    def amend(place: int) -> str:
        try:
            with as_organization(user.organization_id):
                services.amend(first, {"text": str(place)}, "because", user, "PT")
        except Conflict as met:
            return f"{met.refused['text']} met {met.stored['text']}"
        return ""

    answers = at_once(8, amend)
    winner = answers.index("")
    assert answers == ["" if place == winner else f"{place} met {winner}" for place in range(8)]


@pytest.mark.django_db
class TestPages:
    def test_signing_begins_with_saving_what_is_written(self, client: Client, therapist: User) -> None:
        with as_organization(therapist.organization_id):
            patient = register("Ada Stone")
        log_in(client, therapist)
        where = post(client, f"/patients/{patient.id}/notes", {"date": "2026-03-02"}).headers["Location"]
        assert "Nothing is written in this draft" in client.get(f"{where}/sign").content.decode()
        typed = {"text": "gait 15 min", "version": "1", "then": "sign"}
        assert post(client, f"{where}/draft", typed).headers["Location"] == f"{where}/sign"
        page = client.get(f"{where}/sign").content.decode()
        assert "gait 15 min" in page
        assert "Nothing is written" not in page
        assert "Saved 2026-03-02 17:00 UTC" in client.get(where).content.decode()
        form = {"credential": "PT", "version": "2", "digest": digest_of("gait 15 min")}
        assert f'name="digest" value="{form["digest"]}"' in page
        assert post(client, f"{where}/sign", form).status_code == 302
        assert f"<p>Fifteen {__version__}</p>" in client.get(f"{where}/amend").content.decode()

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    def test_a_day_at_an_end_of_the_calendar_is_refused(self, client: Client, therapist: User, day: str) -> None:
        with as_organization(therapist.organization_id):
            patient = register("Ada Stone")
            with pytest.raises(Refused, match="before 1900 or after 2199"):
                services.start_note(patient, therapist, date.fromisoformat(day))
            visit = start_visit(an_episode(patient, a_site()), date=DAY)
        log_in(client, therapist)
        assert post(client, f"/patients/{patient.id}/notes", {"date": day}).status_code == 422
        typed = {"version": "1", "date": day, "arrived": "23:30", "departed": "23:45"}
        assert post(client, f"/visits/{visit.id}/change", typed).status_code == 422

    def test_write_conflict_sign_amend_error(self, client: Client, therapist: User) -> None:
        with as_organization(therapist.organization_id):
            patient = register("Ada Stone")
        log_in(client, therapist)
        where = post(client, f"/patients/{patient.id}/notes", {"date": "2026-03-02"}).headers["Location"]
        assert post(client, f"{where}/draft", {"text": "first <b>", "version": "1"}).status_code == 302
        both = post(client, f"{where}/draft", {"text": "\nsecond\r\n&", "version": "1"})
        assert both.status_code == 409
        assert "first &lt;b&gt;" in both.content.decode()
        assert "\n\nsecond\n&amp;</textarea>" in both.content.decode()
        assert 'name="version" value="2"' in both.content.decode()
        assert "first &lt;b&gt;" in client.get(f"{where}/sign").content.decode()
        form = {"credential": "PT", "version": "2", "digest": digest_of("first <b>")}
        assert post(client, f"{where}/sign", form | {"version": "1"}).status_code == 409
        assert post(client, f"{where}/sign", form | {"digest": ""}).status_code == 409
        assert post(client, f"{where}/sign", form | {"credential": "MD"}).status_code == 422
        assert post(client, f"{where}/sign", form).status_code == 302
        late = post(client, f"{where}/draft", {"text": "too late", "version": "2"})
        assert late.status_code == 409
        assert f'action="{where}/amend"' in late.content.decode()
        with as_organization(therapist.organization_id):
            signed = SignedVersion.objects.get()
        data = {"amends": signed.id, "text": "second text", "reason": "a slip", "credential": "PT"}
        assert post(client, f"{where}/amend", data).status_code == 302
        assert post(client, f"{where}/amend", data).status_code == 409
        page = client.get(where).content.decode()
        assert all(words in page for words in ("first &lt;b&gt;", "second text", "a slip", "Amendment", "Ana, PT"))
        assert post(client, f"{where}/error", {"reason": "other patient"}).status_code == 302
        hidden, shown = client.get(where).content.decode(), client.get(f"{where}?errors=1").content.decode()
        assert "second text" not in hidden
        assert "other patient" in hidden
        assert "second text" in shown
        assert where not in client.get(f"/patients/{patient.id}").content.decode()
        assert where in client.get(f"/patients/{patient.id}?errors=1").content.decode()
        assert post(client, f"{where}/error", {"reason": "it was right", "withdraw": "1"}).status_code == 302
        assert "second text" in client.get(where).content.decode()
        with as_organization(therapist.organization_id):
            assert events("notes.view") == 6
            assert all("second" not in str(each.detail) for each in Event.objects.all())

    def test_a_note_of_another_organization_is_as_if_there_were_none(
        self, client: Client, therapist: User, south: Organization
    ) -> None:
        sara = make_user(south, "sara")
        with as_organization(south.id):
            theirs = a_note(sara)
        log_in(client, therapist)
        for where in ("", "/sign", "/amend", "/error"):
            assert client.get(f"/notes/{theirs.id}{where}").status_code == 404
        for where in ("/draft", "/sign", "/amend", "/error"):
            data = {"text": "x", "version": "1", "credential": "PT", "reason": "x", "amends": theirs.id}
            assert post(client, f"/notes/{theirs.id}{where}", data).status_code == 404
        with as_organization(therapist.organization_id), pytest.raises(NotFound):
            access.held(theirs.id)
