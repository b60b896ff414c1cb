"""Who sent a patient, and what the patient agreed to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fifteen.clinic.audit.record import record
from fifteen.clinic.notes.services import today
from fifteen.clinic.people import access, services
from fifteen.clinic.people.models import Consent, Patient, Referral, Referrer
from fifteen.clinic.tenancy.clock import now
from fifteen.clinic.tenancy.errors import Refused
from fifteen.clinic.treatment.services import DISCIPLINES as ALL_DISCIPLINES
from fifteen.kernel.npi import is_npi
from fifteen.web.clinic import desk
from fifteen.web.clinic.desk import Field, Form
from fifteen.web.clinic.forms import day, number, text, undone, whole
from fifteen.web.clinic.routes import needs

DISCIPLINES = [(each, each) for each in ALL_DISCIPLINES]


def consent_kinds() -> dict[str, str]:
    return {
        "treatment": _("Treatment"), "privacy": _("Notice of privacy practices received"),
        "billing": _("Billing and release to payers"), "telehealth": _("Telehealth"),
        "messages": _("Messages by text or e-mail"), "recording": _("Recording of visits"),
        "students": _("Students taking part"), "photos": _("Photos and video"),
    }  # fmt: skip


# -- referrals --------------------------------------------------------------------------------------------------


@needs("patients.read")
@require_safe
def page(request: HttpRequest, patient: str) -> HttpResponse:
    """The orders for a patient, newest first."""
    found = access.patient(patient)
    record("referrals.view", at=now(), kind="patient", object=found.id, patient=found.id)
    shown = {
        "referrals": access.referrals(found), "today": today(), "section": "referrals",
        "done": done_word(request.GET.get("done", "")),
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/referrals.html", found, shown)


@needs("coverage.write")
def new(request: HttpRequest, patient: str) -> HttpResponse:
    found = access.patient(patient)

    def store() -> str:
        services.add_referral(found, **_referral(request))
        return f"/patients/{found.id}/referrals?done=referral"

    values = {"received": today().isoformat(), "referrer": request.GET.get("referrer", "")}
    return desk.answer(request, _referral_form(found, None), values, store)


@needs("coverage.write")
def one(request: HttpRequest, referral: str) -> HttpResponse:
    found = access.referral(referral)

    def store() -> str:
        services.change_referral(found, number(request, "version"), **_referral(request))
        return f"/patients/{found.patient_id}/referrals?done=changed"

    record("referrals.view", at=now(), kind="referral", object=found.id, patient=found.patient_id)
    values = desk.as_typed(found, [each.name for each in _referral_form(found.patient, found).fields])
    return desk.answer(request, _referral_form(found.patient, found), values, store, version=found.version)


def _referral(request: HttpRequest) -> dict[str, Any]:
    received, referrer = day(request, "received"), text(request, "referrer")
    if not referrer:
        raise Refused(_("Choose who sent the patient; somebody new is registered under Referring practitioners."))
    if received is None:
        raise Refused(_("Write the day on which the order came in; nothing was stored."))
    return {
        "referrer": access.referrer(referrer), "discipline": text(request, "discipline"), "received": received,
        "diagnosis": text(request, "diagnosis"), "signed": day(request, "signed"), "visits": whole(request, "visits"),
        "ends": day(request, "ends"),
    }  # fmt: skip


def _referral_form(patient: Patient, found: Referral | None) -> Form:
    referrers = [(each.id, each.name + (f" · NPI {each.npi}" if each.npi else "")) for each in access.referrers()]
    fields = (
        Field(name="referrer", label=_("Sent by"), kind="choice", choices=referrers, empty=_("Choose"),
              hint="" if referrers else _("Nobody is registered yet: add them under Referring practitioners.")),
        Field(name="discipline", label=_("Discipline"), kind="choice", choices=DISCIPLINES, half=True),
        Field(name="diagnosis", label=_("Diagnosis as written"), length=200, half=True),
        Field(name="received", label=_("Came in on"), kind="date", half=True),
        Field(name="signed", label=_("Day beside the signature"), kind="date", half=True,
              hint=_("Empty where the order is not signed.")),
        Field(name="visits", label=_("Visits ordered"), kind="number", length=5, half=True),
        Field(name="ends", label=_("Good until"), kind="date", half=True),
    )  # fmt: skip
    return Form(
        title=_("Change a referral") if found else _("Add a referral"), fields=fields, patient=patient,
        section="referrals", button=_("Store"), back=f"/patients/{patient.id}/referrals", back_word=_("Referrals"),
    )  # fmt: skip


# -- referring practitioners ---------------------------------------------------------------------------------------


@needs("patients.read")
@require_safe
def referrers(request: HttpRequest) -> HttpResponse:
    """Everybody who orders therapy or certifies plans, by name."""
    given = {"referrers": access.referrers(), "done": done_word(request.GET.get("done", ""))}
    return render(request, "clinic/desk/referrers.html", given)


@needs("coverage.write")
def referrer_new(request: HttpRequest) -> HttpResponse:
    def store() -> str:
        values = _referrer(request)
        services.register_referrer(values.pop("name"), **values)
        return "/referrers?done=referrer"

    return desk.answer(request, _referrer_form(None), {}, store)


@needs("coverage.write")
def referrer_change(request: HttpRequest, referrer: str) -> HttpResponse:
    found = access.referrer(referrer)

    def store() -> str:
        services.change_referrer(found, number(request, "version"), **_referrer(request, found.npi))
        return "/referrers?done=changed"

    values = desk.as_typed(found, services.REFERRER)
    return desk.answer(request, _referrer_form(found), values, store, version=found.version)


def _referrer(request: HttpRequest, before: str = "") -> dict[str, str]:
    values = {name: " ".join(text(request, name).split()) for name in services.REFERRER}
    values["npi"] = "".join(values["npi"].split())
    if values["npi"] not in ("", before) and not is_npi(values["npi"]):
        raise Refused(_("This is no NPI: it has ten digits, and the last one checks the others. Look at it again."))
    return values


def _referrer_form(found: Referrer | None) -> Form:
    fields = (
        Field(name="name", label=_("Name"), hint=_("With the title, as it stands on the order.")),
        Field(name="npi", label=_("NPI"), kind="number", length=12, half=True,
              hint=_("Ten digits; a Medicare claim needs it.")),
        Field(name="phone", label=_("Phone"), length=40, half=True),
        Field(name="fax", label=_("Fax"), length=40, half=True),
    )  # fmt: skip
    return Form(
        title=_("Change a referring practitioner") if found else _("Add a referring practitioner"), fields=fields,
        button=_("Store"), back="/referrers", back_word=_("Referring practitioners"),
    )  # fmt: skip


# -- consents -----------------------------------------------------------------------------------------------------


@needs("patients.read")
@require_safe
def consents(request: HttpRequest, patient: str) -> HttpResponse:
    """What stands, and how it came to: given and taken back, each a row that stays."""
    found = access.patient(patient)
    record("consents.view", at=now(), kind="patient", object=found.id, patient=found.id)
    return _consents(request, found, done=done_word(request.GET.get("done", "")))


@needs("coverage.write")
@require_POST
def give(request: HttpRequest, patient: str) -> HttpResponse:
    """The patient agrees to something, on a day."""
    found = access.patient(patient)
    kind, on = text(request, "kind"), day(request, "date") or today()
    try:
        if kind not in consent_kinds():
            raise Refused(_("Say what the patient agreed to; choose one of the list."))
        services.add_consent(found, kind, on, request.user_row)  # type: ignore[attr-defined]
    except Refused as met:
        undone(request)
        return _consents(request, found, refused=str(met), status=422)
    return HttpResponseRedirect(f"/patients/{found.id}/consents?done=consent")


@needs("coverage.write")
@require_POST
def withdraw(request: HttpRequest, patient: str) -> HttpResponse:
    """The patient takes a consent back, on a day; the one that was given stays beside it."""
    found = access.patient(patient)
    kind, on = text(request, "kind"), day(request, "date") or today()
    standing = next((each for each in _standing(found) if each.kind == kind), None)
    if standing is None:
        raise Refused(_("This consent does not stand any more; there is nothing to take back."))
    services.withdraw_consent(standing, on, request.user_row)  # type: ignore[attr-defined]
    return HttpResponseRedirect(f"/patients/{found.id}/consents?done=withdrawn")


def _consents(
    request: HttpRequest, patient: Patient, *, done: str = "", refused: str = "", status: int = 200
) -> HttpResponse:
    words = consent_kinds()
    standing = _standing(patient)
    shown = {
        "standing": [{"row": each, "word": words.get(each.kind, each.kind)} for each in standing],
        "missing": [words[kind] for kind in ("treatment", "privacy") if kind not in {each.kind for each in standing}],
        "history": [
            {"row": each, "word": words.get(each.kind, each.kind)} for each in reversed(list(access.consents(patient)))
        ],
        "kinds": list(words.items()), "today": today(), "section": "consents", "done": done, "refused": refused,
    }  # fmt: skip
    return desk.render_for(request, "clinic/desk/consents.html", patient, shown, status=status)


def _standing(patient: Patient) -> list[Consent]:
    """The consents that stand: of each kind the last word counts."""
    last = {each.kind: each for each in access.consents(patient)}
    return [each for each in last.values() if not each.withdrawn]


def done_word(word: str) -> str:
    """The sentence for what was just done; empty for a word that is none of ours."""
    return {
        "referral": _("The referral is stored."), "changed": _("The change is stored."),
        "referrer": _("The practitioner is registered."), "consent": _("The consent is stored."),
        "withdrawn": _("The consent is taken back from that day on. That it was given stays."),
    }.get(word, "")  # fmt: skip


urlpatterns = [
    path("patients/<slug:patient>/referrals", page, name="referrals"),
    path("patients/<slug:patient>/referrals/new", new, name="referral-new"),
    path("referrals/<slug:referral>", one, name="referral-change"),
    path("referrers", referrers, name="referrers"),
    path("referrers/new", referrer_new, name="referrer-new"),
    path("referrers/<slug:referrer>", referrer_change, name="referrer-change"),
    path("patients/<slug:patient>/consents", consents, name="consents"),
    path("patients/<slug:patient>/consents/give", give, name="consent-give"),
    path("patients/<slug:patient>/consents/withdraw", withdraw, name="consent-withdraw"),
]
