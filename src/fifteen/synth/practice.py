"""The door: a seed and a present in, a fictional practice out, with what was planted in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from fifteen.engine.day import Bucket
from fifteen.engine.people import Discipline
from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.synth import invented
from fifteen.synth.chance import Chance
from fifteen.synth.diary import Diary, workday
from fifteen.synth.episodes import EpisodeMaker, Who
from fifteen.synth.plant import plant
from fifteen.synth.problems import PRECAUTIONS, PROBLEMS
from fifteen.synth.records import (
    Accrual,
    CertificationState,
    Consent,
    Coverage,
    Fee,
    Member,
    Patient,
    Payer,
    Practice,
    Referrer,
    Site,
)

ANCHOR = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
"""The present of tests and benchmarks; a demo has its own."""


class Size(msgspec.Struct, frozen=True):
    patients: int = 120
    days: int = 182


_PAYERS = (
    ("Medicare Part B", "medicare", "00001"), ("Highmark", "highmark", "00002"),
    ("A plan that counts by the midpoint", "midpoint", "00003"), ("Pays for themselves", "self-pay", "00004"),
    ("Aetna", "aetna", "00005"), ("Gossamer Mutual", "", "00006"),
)  # fmt: skip
_WHO_PAYS = (0, 0, 1, 0, 2, 0, 5, 0, 3, 4, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0)  # places in _PAYERS, again every twenty
_RARE = (4, 5)
_DISCIPLINES: tuple[Discipline, ...] = ("PT", "PT", "OT", "PT", "SLP", "PT", "OT", "PT", "PT", "SLP")
_STATES: tuple[CertificationState, ...] = (
    "signed", "recertified", "order-and-sent", "signed", "delayed", "signed", "overdue", "ran-out", "signed",
    "recertified",
)  # fmt: skip
_RECENT: tuple[CertificationState, ...] = ("sent", "verbal", "order-and-sent", "signed")
_STAFF: tuple[tuple[str, Discipline | None, str, int], ...] = (
    ("therapist", "PT", "DPT", 0), ("assistant", "PT", "PTA", 0), ("therapist", "OT", "OTR/L", 0),
    ("assistant", "OT", "COTA/L", 0), ("therapist", "PT", "PT", 1), ("therapist", "SLP", "CCC-SLP", 1),
    ("owner", None, "", 0), ("front_desk", None, "", 0), ("biller", None, "", 0), ("compliance", None, "", 0),
)  # fmt: skip


def practice(
    seed: int | str, *, at: datetime = ANCHOR, size: Size | None = None, book: Rulebook | None = None
) -> Practice:
    """A fictional practice as it stands at `at`, its six months ending there."""
    return _Maker(seed, at, size or Size(), book or load_rulebook()).make()


class _Maker:
    def __init__(self, seed: int | str, at: datetime, size: Size, book: Rulebook) -> None:
        self.seed, self.at, self.size, self.book = seed, at.replace(microsecond=0), size, book
        self.chance, self.diary = Chance(f"practice {seed}"), Diary()
        self.opened = self.at - timedelta(days=size.days + 400)
        self.names: dict[str, None] = {}

    def make(self) -> Practice:
        made = self.chance.id(self.opened)
        self.sites = self._sites()
        self.people = self._people()
        self.payers = [self._payer(*each) for each in _PAYERS]
        self.referrers = [self._referrer() for _ in range(8)]
        patients = [self._patient(number) for number in range(self.size.patients)]
        found = Practice(
            id=made, seed=_number(self.seed), at=self.at, name="Maple Hollow Therapy (fictional)", sites=self.sites,
            people=self.people, payers=self.payers, referrers=self.referrers, patients=patients, planted=[],
        )  # fmt: skip
        found.planted = plant(found, Chance(f"planted {self.seed}"), self.book)
        return found

    def _id(self) -> str:
        return self.chance.id(self.opened)

    def _sites(self) -> list[Site]:
        return [
            Site(id=self._id(), name="Maple Hollow East", zone="America/New_York", locality="13282-99",
                 npi=invented.npi(self.chance)),
            Site(id=self._id(), name="Maple Hollow West", zone="America/Chicago", locality="06102-12",
                 npi=invented.npi(self.chance)),
        ]  # fmt: skip

    def _people(self) -> list[Member]:
        found = []
        for role, discipline, credential, place in _STAFF:
            name = invented.person(self.chance, self.names)
            treats = discipline is not None
            found.append(
                Member(
                    id=self._id(), login=name.split()[0].lower(), name=name, role=role, site=self.sites[place].id,
                    discipline=discipline, credential=credential,
                    npi=invented.npi(self.chance) if treats else "",
                    licence=f"FICT{self.chance.below(10**5):05d}" if treats else "",
                )
            )  # fmt: skip
        for place, each in enumerate(found):
            if each.login in [other.login for other in found[:place]]:
                each.login = each.name.lower().replace(" ", ".")
        return found

    def _payer(self, name: str, policy: str, number: str) -> Payer:
        fees: tuple[Fee, ...] = ()
        if policy in ("highmark", "midpoint", "self-pay"):
            rates = (("97110", 3100), ("97140", 2900), ("97530", 3600), ("97112", 3300), ("92507", 7800))
            starts = date(self.at.year, 1, 1)
            fees = tuple(Fee(code=code, cents=cents, starts=starts) for code, cents in rates)
        gaps = {"medicare": (), "": (), "highmark": ("payer.price-unknown",), "midpoint": ("payer.price-unknown",)}
        return Payer(
            id=self._id(), name=name, policy=policy, number=number, fees=fees,
            gaps=gaps.get(policy, ("payer.method-unknown",)),
        )  # fmt: skip

    def _referrer(self) -> Referrer:
        name = f"{invented.person(self.chance, self.names)}, MD"
        return Referrer(
            id=self._id(), name=name, npi=invented.npi(self.chance), phone=invented.phone(self.chance),
            fax=invented.phone(self.chance),
        )  # fmt: skip

    def _patient(self, number: int) -> Patient:
        chance = self.chance
        place = _WHO_PAYS[number % len(_WHO_PAYS)]
        if place in _RARE and number >= len(_WHO_PAYS) * 2:
            place = 0
        discipline = _DISCIPLINES[number % len(_DISCIPLINES)]
        days = chance.between(12, self.size.days - 2)
        if place in _RARE:
            days = 20
        started = workday(self.at.date() - timedelta(days=days))
        made = datetime(started.year, started.month, started.day, 15, tzinfo=UTC) - timedelta(days=5)
        id_ = chance.id(made)
        medicare = _PAYERS[place][1] == "medicare"
        coverage = Coverage(
            id=chance.id(made), payer=self.payers[place].id, member=invented.member_number(chance),
            starts=date(started.year, 1, 1),
        )  # fmt: skip
        maker = self._episode(id_, number, discipline, started, coverage, place)
        episode = maker.make()
        return Patient(
            id=id_, number=f"F{number + 1:04d}", name=invented.person(chance, self.names),
            born=date(chance.between(1936, 1958) if medicare else chance.between(1962, 2001), chance.between(1, 12),
                      chance.between(1, 28)),
            phone=invented.phone(chance), made=made, precautions=chance.one(PRECAUTIONS), coverages=[coverage],
            accruals=self._accruals(medicare, discipline), referrals=[maker.referral],
            consents=[Consent(id=chance.id(made), kind=kind, date=made.date()) for kind in ("treatment", "privacy")],
            episodes=[episode], bookings=sorted(maker.bookings, key=lambda each: (each.starts, each.id)),
        )  # fmt: skip

    def _episode(
        self, patient: str, number: int, discipline: Discipline, started: date, coverage: Coverage, place: int
    ) -> EpisodeMaker:
        chance = self.chance
        those = [each for each in self.people if each.role == "therapist" and each.discipline == discipline]
        therapist = those[number // 2 % len(those)]
        helpers = [
            each
            for each in self.people
            if each.role == "assistant" and each.discipline == discipline and each.site == therapist.site
        ]
        state = self._state((self.at.date() - started).days)
        visits = chance.between(14, 20) if state in ("recertified", "ran-out") else chance.between(8, 18)
        if state == "ran-out":
            visits = 12
        who = Who(
            patient=patient, site=next(each for each in self.sites if each.id == therapist.site), therapist=therapist,
            assistant=helpers[0] if helpers else None, referrer=chance.one(self.referrers), coverage=coverage,
            authorized=_PAYERS[place][1] in ("highmark", "midpoint"), at=self.at,
        )  # fmt: skip
        problem = chance.one(PROBLEMS[discipline])
        return EpisodeMaker(
            who, problem, chance, self.diary, self.book, state=state, visits=6 if place in _RARE else visits,
            started=started,
        )  # fmt: skip

    def _state(self, age: int) -> CertificationState:
        """What became of the plan's certification: one that may still wait is no older than the law lets it wait."""
        if age < 29:  # not law: under thirty days, the first visit may be booked some days later
            return self.chance.one(_RECENT)
        if age < 36:  # not law: neither surely waiting nor surely overdue
            return self.chance.one(_RECENT[-2:])
        return self.chance.one(_STATES)

    def _accruals(self, medicare: bool, discipline: Discipline) -> list[Accrual]:
        """What Medicare says today was used of the year's threshold; for some it is nearly all."""
        if not medicare:
            return []
        bucket: Bucket = "ot" if discipline == "OT" else "pt_slp"
        cents = self.chance.one((0, 31_240, 74_815, 102_760, 148_320))
        if self.chance.percent(6):
            cents = 221_450
        on = self.at.date()
        return [Accrual(id=self.chance.id(self.at), year=on.year, bucket=bucket, cents=cents, as_of=on)]


def _number(seed: int | str) -> int:
    return seed if isinstance(seed, int) else int.from_bytes(seed.encode()[-4:], "big")
