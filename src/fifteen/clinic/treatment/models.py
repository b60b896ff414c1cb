"""Episodes and their plans, visits, and what was done in them.

Rows that are evidence only grow: taps, intervals, certifications, scores, choices, stored answers. A correction is
a new row that names the old one.
"""

from __future__ import annotations

from django.db import models

from fifteen.clinic.accounts.models import User
from fifteen.clinic.people.models import Coverage, Patient, Referral
from fifteen.clinic.tenancy.models import Owned, Site


class Episode(Owned):
    """Evaluation to discharge for one problem in one discipline. `diagnoses` as the engine's note holds them."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="episodes")
    discipline = models.CharField(max_length=3)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, null=True, related_name="episodes")
    problem = models.CharField(max_length=120)
    diagnoses = models.JSONField(default=list)
    onset = models.DateField(null=True)
    started = models.DateField()
    ended = models.DateField(null=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "episode"


class CarriedOver(Owned):
    """What another system knew of an episode in flight, as of a day; None: it did not say, and nobody knows.

    An episode with such a row began elsewhere: its first day of treatment is `started`, not the first visit here.
    """

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="carried")
    as_of = models.DateField()
    days_since_report = models.PositiveSmallIntegerField(null=True)
    visits_used = models.PositiveSmallIntegerField(null=True)
    units_used = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "carried_over"


class Plan(Owned):
    """A plan of care of an episode: from `starts` to its last day `ends`, in the plan's own words."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField(default=1)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    established = models.DateField(null=True)
    starts = models.DateField()
    ends = models.DateField(null=True)
    type = models.CharField(max_length=200, blank=True)
    amount = models.CharField(max_length=60, blank=True)
    frequency = models.CharField(max_length=60, blank=True)
    duration = models.CharField(max_length=60, blank=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "plan"
        constraints = (models.UniqueConstraint(fields=("episode", "number"), name="one_plan_number"),)


class Certification(Owned):
    """One step of a plan's certification: `sent` to the practitioner, a `verbal` order, or `signed`; and on which day.

    `reason` is needed where it came late. `void` takes back a step that was entered wrongly, and says why.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="certifications")
    step = models.CharField(max_length=10)
    date = models.DateField()
    signer = models.CharField(max_length=120, blank=True)
    how = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    void = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="voided_by")
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "certification"


class Goal(Owned):
    """A goal of an episode, as the engine's note holds it; `goal` is the id that notes name it by."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="goals")
    goal = models.CharField(max_length=20)
    term = models.CharField(max_length=5, blank=True)
    text = models.CharField(max_length=400)
    baseline = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    task = models.CharField(max_length=120, blank=True)
    due = models.DateField(null=True)
    status = models.CharField(max_length=10, default="active")
    judged = models.DateField(null=True)
    progress = models.CharField(max_length=400, blank=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "goal"
        constraints = (models.UniqueConstraint(fields=("episode", "goal"), name="one_goal"),)


class Score(Owned):
    """A score of an outcome measure on a day. `measure` is its short name (LEFS), `value` as it was scored."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="scores")
    measure = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=8, decimal_places=2)
    date = models.DateField()
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    reason = models.CharField(max_length=400, blank=True)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "score"


class Authorization(Owned):
    """What a payer authorized: visits, units, or both, from a day to a day, for these codes (all where none stands)."""

    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="authorizations")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, null=True, related_name="authorizations")
    number = models.CharField(max_length=50)
    visits = models.PositiveSmallIntegerField(null=True)
    units = models.PositiveSmallIntegerField(null=True)
    codes = models.JSONField(default=list)
    starts = models.DateField()
    ends = models.DateField(null=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "authorized"


class Visit(Owned):
    """One attended session under an episode. `date` is the site's; `arrived` and `departed` are instants."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="visits")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    date = models.DateField()
    arrived = models.DateTimeField(null=True)
    departed = models.DateTimeField(null=True)
    place_of_service = models.CharField(max_length=2, blank=True)
    telehealth = models.CharField(max_length=12, blank=True)
    purpose = models.CharField(max_length=14, blank=True)
    source = models.CharField(max_length=40, blank=True)
    made = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "visit"
        indexes = (
            models.Index(fields=("date", "site"), name="visit_day"),
            models.Index(fields=("patient", "date"), name="visit_patient"),
        )


class TimerEvent(Owned):
    """A tap as the device sent it. `event` is the device's own id: a tap that is sent again is the same one."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    kind = models.CharField(max_length=5)
    service = models.CharField(max_length=5, blank=True)
    mode = models.CharField(max_length=12, default="one-on-one")
    people = models.JSONField(default=list)
    session = models.CharField(max_length=40, blank=True)
    wall = models.DateTimeField()
    mono = models.BigIntegerField(null=True)
    boot = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=26, blank=True)
    received = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "timer_event"
        constraints = (models.UniqueConstraint(fields=("event", "organization"), name="one_tap"),)


class Interval(Owned):
    """A closed span of a patient's time, as the engine's record of the same name: the evidence."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="intervals")
    service = models.CharField(max_length=5, blank=True)
    mode = models.CharField(max_length=12, default="one-on-one")
    start = models.DateTimeField(null=True)
    stop = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    origin = models.CharField(max_length=8, default="typed")
    session = models.CharField(max_length=40, blank=True)
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    reason = models.CharField(max_length=400, blank=True)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "interval"


class IntervalPerson(Owned):
    """Who gave the time of an interval, and in which role they were on that day."""

    interval = models.ForeignKey(Interval, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta(Owned.Meta):
        db_table = "interval_person"
        constraints = (models.UniqueConstraint(fields=("interval", "user"), name="once_in_interval"),)


class Service(Owned):
    """A service of a visit in the therapist's words; it goes into the note. `goals` are the ids of goals."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="services")
    place = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=5, blank=True)
    what = models.CharField(max_length=200, blank=True)
    skilled_reason = models.TextField(blank=True)
    response = models.TextField(blank=True)
    progression = models.TextField(blank=True)
    goals = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta(Owned.Meta):
        db_table = "service"


class Exercise(Owned):
    """One exercise or technique of a service as it was done; `dose` holds the engine's fields of its dose by name."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="exercises")
    place = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=60, blank=True)
    side = models.CharField(max_length=5, blank=True)
    type = models.CharField(max_length=20, blank=True)
    dose = models.JSONField(default=dict)

    class Meta(Owned.Meta):
        db_table = "exercise"


class TieChoice(Owned):
    """A tie of a day's units as the professional settled it; the latest of a visit holds."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="choices")
    codes = models.JSONField(default=list)
    by = models.CharField(max_length=26)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "tie_choice"


class Assessment(Owned):
    """What the engine answered for a patient's day: inputs and answer as compressed JSON, and what they rest on.

    `number` counts the answers of one day; the last holds. `reason` says where the day could not be assessed: then
    there is no answer.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    date = models.DateField()
    number = models.PositiveIntegerField()
    inputs = models.BinaryField()
    answer = models.BinaryField(null=True)
    reason = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=64)
    engine = models.CharField(max_length=30)
    rulebook = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta(Owned.Meta):
        db_table = "assessment"
        constraints = (models.UniqueConstraint(fields=("patient", "date", "number"), name="one_assessment"),)
