"""A patient: registered, or known already and left as they are but for an identifier they had none of."""

from __future__ import annotations

from fifteen.clinic.importing.run import Group, Result, Run
from fifteen.clinic.importing.who import name_of
from fifteen.clinic.people import access, services


def put(group: Group, run: Run) -> tuple[Result, str]:
    """The patient of this row."""
    said = group.values
    found = run.patients.find(said)
    if found is not None:
        patient = access.patient(found)
        if "identifier" in said and not patient.identifier_key:
            services.set_identifier(patient, said["identifier"])
            run.patients.add(patient)
            run.made["identifier"] += 1
        return "matched", found
    patient = services.register(
        name_of(said), said.get("born"), said.get("identifier", ""), phone=said.get("phone", ""),
        precautions=said.get("precautions", ""),
    )  # fmt: skip
    run.patients.add(patient)
    run.undo(lambda: run.patients.drop(patient.id))
    run.made["patient"] += 1
    return "new", patient.id
