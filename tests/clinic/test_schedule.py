"""The schedule: the wall clock of a site across the change of clocks, overlaps that are said, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from fifteen.clinic.accounts.models import User
from fifteen.clinic.audit.models import Event
from fifteen.clinic.audit.record import Who, acting_as
from fifteen.clinic.people import services as people
from fifteen.clinic.people.models import Patient
from fifteen.clinic.schedule import access, services
from fifteen.clinic.schedule.models import Booking
from fifteen.clinic.tenancy import clock
from fifteen.clinic.tenancy.errors import Conflict, NotFound, Refused
from fifteen.clinic.tenancy.models import Organization, Site
from fifteen.clinic.treatment import services as treating
from fifteen.clinic.treatment.models import Episode, Visit
from tests.clinic.chart import DAY, a_person, a_site, an_episode, at
from tests.clinic.conftest import NOON, Keyed, as_organization, log_in, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def dev(north: Organization) -> Iterator[User]:
    user = make_user(north, "dev", "front_desk")
    with as_organization(north.id), acting_as(Who(actor=user.id, role=user.role)):
        yield user


@pytest.fixture
def site(dev: User) -> Site:
    return a_site()


@pytest.fixture
def ada(dev: User) -> Patient:
    return people.register("Ada")


@pytest.fixture
def ana(dev: User, north: Organization) -> User:
    return a_person(north, "ana")


@pytest.fixture
def episode(ada: Patient, site: Site) -> Episode:
    return an_episode(ada, site)


def clocks(found: list[Booking]) -> list[str]:
    return [access.local(each.starts, each.site).strftime("%a %m-%d %H:%M") for each in found]


class TestSeries:
    def test_the_time_of_the_wall_clock_stays_when_the_clocks_change(self, ada: Patient, site: Site) -> None:
        found = services.series(ada, site=site, first=DAY, weekdays={0, 2}, at=time(9), count=4)
        assert clocks(found) == ["Mon 03-02 09:00", "Wed 03-04 09:00", "Mon 03-09 09:00", "Wed 03-11 09:00"]
        assert [each.starts.astimezone(UTC).hour for each in found] == [14, 14, 13, 13]
        autumn = services.series(ada, site=site, first=date(2026, 10, 30), weekdays={4, 0}, at=time(8, 30), count=3)
        assert clocks(autumn) == ["Fri 10-30 08:30", "Mon 11-02 08:30", "Fri 11-06 08:30"]
        assert [each.starts.astimezone(UTC).hour for each in autumn] == [12, 13, 13]

    def test_without_weekdays_it_is_weekly_and_a_single_one_is_on_its_day(self, ada: Patient, site: Site) -> None:
        assert clocks(services.series(ada, site=site, first=DAY, weekdays=(), at=time(9), count=2)) == [
            "Mon 03-02 09:00", "Mon 03-09 09:00",
        ]  # fmt: skip
        assert services.days_of(DAY, {2}, 1) == [date(2026, 3, 4)]

    def test_a_time_that_the_clocks_leave_out_is_refused(self, ada: Patient, site: Site) -> None:
        with pytest.raises(Refused, match="no 02:30"):
            services.series(ada, site=site, first=date(2026, 3, 7), weekdays={5, 6}, at=time(2, 30), count=2)

    @pytest.mark.parametrize("count", [0, 61])
    def test_how_many(self, count: int, ada: Patient, site: Site) -> None:
        with pytest.raises(Refused, match="from 1 to 60"):
            services.series(ada, site=site, first=DAY, weekdays=(), at=time(9), count=count)

    def test_a_day_is_that_of_each_site(self, ada: Patient, site: Site) -> None:
        west = a_site("West", zone="Pacific/Honolulu")
        late = services.book(ada, site=west, starts=services.instant(DAY, time(20), west))
        early = services.book(ada, site=site, starts=services.instant(DAY, time(0), site))
        assert late.starts.astimezone(UTC).date() == date(2026, 3, 3)
        assert list(access.bookings_on(DAY)) == [early, late]
        assert list(access.bookings_on(DAY, west)) == [late]
        assert list(access.bookings_on(date(2026, 3, 3))) == []

    def test_the_day_of_the_change_has_23_hours_and_loses_nothing(self, ada: Patient, site: Site) -> None:
        on = date(2026, 3, 8)
        first, after = access.span(on, site)
        assert after.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=23)
        last = services.book(ada, site=site, starts=services.instant(on, time(23, 30), site))
        assert list(access.bookings_on(on)) == [last]


class TestOverlaps:
    def test_they_are_allowed_and_said(self, ada: Patient, site: Site, ana: User) -> None:
        eve = people.register("Eve")
        first = services.book(ada, site=site, starts=at(9), minutes=45, person=ana)
        second = services.book(eve, site=site, starts=at(9, 30), minutes=45, person=ana)
        third = services.book(eve, site=site, starts=at(10, 15), minutes=45, person=ana)
        assert access.overlapping(second) == [first]
        assert access.overlapping(third) == []
        assert access.overlaps_among([first, second, third]) == {first.id, second.id}
        services.cancel(first, 1, "ill")
        assert access.overlapping(second) == []
        assert access.overlaps_among(access.bookings_on(DAY)) == set()

    def test_a_patient_who_is_booked_twice_is_said_too(self, ada: Patient, site: Site, ana: User) -> None:
        first = services.book(ada, site=site, starts=at(9), person=ana)
        again = services.book(ada, site=site, starts=at(9, 15))
        assert access.overlapping(again) == [first]


class TestChanges:
    def test_it_is_moved_and_the_second_of_two_is_told(self, ada: Patient, site: Site, ana: User) -> None:
        found = services.book(ada, site=site, starts=at(9))
        stale = access.booking(found.id)
        services.move(found, 1, starts=at(11), minutes=30, person=ana, site=site)
        assert Event.objects.get(action="schedule.move").detail["fields"] == ["starts", "minutes", "person"]
        with pytest.raises(Conflict):
            services.cancel(stale, 1, "late")
        assert access.booking(found.id).state == "booked"

    def test_cancelled_missed_and_put_back_each_with_its_reason(self, ada: Patient, site: Site) -> None:
        found = services.book(ada, site=site, starts=at(9))
        with pytest.raises(Refused, match="reason"):
            services.cancel(found, 1, "  ")
        services.no_show(found, 1, "no ride")
        with pytest.raises(Refused, match="not open any more"):
            services.cancel(found, 2, "x")
        services.restore(found, 2)
        assert (found.state, found.reason) == ("booked", "")
        services.cancel(found, 3, "snow")
        stored = access.booking(found.id)
        assert (stored.state, stored.reason) == ("cancelled", "snow")
        with pytest.raises(Refused, match="nothing to take back"):
            services.restore(services.book(ada, site=site, starts=at(15)), 1)

    def test_who_has_not_been_due_cannot_have_missed_it(self, ada: Patient, site: Site) -> None:
        found = services.book(ada, site=site, starts=at(15))
        with pytest.raises(Refused, match="has not come yet"):
            services.no_show(found, 1, "x")

    @pytest.mark.parametrize("minutes", [0, 4, 481])
    def test_lengths(self, minutes: int, ada: Patient, site: Site) -> None:
        with pytest.raises(Refused, match="minutes"):
            services.book(ada, site=site, starts=at(9), minutes=minutes)

    def test_a_year_that_was_mistyped(self, ada: Patient, site: Site) -> None:
        with pytest.raises(Refused, match="two years"):
            services.book(ada, site=site, starts=at(9, day=date(2062, 3, 2)))

    @pytest.mark.parametrize("day", [date.max, date(9999, 12, 1), date.min, date(2028, 3, 3), date(2024, 2, 27)])
    def test_a_day_that_the_calendar_hardly_holds(
        self, client: Keyed, dev: User, ada: Patient, site: Site, day: date
    ) -> None:
        log_in(client, dev)
        sent = {"site": site.id, "date": day.isoformat(), "time": "23:30", "minutes": "30", "count": "60"}
        page = client.post(f"/patients/{ada.id}/bookings/new", sent)
        assert page.status_code == 422
        assert "look at the year again" in page.content.decode()
        for compute in (lambda: services.days_of(day, {0}, 60), lambda: services.instant(day, time(23, 30), site)):
            with pytest.raises(Refused, match="two years"):
                compute()
        found = services.book(ada, site=site, starts=at(9))
        moved = {"do": "move", "version": "1", **sent}
        assert client.post(f"/bookings/{found.id}/change", moved).status_code == 422
        assert client.get(f"/schedule?date={day.isoformat()}").status_code == 200
        assert client.get(f"/patients/{ada.id}/bookings/new?date={day.isoformat()}").status_code == 200

    def test_another_patient_s_or_an_ended_episode(self, ada: Patient, site: Site, episode: Episode) -> None:
        with pytest.raises(Refused, match="another patient"):
            services.book(people.register("Eve"), site=site, starts=at(9), episode=episode)
        treating.discharge(episode, 1, DAY)
        with pytest.raises(Refused, match="has ended"):
            services.book(ada, site=site, starts=at(9), episode=episode)

    def test_nobody_is_booked_with_who_does_not_treat(self, dev: User, ana: User) -> None:
        assert access.person(ana.id) == ana
        assert access.person("") is None
        with pytest.raises(NotFound):
            access.person(dev.id)


class TestArriving:
    def test_a_visit_begins_under_the_episode(self, ada: Patient, site: Site, episode: Episode) -> None:
        found = services.book(ada, site=site, starts=at(11, 45), episode=episode)
        services.arrive(found, 1)
        visit = Visit.objects.get()
        assert access.booking(found.id).visit == visit
        assert (visit.episode, visit.date, visit.arrived, visit.site) == (episode, DAY, NOON, site)
        assert found.state == "arrived"
        with pytest.raises(Refused, match="not open any more"):
            services.arrive(found, 2)
        assert Visit.objects.count() == 1

    def test_two_who_check_in_at_once_begin_one_visit(self, ada: Patient, site: Site, episode: Episode) -> None:
        found = services.book(ada, site=site, starts=at(11, 45), episode=episode)
        stale = access.booking(found.id)
        services.arrive(found, 1)
        from django.db import transaction

        with pytest.raises(Conflict), transaction.atomic():
            services.arrive(stale, 1)
        assert Visit.objects.count() == 1

    def test_without_an_episode_one_is_chosen(self, ada: Patient, site: Site, episode: Episode) -> None:
        found = services.book(ada, site=site, starts=at(11, 45))
        with pytest.raises(Refused, match="no episode"):
            services.arrive(found, 1)
        services.arrive(found, 1, episode)
        assert access.booking(found.id).episode == episode

    def test_a_booking_of_a_record_that_was_merged(self, client: Keyed, ada: Patient, site: Site, dev: User) -> None:
        """Booked under one record, treated under the other: they are one person now, whichever was kept."""
        log_in(client, dev)
        other = people.register("Ada Stone")
        named = services.book(other, site=site, starts=at(11), episode=an_episode(other, site))
        unnamed = services.book(other, site=site, starts=at(11, 45))
        kept = an_episode(ada, site, "OT")
        people.merge(ada, other, "the same person", dev)
        services.arrive(access.booking(named.id), 1)
        assert kept.id in client.get(f"/bookings/{unnamed.id}").content.decode()
        form = {"do": "arrive", "version": "1", "episode": kept.id}
        assert client.post(f"/bookings/{unnamed.id}/change", form).status_code == 302
        assert Visit.objects.count() == 2
        stranger = an_episode(people.register("Berta"), site)
        third = services.book(ada, site=site, starts=at(12))
        with pytest.raises(Refused, match="another patient"):
            services.arrive(third, 1, stranger)

    def test_another_day_s_booking_begins_nothing(self, ada: Patient, site: Site, episode: Episode) -> None:
        found = services.book(ada, site=site, starts=at(9, day=date(2026, 3, 3)), episode=episode)
        with pytest.raises(Refused, match="another day"):
            services.arrive(found, 1)

    def test_the_day_is_the_site_s_even_when_it_is_tomorrow_in_utc(
        self, ada: Patient, site: Site, episode: Episode
    ) -> None:
        found = services.book(ada, site=site, starts=at(20, 30), episode=episode)
        with clock.at(at(20, 25)):
            services.arrive(found, 1)
        assert Visit.objects.get().date == DAY


@pytest.fixture
def logged(dev: User, client: Keyed) -> Keyed:
    log_in(client, dev)
    return client


class TestWithoutNext:
    def test_who_is_in_the_list(self, ada: Patient, site: Site, episode: Episode, ana: User) -> None:
        assert list(access.without_next()) == [episode]
        found = services.book(ada, site=site, starts=at(15), episode=episode)
        assert list(access.without_next()) == []
        services.cancel(found, 1, "ill")
        assert list(access.without_next()) == [episode]
        services.book(ada, site=site, starts=at(9))  # over already
        assert list(access.without_next()) == [episode]
        treating.discharge(episode, 1, DAY)
        assert list(access.without_next()) == []

    def test_a_person_of_several_records_is_one_person(
        self, ada: Patient, site: Site, episode: Episode, ana: User, logged: Keyed
    ) -> None:
        third, other, first = (people.register(f"Ada {each}") for each in ("Third", "Again", "First"))
        for kept, merged in ((other, first), (third, other), (ada, third)):
            people.merge(kept, merged, "typed twice", ana)
        late = an_episode(other, site)
        assert list(access.without_next()) == [episode, late]
        page = logged.get("/schedule/without-next").content.decode()
        assert page.count(f'href="/patients/{ada.id}/bookings"') == 2
        assert "Ada Again" not in page
        for each in (ada, third, other, first):
            Booking.objects.all().delete()
            found = Booking(patient=each, site=site, starts=at(15), minutes=30, made=NOON)
            found.save(force_insert=True)
            assert list(access.without_next()) == []


class TestPages:
    def test_a_series_from_the_form_to_the_day(
        self, logged: Keyed, ada: Patient, site: Site, ana: User, episode: Episode
    ) -> None:
        assert "Nobody is booked on this day" in logged.get("/schedule").content.decode()
        sent = {
            "episode": episode.id, "date": "2026-03-02", "time": "13:00", "minutes": "45", "site": site.id,
            "person": ana.id, "count": "4", "weekday": ["0", "3"],
        }  # fmt: skip
        response = logged.post(f"/patients/{ada.id}/bookings/new", sent)
        assert response.headers["Location"] == f"/patients/{ada.id}/bookings?done=booked"
        assert Booking.objects.count() == 4
        page = logged.get(response.headers["Location"]).content.decode()
        assert "Thu 2026-03-12 13:00" in page
        day = logged.get("/schedule?date=2026-03-05").content.decode()
        assert "Ada" in day
        assert "13:00" in day
        assert "Ana" in day
        assert "1 visit" in day
        assert logged.get(f"/schedule?date=2026-03-05&site={site.id}").status_code == 200
        assert logged.get("/schedule?date=99999-99-99&site=nowhere").status_code == 200
        event = Event.objects.filter(action="schedule.day").order_by("id")[1]
        assert event.detail == {"count": 1, "day": "2026-03-05"}

    def test_one_that_overlaps_is_booked_and_said(self, logged: Keyed, ada: Patient, site: Site, ana: User) -> None:
        services.book(people.register("Eve"), site=site, starts=at(13), person=ana)
        sent = {"date": "2026-03-02", "time": "13:30", "minutes": "45", "site": site.id, "person": ana.id, "count": "1"}
        response = logged.post(f"/patients/{ada.id}/bookings/new", sent)
        page = logged.get(response.headers["Location"]).content.decode()
        assert "It overlaps another booking" in page
        assert "13:00–13:45 Eve" in page
        assert logged.get("/schedule?date=2026-03-02").content.decode().count("Overlaps") == 2

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"time": "25:00"}, "hours and minutes"),
            ({"date": ""}, "Choose a site and a day"),
            ({"site": "x"}, "Choose a site and a day"),
            ({"minutes": "soon"}, "digits only"),
            ({"minutes": ""}, "5 to 480"),
            ({"count": "99"}, "from 1 to 60"),
        ],
    )
    def test_what_is_refused_keeps_what_was_typed(
        self, wrong: dict[str, str], said: str, logged: Keyed, ada: Patient, site: Site
    ) -> None:
        sent = {"date": "2026-03-02", "time": "13:00", "minutes": "50", "site": site.id, "count": "2", "weekday": "3"}
        response = logged.post(f"/patients/{ada.id}/bookings/new", {**sent, **wrong})
        page = response.content.decode()
        assert response.status_code == 422
        assert said in page
        assert 'value="3" checked' in page
        assert not Booking.objects.exists()

    def test_one_booking_is_moved_cancelled_and_arrived(
        self, logged: Keyed, ada: Patient, site: Site, episode: Episode, ana: User
    ) -> None:
        found = services.book(ada, site=site, starts=at(11, 45), episode=episode)
        address = f"/bookings/{found.id}/change"
        moved = {
            "do": "move", "version": "1", "date": "2026-03-02", "time": "12:00", "minutes": "30", "site": site.id,
            "person": ana.id,
        }  # fmt: skip
        assert logged.post(address, moved).headers["Location"] == f"/bookings/{found.id}?done=move"
        late = logged.post(address, {**moved, "time": "14:00"})
        assert late.status_code == 409
        assert "Somebody else changed this booking meanwhile" in late.content.decode()
        refused = logged.post(address, {"do": "cancel", "version": "2", "reason": ""})
        assert refused.status_code == 422
        assert logged.post(address, {"do": "cancel", "version": "2", "reason": "ill"}).status_code == 302
        assert "ill" in logged.get(f"/bookings/{found.id}").content.decode()
        assert logged.post(address, {"do": "restore", "version": "3"}).status_code == 302
        assert logged.post(address, {"do": "arrive", "version": "4"}).status_code == 302
        assert "the visit has begun" in logged.get(f"/bookings/{found.id}?done=arrive").content.decode()
        assert Visit.objects.get().patient_id == ada.id
        assert logged.post(address, {"do": "nothing"}).status_code == 302

    def test_the_list_of_those_without_a_next_visit(self, logged: Keyed, ada: Patient, episode: Episode) -> None:
        page = logged.get("/schedule/without-next").content.decode()
        assert "Ada" in page
        assert "Left knee" in page

    def test_a_biller_sees_and_books_nothing(self, north: Organization, ada: Patient, site: Site) -> None:
        client = Keyed()
        log_in(client, make_user(north, "bo", "biller"))
        assert client.get("/schedule").status_code == 200
        assert client.get(f"/patients/{ada.id}/bookings/new").status_code == 403

    def test_a_day_asks_the_same_number_of_queries_for_one_and_for_forty(
        self, logged: Keyed, site: Site, ana: User, django_assert_max_num_queries: object
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def asked() -> int:
            with CaptureQueriesContext(connection) as found:
                assert logged.get("/schedule?date=2026-03-02").status_code == 200
            return len(found)

        def fill(count: int) -> None:
            for number in range(count):
                patient = people.register(f"P{number}")
                under = an_episode(patient, site)
                starts = datetime(2026, 3, 2, 14, tzinfo=UTC) + timedelta(minutes=10 * number)
                services.book(patient, site=site, starts=starts, person=ana, episode=under)

        fill(1)
        few = asked()
        fill(39)
        assert asked() <= few + 1
        assert few < 30
