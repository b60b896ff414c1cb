"""A front desk in the middle of a day, run over a clinic that `browser.py` has made: its arguments are three ids.

Prints the ids of what stands then as JSON. Invented people only.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from fifteen.clinic.accounts import people_services  # noqa: E402
from fifteen.clinic.accounts.models import User  # noqa: E402
from fifteen.clinic.audit.record import Who, acting_as  # noqa: E402
from fifteen.clinic.documents import services as documents  # noqa: E402
from fifteen.clinic.documents.models import Document  # noqa: E402
from fifteen.clinic.payers import services as paying  # noqa: E402
from fifteen.clinic.people import access  # noqa: E402
from fifteen.clinic.people import services as people  # noqa: E402
from fifteen.clinic.schedule import access as times  # noqa: E402
from fifteen.clinic.schedule import services as schedule  # noqa: E402
from fifteen.clinic.tenancy import services as sites  # noqa: E402
from fifteen.clinic.tenancy.clock import now  # noqa: E402
from fifteen.clinic.tenancy.context import acting  # noqa: E402
from fifteen.clinic.treatment import access as treatment  # noqa: E402
from fifteen.clinic.treatment import services as treating  # noqa: E402

organization, ana, dev = sys.argv[1:4]
with transaction.atomic(), acting(organization), acting_as(Who(actor=dev, role="front_desk")):
    desk, therapist = User.objects.get(id=dev), User.objects.get(id=ana)
    people_services.set_npi(therapist, "1234567893", therapist.version)
    for credential, ends in (("PT", date(2031, 3, 31)), ("DPT", date(2020, 1, 1))):
        people_services.set_licence(
            therapist, therapist.version, credential=credential, state="OR", number="7711", ends=ends
        )
    site = sites.add_site(
        "Elm Street",
        "America/New_York",
        locality="15202-00",
        place_of_service="11",
        npi="1245319599",
        billing="private-practice",
        address="12 Elm Street, Columbus, OH 43215",
    )
    west = sites.add_site("Riverside", "America/Chicago")
    today = times.local(now(), site).date()
    payers = {
        name: paying.add_payer(name, policy=policy, number=number)
        for name, policy, number in (
            ("Medicare Part B", "medicare", "15202"),
            ("Aetna", "aetna", "60054"),
            ("Gap Mutual of Ohio", "", ""),
            ("Self pay", "self-pay", ""),
            ("UnitedHealthcare", "unitedhealthcare", "87726"),
        )
    }
    paying.change_payer(paying.add_payer("Old County Plan"), 1, active=False)
    paying.set_fee(payers["Aetna"], code="97110", cents=3025, starts=date(2026, 1, 1))
    paying.set_fee(payers["Aetna"], code="97140", cents=2810, starts=date(2026, 1, 1), ends=date(2026, 12, 31))
    elm = people.register_referrer("Dr. Leah Elm, MD", npi="1245319599", phone="614-555-0100", fax="614-555-0101")
    people.register_referrer("Noor Haddad, NP")
    ada = people.register("Adelaide Fenwick", date(1950, 4, 1))
    empty = people.register("Zora Blank")
    first = people.add_coverage(ada, payers["Medicare Part B"], member="1EG4-TE5-MK73", starts=date(2020, 1, 1))
    people.add_coverage(ada, payers["Gap Mutual of Ohio"], rank=2, plan="Plan G", starts=date(2020, 1, 1))
    people.add_coverage(ada, payers["Aetna"], member="W123456789", starts=date(2018, 1, 1), ends=date(2019, 12, 31))
    last = today.replace(month=1, day=1)
    people.say_accrued(ada, year=last.year, bucket="pt_slp", cents=12000, as_of=last, source="Portal", user=desk)
    people.say_accrued(
        ada, year=today.year, bucket="pt_slp", cents=123450, as_of=today, source="Portal, ref. 55021", user=desk
    )
    people.add_referral(
        ada,
        elm,
        discipline="PT",
        received=today - timedelta(days=20),
        diagnosis="M25.561 pain in right knee",
        signed=today - timedelta(days=21),
        visits=12,
    )
    people.add_referral(ada, elm, discipline="OT", received=today - timedelta(days=2))
    people.add_consent(ada, "treatment", today - timedelta(days=20), desk)
    people.withdraw_consent(people.add_consent(ada, "photos", today - timedelta(days=20), desk), today, desk)
    episode = treating.open_episode(
        ada,
        discipline="PT",
        site=site,
        problem="Right knee, after replacement",
        therapist=therapist,
        started=today - timedelta(days=20),
    )
    plan = treating.add_plan(episode, starts=today - timedelta(days=20), ends=today + timedelta(days=5))
    treating.authorize(
        first,
        number="A-2201",
        starts=today - timedelta(days=30),
        ends=today + timedelta(days=30),
        visits=12,
        episode=episode,
    )
    treating.authorize(
        first, number="A-1100", starts=date(2024, 1, 1), ends=date(2024, 12, 31), units=24, codes=["97110", "97140"]
    )
    pdf = b"%PDF-1.7 a letter %%EOF"

    def file(kind: str, **fields: Any) -> Document:
        return documents.add(ada, io.BytesIO(pdf), len(pdf), desk, kind=kind, **fields)

    file(
        "plan", title="Plan of care, right knee", signer="Dr. Leah Elm, MD", signed=today - timedelta(days=2), plan=plan
    )
    file("referral", title="Order of Dr. Elm", signer="Dr. Leah Elm, MD", signed=today - timedelta(days=21))
    file("insurance", title="Medicare card, front")
    wrong = file("letter", title="Letter that is somebody else's")
    documents.hide(wrong, "It is another patient's", desk)
    bob = people.register("Benjamin Okafor-Lindqvist", date(1988, 2, 2))
    under = treating.open_episode(
        bob, discipline="PT", site=site, problem="Low back", therapist=therapist, started=today
    )

    def at(hour: int, minute: int = 0) -> datetime:
        return schedule.instant(today, time(hour, minute), site)

    booked = schedule.book(ada, site=site, starts=at(9), person=therapist, episode=episode)
    schedule.book(bob, site=site, starts=at(9, 30), person=therapist, episode=under)
    gone = schedule.book(ada, site=site, starts=at(13), person=therapist, episode=episode)
    schedule.cancel(gone, 1, "snow")
    schedule.book(bob, site=site, starts=at(14), minutes=60)
    schedule.series(
        ada,
        site=site,
        first=today + timedelta(days=2),
        weekdays={0, 2},
        at=time(9),
        count=4,
        person=therapist,
        episode=episode,
    )
    cleo = people.register("Cleo Marsh")
    treating.open_episode(cleo, discipline="PT", site=site, problem="Left shoulder", therapist=therapist, started=today)
    print(
        json.dumps(
            {
                "ada": ada.id,
                "empty": empty.id,
                "payer": payers["Aetna"].id,
                "unknown": payers["Gap Mutual of Ohio"].id,
                "site": site.id,
                "coverage": first.id,
                "booking": booked.id,
                "gone": gone.id,
                "wrong": wrong.id,
                "today": today.isoformat(),
                "authorization": treatment.authorizations_of(ada)[0].id,
                "referral": access.referrals(ada)[0].id,
                "referrer": elm.id,
            }
        )
    )
