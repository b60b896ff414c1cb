"""Who pays for a patient: payers in order, what they said was used of a threshold, and what they authorized."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.notes.services import today
from fifteen.clinic.payers import access as payers
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Coverage, Patient
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment import access as treatment
from fifteen.clinic.treatment import services as treating
from fifteen.clinic.treatment.models import Authorization, Episode
from fifteen.web.clinic import desk
from fifteen.web.clinic.desk import Field, Form
from fifteen.web.clinic.forms import cents, day, number, text, whole
from fifteen.web.clinic.routes import needs


def relations() -> list[tuple[str, str]]:
    words = {"self": _("The patient"), "spouse": _("Spouse"), "child": _("Parent: the patient is a child"),
             "other": _("Another person")}  # fmt: skip
    return [(each, words[each]) for each in services.RELATIONS]


def buckets() -> list[tuple[str, str]]:
    words = {"pt_slp": _("PT and SLP together"), "ot": _("OT")}
    return [(each, words[each]) for each in services.BUCKETS]


@needs("patients.read")
@require_safe
def page(request: HttpRequest, patient: str) -> HttpResponse:
    """All of it on one page; a member's number shows its last four signs only."""
    found = access.patient(patient)
    record("coverages.view", at=now(), kind="patient", object=found.id, patient=found.id)
    on = today()
    rows = [_coverage_shown(each, on) for each in access.coverages(found)]
    shown = {
        "coverages": [row for row in rows if row["state"] != "ended"],
        "ended": [row for row in rows if row["state"] == "ended"],
        "accruals": _accruals_shown(found), "authorizations": [
            _authorization_shown(each, on) for each in treatment.authorizations_of(found)
        ],
        "section": "coverage", "done": done_word(request.GET.get("done", "")),
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/coverage.html", found, shown)


@needs("coverage.write")
def new(request: HttpRequest, patient: str) -> HttpResponse:
    found = access.patient(patient)

    def store() -> str:
        services.add_coverage(found, payers.payer(_chosen(request, "payer")), **_coverage(request))
        return f"/patients/{found.id}/coverage?done=coverage"

    rank = max((each.rank for each in access.coverages(found, today())), default=0) + 1
    start = {"rank": str(min(rank, 9)), "relation": "self"}
    return desk.answer(request, _coverage_form(found, None), start, store)


@needs("coverage.write")
def one(request: HttpRequest, coverage: str) -> HttpResponse:
    """Change a coverage, or end it with its last day; the member's number stays where nothing is typed over it."""
    found = access.coverage(coverage)

    def store() -> str:
        wanted = _coverage(request)
        if not wanted["member"]:
            del wanted["member"]
        payer = payers.payer(_chosen(request, "payer"))
        services.change_coverage(found, number(request, "version"), payer=payer, **wanted)
        return f"/patients/{found.patient_id}/coverage?done=changed"

    record("coverages.view", at=now(), kind="coverage", object=found.id, patient=found.patient_id)
    values = desk.as_typed(found, ("payer", "rank", "plan", "relation", "starts", "ends"))
    return desk.answer(request, _coverage_form(found.patient, found), values, store, version=found.version)


@needs("coverage.write")
def accrued(request: HttpRequest, patient: str) -> HttpResponse:
    """What a payer said was used of a threshold, on which day, and where that was read."""
    found = access.patient(patient)

    def store() -> str:
        amount, as_of = cents(request, "cents"), day(request, "as_of")
        if amount is None or as_of is None:
            raise Refused(_("Write the amount and the day on which it was so; nothing was stored."))
        user = request.user_row  # type: ignore[attr-defined]
        services.say_accrued(
            found, year=as_of.year, bucket=text(request, "bucket"), cents=amount, as_of=as_of,
            source=text(request, "source"), user=user,
        )  # fmt: skip
        return f"/patients/{found.id}/coverage?done=accrual"

    form = Form(
        title=_("What the payer says was used"), patient=found, section="coverage", button=_("Store"), fields=(
            Field(name="bucket", label=_("Threshold"), kind="choice", choices=buckets(), empty=_("Choose"), half=True),
            Field(name="cents", label=_("Used so far, in dollars"), kind="money", length=12, half=True),
            Field(name="as_of", label=_("As of"), kind="date", half=True,
                  hint=_("The day for which the payer said it.")),
            Field(name="source", label=_("Read where"), half=True,
                  hint=_("The portal, a call and its number, a letter.")),
        ), back=f"/patients/{found.id}/coverage", back_word=_("Coverage"),
        about=_("Amounts that a payer allowed in this calendar year, here and elsewhere. What was said before stays; "
                "the newest holds."),
    )  # fmt: skip
    return desk.answer(request, form, {"as_of": today().isoformat()}, store)


@needs("coverage.write")
def authorize(request: HttpRequest, patient: str) -> HttpResponse:
    found = access.patient(patient)

    def store() -> str:
        coverage = access.coverage(_chosen(request, "coverage"))
        if coverage.patient_id not in access.family(found):
            raise Refused(_("This coverage is another patient's; choose one of this patient."))
        treating.authorize(coverage, **_authorization(request, found))
        return f"/patients/{found.id}/coverage?done=authorization"

    return desk.answer(request, _authorization_form(found, None), {}, store)


@needs("coverage.write")
def authorization(request: HttpRequest, authorization: str) -> HttpResponse:
    found = treatment.authorization(authorization)
    patient = found.coverage.patient

    def store() -> str:
        treating.change_authorization(found, number(request, "version"), **_authorization(request, patient))
        return f"/patients/{patient.id}/coverage?done=changed"

    record("authorizations.view", at=now(), kind="authorized", object=found.id, patient=patient.id)
    values = desk.as_typed(found, ("number", "visits", "units", "codes", "starts", "ends", "episode"))
    return desk.answer(request, _authorization_form(patient, found), values, store, version=found.version)


def masked(member: str) -> str:
    """A member's number with its last four signs only; of a short one none."""
    return "•••• " + member[-4:] if len(member) > 5 else "••••"


def episode_word(episode: Episode) -> str:
    """How an episode is called in a list to choose from."""
    return f"{episode.discipline} · {episode.problem} · {episode.started.isoformat()}"


def episode_choices(patient: Patient, *, open_only: bool = False) -> list[tuple[str, str]]:
    """The episodes of the person, under whichever record they are."""
    found = [each for each in treatment.episodes_of(access.head(patient)) if not (open_only and each.ended)]
    return [(each.id, episode_word(each)) for each in found]


def chosen_episode(request: HttpRequest, patient: Patient) -> Episode | None:
    """The episode of this person that was chosen, under whichever record; `Refused` for one of another."""
    id = text(request, "episode")
    if not id:
        return None
    found = treatment.episode(id)
    if found.patient_id not in access.family(access.head(patient)):
        raise Refused(_("This episode is another patient's; choose one of this patient."))
    return found


def _coverage(request: HttpRequest) -> dict[str, Any]:
    rank = whole(request, "rank")
    if rank is None:
        raise Refused(_("Say which payer pays first: 1 for the first, 2 for the second."))
    return {
        "rank": rank, "plan": text(request, "plan").strip(), "member": text(request, "member"),
        "relation": text(request, "relation"), "starts": day(request, "starts"), "ends": day(request, "ends"),
    }  # fmt: skip


def _coverage_form(patient: Patient, found: Coverage | None) -> Form:
    stands = access.member_of(found) if found is not None else ""
    hint = _("Stored encrypted; shown with its last four signs only.")
    if stands:
        hint = _("Stored: %(masked)s. Leave this empty to keep it.") % {"masked": masked(stands)}
    choices = [(each.id, each.name) for each in payers.payers() if each.active or (found and found.payer_id == each.id)]
    fields = [
        Field(name="payer", label=_("Payer"), kind="choice", choices=choices, empty=_("Choose"), half=True,
              hint="" if choices else _("No payer is registered yet: a biller or an owner adds it under Payers.")),
        Field(name="rank", label=_("Pays as number"), kind="choice", half=True,
              choices=[(str(each), str(each)) for each in range(1, 10)]),
        Field(name="plan", label=_("Plan or group"), half=True),
        Field(name="member", label=_("Member's number"), hint=hint, length=80, half=True),
        Field(name="relation", label=_("The member is"), kind="choice", choices=relations()),
        Field(name="starts", label=_("First day"), kind="date", half=True),
        Field(name="ends", label=_("Last day"), kind="date", half=True, hint=_("Empty while it goes on.")),
    ]  # fmt: skip
    return Form(
        title=_("Change a coverage") if found else _("Add a coverage"), fields=fields, patient=patient,
        section="coverage", button=_("Store"), back=f"/patients/{patient.id}/coverage", back_word=_("Coverage"),
        about=_("To end it, write its last day. What was recorded under it stays."),
    )  # fmt: skip


def _authorization(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    starts, visits, units = day(request, "starts"), whole(request, "visits"), whole(request, "units")
    if starts is None:
        raise Refused(_("Write the first day of the authorization; nothing was stored."))
    if visits is None and units is None:
        raise Refused(_("Write how many visits or how many units were authorized; nothing was stored."))
    codes = text(request, "codes").replace(",", " ").split()
    return {
        "number": text(request, "number"), "starts": starts, "ends": day(request, "ends"), "visits": visits,
        "units": units, "codes": codes, "episode": chosen_episode(request, patient),
    }  # fmt: skip


def _authorization_form(patient: Patient, found: Authorization | None) -> Form:
    coverages = [(each.id, f"{each.rank} · {each.payer.name}") for each in access.coverages(patient)]
    whose = Field(name="coverage", label=_("Coverage"), kind="choice", choices=coverages, empty=_("Choose"), half=True,
                  hint="" if coverages else _("Add a coverage first."))  # fmt: skip
    fields = [
        *([] if found else [whose]),
        Field(name="number", label=_("Authorization number"), length=50, half=True),
        Field(name="visits", label=_("Visits"), kind="number", length=5, half=True),
        Field(name="units", label=_("Units"), kind="number", length=5, half=True,
              hint=_("Visits, units, or both: whichever the payer counts.")),
        Field(name="codes", label=_("Codes"), hint=_("Such as 97110 97140; empty where it is for all.")),
        Field(name="starts", label=_("First day"), kind="date", half=True),
        Field(name="ends", label=_("Last day"), kind="date", half=True),
        Field(name="episode", label=_("Episode"), kind="choice", choices=episode_choices(patient),
              empty=_("Whichever it fits")),
    ]  # fmt: skip
    return Form(
        title=_("Change an authorization") if found else _("Add an authorization"), fields=fields, patient=patient,
        section="coverage", button=_("Store"), back=f"/patients/{patient.id}/coverage", back_word=_("Coverage"),
    )  # fmt: skip


def _chosen(request: HttpRequest, name: str) -> str:
    id = text(request, name)
    if not id:
        raise Refused(_("Choose a payer; nothing was stored.") if name == "payer" else _("Choose a coverage first."))
    return id


def _coverage_shown(each: Coverage, on: date) -> dict[str, Any]:
    member = access.member_of(each)
    return {
        "row": each, "member": masked(member) if member else "", "relation": dict(relations()).get(each.relation, ""),
        "state": _state(each.starts, each.ends, on), "known": bool(each.payer.policy),
    }  # fmt: skip


def _authorization_shown(each: Authorization, on: date) -> dict[str, Any]:
    return {
        "row": each, "state": _state(each.starts, each.ends, on),
        "episode": episode_word(each.episode) if each.episode else "",
    }  # fmt: skip


def _accruals_shown(patient: Patient) -> list[dict[str, Any]]:
    """Newest first; of each year and threshold the newest holds."""
    found, seen = [], set[tuple[int, str]]()
    for each in reversed(list(access.accruals(patient))):
        holds = (each.year, each.bucket) not in seen
        seen.add((each.year, each.bucket))
        amount = f"${each.cents // 100:,}.{each.cents % 100:02}"
        found.append({"row": each, "holds": holds, "amount": amount, "word": dict(buckets()).get(each.bucket, "")})
    return found


def _state(starts: date | None, ends: date | None, on: date) -> str:
    if ends is not None and ends < on:
        return "ended"
    return "coming" if starts is not None and starts > on else "now"


def done_word(word: str) -> str:
    """The sentence for what was just done; empty for a word that is none of ours."""
    return {
        "coverage": _("The coverage is stored."),
        "changed": _("The change is stored."),
        "accrual": _("What the payer said is stored."),
        "authorization": _("The authorization is stored."),
    }.get(word, "")


urlpatterns = [
    path("patients/<slug:patient>/coverage", page, name="coverage"),
    path("patients/<slug:patient>/coverage/new", new, name="coverage-new"),
    path("patients/<slug:patient>/accruals/new", accrued, name="accrual-new"),
    path("patients/<slug:patient>/authorizations/new", authorize, name="authorization-new"),
    path("coverages/<slug:coverage>", one, name="coverage-change"),
    path("authorizations/<slug:authorization>", authorization, name="authorization-change"),
]
