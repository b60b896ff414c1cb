"""Secrets and identifiers at rest: sealed to their place, under keys that change while people work."""

from __future__ import annotations

import base64
import json
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import connection, models

from fifteen.cli.keys import keys as keys_command
from fifteen.clinic import rotation, vault
from fifteen.clinic.accounts.models import Authenticator, User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Patient
from fifteen.clinic.tenancy import clock, keeper
from fifteen.clinic.tenancy.errors import Conflict
from fifteen.clinic.tenancy.ids import new_id
from fifteen.clinic.tenancy.models import Organization
from tests.clinic.conftest import NOON, as_organization, make_organization, make_user
from tests.clinic.disk import on_disk

TOTP = "JBSWY3DPEHPK3PXPSEEDEDTOTPSECRET"
IDENTIFIER = "987-65-4320"


@pytest.fixture(autouse=True)
def own_ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key ring of its own for each test."""
    path = tmp_path / "ring" / "keys.json"
    monkeypatch.setenv("FIFTEEN_KEYS", str(path))
    return path


def make_patient(organization: Organization, identifier: str = IDENTIFIER) -> Patient:
    with as_organization(organization.id):
        patient = Patient(name="Pat", made=NOON)
        patient.save(force_insert=True)
        services.set_identifier(patient, identifier)
    return patient


def make_authenticator(user: User, secret: str = TOTP) -> Authenticator:
    with as_organization(user.organization_id):
        found = Authenticator(id=new_id(), user=user, kind="totp", made=NOON)
        found.secret = vault.seal(secret.encode(), table="authenticator", column="secret", row=found.id)
        found.save(force_insert=True)
    return found


def opened(row: Authenticator) -> str:
    return vault.open_(row.secret, table="authenticator", column="secret", row=row.id).decode()


# The ring


def test_a_ring_is_made_for_its_owner_only_and_kept(own_ring: Path) -> None:
    first = vault.ring()
    assert own_ring.stat().st_mode & 0o777 == 0o600
    assert own_ring.parent.stat().st_mode & 0o777 == 0o700
    assert vault.ring() is first
    assert [each.name for each in own_ring.parent.iterdir()] == ["keys.json"]


def test_many_that_make_a_ring_at_once_go_on_with_the_same(own_ring: Path) -> None:
    start, found = threading.Barrier(8), []

    def make() -> None:
        start.wait()
        vault._make(own_ring)
        found.append(vault.read_ring(own_ring).lookup)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_ring_that_another_process_changed_is_read_again() -> None:
    sealed = vault.seal(b"x", table="t", column="c", row="r")
    assert vault.key_of(sealed) == 1
    before = vault._read
    vault.add_key(NOON)
    assert before is not None
    assert vault.ring().newest == 2
    assert vault.key_of(vault.seal(b"x", table="t", column="c", row="r")) == 2
    assert vault.open_(sealed, table="t", column="c", row="r") == b"x"
    assert not list(vault.keys_path().parent.glob(".keys*"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no whole key ring"),
        (b"{}", "is no whole key ring"),
        (b'{"newest": 1, "keys": {"1": "c2VjcmV0', "is no whole key ring"),
        ("newest", "does not hold its newest key 9"),
        ("short", "is no key"),
        ("number", "is no key"),
    ],
)
def test_a_ring_that_is_no_ring_is_refused_and_nothing_of_it_is_shown(
    own_ring: Path, content: bytes | str, says: str
) -> None:
    key = vault.ring().keys[1]
    held = json.loads(own_ring.read_bytes())
    match content:
        case "newest":
            held["newest"] = 9
        case "short":
            held["keys"]["1"] = base64.b64encode(b"short").decode()
        case "number":
            held["keys"]["70000"] = key
    own_ring.write_bytes(content if isinstance(content, bytes) else json.dumps(held).encode())
    with pytest.raises(vault.RingUnreadable, match=says) as error:
        vault.ring()
    assert str(own_ring) in str(error.value)
    assert key not in str(error.value)
    assert "c2Vjcm" not in str(error.value)


def test_a_ring_that_others_can_read_is_refused_until_it_is_closed(own_ring: Path) -> None:
    vault.ring()
    own_ring.chmod(0o640)
    own_ring.write_bytes(own_ring.read_bytes() + b" ")
    with pytest.raises(vault.RingUnreadable, match=r"can be read by others \(mode 0640\).*chmod 600"):
        vault.ring()
    own_ring.chmod(0o600)
    assert vault.ring().newest == 1


def test_a_ring_that_cannot_be_made_or_read_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FIFTEEN_KEYS", str(tmp_path / "file" / "keys.json"))
    with pytest.raises(vault.RingUnreadable, match="cannot be read: Not a directory"):
        vault.ring()
    monkeypatch.setenv("FIFTEEN_KEYS", str(tmp_path))
    tmp_path.chmod(0o700)
    with pytest.raises(vault.RingUnreadable, match="Is a directory"):
        vault.ring()


def test_no_new_ring_beside_data_that_was_sealed_with_another(own_ring: Path) -> None:
    own_ring.parent.mkdir()
    own_ring.with_name("fifteen.sqlite3").write_bytes(b"data")
    with pytest.raises(vault.RingUnreadable, match="put the copy of your backup there"):
        vault.ring()
    assert not own_ring.exists()


# Sealed to a place


def test_what_is_sealed_opens_only_in_its_place() -> None:
    place = {"table": "patient", "column": "identifier", "row": "a"}
    sealed = vault.seal(b"secret", **place)
    assert vault.open_(sealed, **place) == b"secret"
    assert vault.seal(b"secret", **place) != sealed
    for other in ({"table": "authenticator"}, {"column": "secret"}, {"row": "b"}):
        with pytest.raises(vault.Sealed):
            vault.open_(sealed, **{**place, **other})
    for position in range(2, len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(vault.Sealed):
            vault.open_(bytes(changed), **place)
    for length in range(len(sealed)):
        with pytest.raises(vault.Sealed):
            vault.open_(sealed[:length], **place)


def test_a_key_that_the_ring_does_not_hold_is_named() -> None:
    sealed = (7).to_bytes(2, "big") + secrets.token_bytes(40)
    with pytest.raises(vault.Sealed, match=r"t\.c is sealed with key 7, which the key ring .* does not hold"):
        vault.open_(sealed, table="t", column="c", row="r")


@pytest.mark.django_db
def test_ciphertexts_swapped_in_the_database_do_not_open(north: Organization, therapist: User) -> None:
    one, two = make_patient(north, "111"), make_patient(north, "222")
    held = make_authenticator(therapist)
    with as_organization(north.id):
        sealed = {each.id: bytes(each.identifier) for each in Patient.objects.all()}
        Patient.objects.filter(id=one.id).update(identifier=sealed[two.id])
        Patient.objects.filter(id=two.id).update(identifier=bytes(held.secret))
        Authenticator.objects.filter(id=held.id).update(secret=sealed[one.id])
        for patient in Patient.objects.all():
            with pytest.raises(vault.Sealed):
                access.identifier_of(patient)
        with pytest.raises(vault.Sealed):
            opened(Authenticator.objects.get(id=held.id))


def test_every_column_of_bytes_is_sealed_or_says_why_not() -> None:
    ours = [each for each in apps.get_models() if each.__module__.startswith("fifteen.")]
    found = {
        (model._meta.app_label, model.__name__, field.name)
        for model in ours
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    assert found == set(vault.SEALED) | set(vault.UNSEALED)
    assert not set(vault.SEALED) & set(vault.UNSEALED)


# Patients by identifier


@pytest.mark.django_db
def test_a_patient_is_found_by_identifier_in_their_organization_only(north: Organization, south: Organization) -> None:
    patient, other = make_patient(north), make_patient(south)
    with as_organization(north.id):
        assert [each.id for each in access.by_identifier("987654320 ")] == [patient.id]
        assert access.by_identifier("987-65-4321") == access.by_identifier(" - ") == []
        assert access.identifier_of(Patient.objects.get(id=patient.id)) == IDENTIFIER
        assert Event.objects.filter(action="patients.identifier", patient=patient.id).count() == 1
        assert patient.identifier_key != other.identifier_key


@pytest.mark.django_db
def test_an_identifier_is_taken_away_and_two_writers_do_not_overwrite_each_other(north: Organization) -> None:
    patient = make_patient(north)
    with as_organization(north.id):
        stale = Patient.objects.get(id=patient.id)
        services.set_identifier(patient, "  ")
        with pytest.raises(Conflict):
            services.set_identifier(stale, "5")
        held = Patient.objects.get(id=patient.id)
        assert (held.identifier, held.identifier_key, access.identifier_of(held)) == (None, "", "")


# Rotation


def held_by(*organizations: Organization) -> set[int]:
    found = set()
    for organization in organizations:
        with as_organization(organization.id):
            found |= {vault.key_of(each.identifier) for each in Patient.objects.exclude(identifier=None)}
            found |= {vault.key_of(each.secret) for each in Authenticator.objects.all()}
    return found


@pytest.mark.django_db
def test_a_rotation_seals_everything_again_and_prune_drops_only_what_seals_nothing(
    north: Organization, south: Organization, therapist: User
) -> None:
    for number in range(5):
        make_patient(north, str(number))
        make_patient(south, str(number))
    authenticator = make_authenticator(therapist)
    done = rotation.rotate(batch=2)
    assert (done.newest, done.resealed, done.sealed_with) == (2, 11, {2: 11})
    assert held_by(north, south) == {2}
    with as_organization(north.id):
        assert opened(Authenticator.objects.get(id=authenticator.id)) == TOTP
        assert [access.identifier_of(each) for each in Patient.objects.order_by("id")] == list("01234")
        assert len(access.by_identifier("3")) == 1
        assert Event.objects.get(action="keys.rotated").detail == {"key": 2, "count": 6}
    early = rotation.prune()
    assert (early.dropped, early.kept) == ((), (1, 2))
    assert "an hour" in early.because[1]
    with clock.at(NOON + timedelta(hours=2)):
        assert rotation.prune().dropped == (1,)
    assert set(vault.ring().keys) == {2}
    with as_organization(north.id):
        assert opened(Authenticator.objects.get(id=authenticator.id)) == TOTP
        assert Event.objects.get(action="keys.pruned").detail == {"keys": [1]}


@pytest.mark.django_db
def test_a_value_that_does_not_open_keeps_its_key_and_holds_up_nothing(north: Organization) -> None:
    bad, good = make_patient(north, "1"), make_patient(north, "2")
    with as_organization(north.id):
        Patient.objects.filter(id=bad.id).update(identifier=bytes(bad.identifier)[:-1] + b"\0")
    assert rotation.rotate().sealed_with == {1: 1, 2: 1}
    with clock.at(NOON + timedelta(hours=2)):
        assert rotation.prune().dropped == ()
    with as_organization(north.id):
        assert access.identifier_of(Patient.objects.get(id=good.id)) == "2"


@pytest.mark.django_db
def test_a_rotation_that_was_interrupted_is_brought_to_the_end_by_the_next(
    north: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        make_patient(north, str(number))
    seal, calls = vault.seal, iter(range(10))

    def broken(value: bytes, **place: str) -> bytes:
        if next(calls) == 2:
            raise RuntimeError("the power went")
        return seal(value, **place)

    monkeypatch.setattr(vault, "seal", broken)
    with pytest.raises(RuntimeError):
        rotation.rotate(batch=1)
    monkeypatch.setattr(vault, "seal", seal)
    assert held_by(north) == {1, 2}
    with as_organization(north.id):
        assert [access.identifier_of(each) for each in Patient.objects.order_by("id")] == list("0123")
    assert rotation.rotate().sealed_with == {3: 4}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "rotations", "writes"), [(12, 2, 8), pytest.param(100, 5, 100, marks=pytest.mark.nightly)]
)
def test_people_read_and_write_without_an_error_while_keys_change(
    tmp_path: Path, rows: int, rotations: int, writes: int
) -> None:
    errors: list[BaseException] = []
    last: dict[str, str] = {}

    def guarded(work: object) -> threading.Thread:
        def run() -> None:
            try:
                work()  # type: ignore[operator]
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def write(mine: list[str]) -> None:
        for number in range(writes):
            with keeper.within(north.id):
                patient = Patient.objects.select_for_update().get(id=mine[number % len(mine)])
                services.set_identifier(patient, f"B{number}")
                last[patient.id] = f"B{number}"

    def read() -> None:
        for _ in range(writes):
            with keeper.within(north.id):
                assert opened(Authenticator.objects.get(id=authenticator.id)) == TOTP
                assert all(access.identifier_of(each)[0] in "AB" for each in Patient.objects.all())

    def rotate() -> None:
        for _ in range(rotations):
            rotation.rotate(batch=5)

    with on_disk(tmp_path):
        north = make_organization()
        ids = [make_patient(north, f"A{number}").id for number in range(rows)]
        authenticator = make_authenticator(make_user(north))
        half = rows // 2
        work = [lambda: write(ids[:half]), lambda: write(ids[half:]), read, rotate]
        threads = [guarded(each) for each in work]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert errors == []
        assert len(last) == min(rows, 2 * writes)
        rotation.rotate()
        assert held_by(north) == {rotations + 2}
        with as_organization(north.id):
            for id_, value in last.items():
                assert access.identifier_of(Patient.objects.get(id=id_)) == value


# Nothing in the clear


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    handler, root = _Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.django_db
def test_secrets_stand_in_no_file_journal_or_log(tmp_path: Path, logged: list[str]) -> None:
    control = "in the clear"
    with on_disk(tmp_path) as path:
        north = make_organization()
        with as_organization(north.id):
            Patient(name=control, made=NOON).save(force_insert=True)
        patient, authenticator = make_patient(north), make_authenticator(make_user(north))
        rotation.rotate()
        with as_organization(north.id):
            services.set_identifier(Patient.objects.get(id=patient.id), IDENTIFIER + "1")
            assert opened(Authenticator.objects.get(id=authenticator.id)) == TOTP
            stored = files_of(path) if path is not None else dump(north)
        stored += files_of(path) if path is not None else dump(north)
    if path is not None:
        assert any(each.name.endswith(("-journal", "-wal")) for each in seen)
    assert control.encode() in stored  # or this search finds nothing at all
    for value in (IDENTIFIER, IDENTIFIER.replace("-", ""), TOTP):
        for shape in (value.encode(), value.encode().hex().encode(), base64.b64encode(value.encode()).rstrip(b"=")):
            assert shape not in stored
            assert shape.decode() not in "\n".join(logged)


seen: set[Path] = set()


def files_of(path: Path) -> bytes:
    """The database, its journal, and whatever else stands beside it."""
    found = [each for each in path.parent.iterdir() if each.is_file()]
    seen.update(found)
    return b"".join(each.read_bytes() for each in found)


def dump(organization: Organization) -> bytes:
    """Every row that can be read, as text."""
    with as_organization(organization.id), connection.cursor() as cursor:
        rows: list[str] = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [each for (each,) in cursor.fetchall()]
    return "\n".join(rows).encode()


# The command


@pytest.mark.django_db
def test_the_command_rotates_and_prunes(north: Organization) -> None:
    make_patient(north)
    run = CliRunner().invoke
    done = json.loads(run(keys_command, ["rotate", "--json"]).output)
    assert done == {"newest": 2, "resealed": 1, "sealed_with": {"2": 1}}
    assert run(keys_command, ["rotate"]).output == "Key 3 seals now; 1 value sealed again.\n"
    shown = run(keys_command, ["prune"]).output
    assert shown.startswith("Thrown away: no key.\nKey 1 stays: it may still be in use")
    with clock.at(NOON + timedelta(hours=2)):
        assert json.loads(run(keys_command, ["prune", "--json"]).output)["dropped"] == [1, 2]


@pytest.mark.django_db
def test_the_command_says_what_is_wrong_with_the_ring(own_ring: Path) -> None:
    vault.ring()
    os.chmod(own_ring, 0o644)
    own_ring.write_bytes(own_ring.read_bytes() + b" ")
    error = CliRunner().invoke(keys_command, ["rotate"]).exception
    assert "can be read by others" in str(error)
