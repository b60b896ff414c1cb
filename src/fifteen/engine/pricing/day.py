"""The door: the lines of one patient, day and billing group in, what the payer is expected to pay out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from fifteen.engine.pricing import notes, steps
from fifteen.engine.pricing.answer import PriceAnswer, PricedLine, PriceStep, Track
from fifteen.engine.pricing.asked import BilledLine, PriceLine, checked
from fifteen.engine.pricing.fees import NATIONAL, Asking, Fee, factor_id, on_the_list
from fifteen.engine.pricing.mppr import Ranked, equal_to, first_in_full, why_first
from fifteen.engine.pricing.payer import FIXED, Terms, cap_in_cents, fee_of, terms_of
from fifteen.engine.pricing.shares import Left, Rates, Shares, left_after, shares_of
from fifteen.kernel.errors import UnreadableInput
from fifteen.kernel.finding import Finding
from fifteen.kernel.money import read_cents, show_cents, to_dollars
from fifteen.rulebook import Rulebook

_WHOLE = 100  # not law: percent
_LIMIT = "fifteen.price_charge_limit"
TRACKS: dict[str, Track] = {"nonqp": "nonqp", "qp": "qp"}


def price(
    lines: Iterable[BilledLine],
    rulebook: Rulebook,
    *,
    on: date,
    payer: str | None = None,
    locality: str | None = None,
    facility: bool | None = None,
    track: str | None = None,
    charges: Mapping[str, int] | None = None,
    deductible_left: int | None = None,
    coinsurance: int | None = None,
    copay: int | None = None,
    out_of_pocket_left: int | None = None,
    visits: int = 1,
) -> PriceAnswer:
    """Price `lines`, all of one patient, day and billing group, over all disciplines.

    Amounts are whole cents. `charges` maps codes to the charge of one unit; without it the organization's own are
    taken. `coinsurance` (percent) or `copay` is the plan's; Medicare's coinsurance is law. `visits` is how often the
    patient came that day, for rates and caps by the visit. None takes the default, which a finding names.

    Raises `AskedWrongly`: unknown code, payer, locality or track, amounts or units that cannot be. What is readable
    but not known or doubtful is a finding, and the figures that rest on it are None.
    """
    asked = checked(lines)
    named = {"deductible left": deductible_left, "copay": copay, "out-of-pocket left": out_of_pocket_left}
    _check(rulebook, asked, {**named, "coinsurance": coinsurance, "visits": visits - 1}, charges, on)
    if copay is not None and coinsurance is not None:
        raise UnreadableInput("a visit has a copay or a coinsurance, and both were given; leave out one of them.")
    if coinsurance is not None and coinsurance > _WHOLE:
        raise UnreadableInput(f"coinsurance {coinsurance} percent cannot be; give a number from 0 to {_WHOLE}.")
    way = TRACKS.get(("nonqp" if track is None else track).strip().lower())
    if way is None:
        raise UnreadableInput(f"track {track!r} is not known; choose one of {', '.join(TRACKS)}.")
    place = NATIONAL if locality is None else locality.strip()
    if not place:
        raise UnreadableInput(f"locality {locality!r} is empty; write one such as 15202-00, or {NATIONAL}.")
    asking = Asking(on, NATIONAL if place.lower() == NATIONAL else place, bool(facility), way)
    terms = terms_of(rulebook, "medicare" if payer is None else payer, on)
    if terms.medicare and (coinsurance is not None or copay is not None or out_of_pocket_left is not None):
        raise UnreadableInput(
            f"what {terms.label} leaves to the patient is law, without a limit; leave out the coinsurance, the copay "
            "and the out-of-pocket limit."
        )
    day = _Day(rulebook, asked, asking, terms, _charges(rulebook, charges, on), visits)
    day.allow()
    day.share(
        coinsurance=coinsurance,
        copay=copay,
        left=Left(deductible_left or 0, 0 if copay is None else copay * visits, out_of_pocket_left),
    )
    given = {
        "payer": payer, "locality": locality, "facility": facility, "track": track,
        "charge": None if day.uncharged() else day.charges, "deductible": deductible_left,
    }  # fmt: skip
    return day.answer([*_about_deductible(rulebook, terms, deductible_left, on), *_defaults(day, given)])


def _check(
    rulebook: Rulebook, lines: Sequence[PriceLine], amounts: Mapping[str, int | None],
    charges: Mapping[str, int] | None, on: date,
) -> None:  # fmt: skip
    given = {f"charge of {code}": cents for code, cents in (charges or {}).items()}
    for what, amount in {**amounts, **given}.items():
        if amount is not None and (type(amount) is not int or amount < 0):
            raise UnreadableInput(f"{what} {amount!r} cannot be; give a whole number that is not negative.")
    table = f"rvu_{on.year}"
    for code in dict.fromkeys(line.code for line in lines):
        if table not in rulebook.tables or rulebook.row(table, code, on) is None:
            rulebook.service(code, on)  # raises UnknownCode for a code nobody holds


def _charges(rulebook: Rulebook, given: Mapping[str, int] | None, on: date) -> dict[str, int]:
    """Charges of one unit: those given, else the organization's charge master."""
    if given is not None:
        return {code.strip().upper(): cents for code, cents in given.items()}
    own = rulebook.value_or_none("organization.charges", on)
    return {} if own is None else {code: read_cents(text, f"charge of {code}") for code, text in own.value.items()}


def _about_deductible(rulebook: Rulebook, terms: Terms, left: int | None, on: date) -> list[Finding]:
    whole = rulebook.value_or_none("medicare.part_b_deductible", on)
    if not terms.medicare or whole is None or not left or left <= whole.value:
        return []
    return [notes.deductible_above_year(left, whole.value, on, whole.cite)]


def _defaults(day: _Day, given: Mapping[str, object]) -> list[Finding]:
    """One finding that names every default that changed money."""
    terms, asking, rulebook = day.terms, day.asking, day.rulebook
    basis = terms.basis.value["basis"] if terms.basis is not None else ""
    by_schedule = basis in ("medicare", "percent-of-medicare")
    factors = [rulebook.value_or_none(factor_id(track), asking.on) for track in TRACKS.values()]
    values = {each and each.value for each in factors}
    free = notes.joined(day.uncharged()) if day.charges and day.uncharged() else ""
    uncharged = f"no charge for {free}, which nothing limits" if free else "no charge, so nothing is limited to it"
    moved = {
        "payer": (True, f"payer {terms.label}"),
        "locality": (by_schedule, f"locality {NATIONAL} (GPCI 1.000)"),
        "facility": (
            any(fee is not None and fee.by_place for fee in day.fees), "office, not facility, practice expense"
        ),
        "track": (by_schedule and len(values) > 1, "conversion factor nonqp"),
        "charge": (basis not in (*FIXED, "charge", ""), uncharged),
        "deductible": (basis not in ("", "charge"), "deductible met (0.00 left)"),
    }  # fmt: skip
    taken = {name: said for name, (changed, said) in moved.items() if changed and given[name] is None}
    return [notes.defaults(list(taken.values()), list(taken))] if taken else []


class _Day:
    """The lines of a day on their way from unit prices to what is paid; an amount not known is None."""

    def __init__(
        self, rulebook: Rulebook, asked: Sequence[PriceLine], asking: Asking, terms: Terms, charges: Mapping[str, int],
        visits: int,
    ) -> None:  # fmt: skip
        self.rulebook, self.asked, self.asking, self.terms = rulebook, asked, asking, terms
        self.charges, self.visits = charges, visits
        self.findings: list[Finding] = []
        self.explain: list[list[PriceStep]] = [[] for _ in asked]
        self.whole: list[PriceStep] = []
        self.prices: list[list[int]] = [[] for _ in asked]
        self.fees: list[Fee | None] = []
        self.allowed: list[int | None] = [None] * len(asked)
        self.shares: list[Shares | None] = [None] * len(asked)
        self.marked = [not terms.marks.isdisjoint(line.modifiers) for line in asked]
        self.mixed = False
        self.plan = rulebook.value("fifteen.price_rounding", asking.on)
        self.order = rulebook.value("fifteen.price_line_order", asking.on)

    def uncharged(self) -> list[str]:
        """The codes for whose unit no charge is known."""
        return [code for code in dict.fromkeys(line.code for line in self.asked) if code not in self.charges]

    # -- allowed -----------------------------------------------------------------------------------------------

    def allow(self) -> None:
        """Unit prices, the reduction, caps and the lesser of charge: each line's allowed amount."""
        basis = self.terms.basis
        if self.terms.medicare:
            order = self.rulebook.value("medicare.reduction_order", self.asking.on)
            said = ", then ".join(order.value).replace("-", " ")
            self.whole.append(steps.of_value("order", None, order, said))
            self._say_denials()
        if basis is not None and basis.value["basis"] in FIXED:
            self._fixed()
        else:
            for line in self.asked:
                fee = fee_of(self.rulebook, self.terms, line.code, self.asking, self.charges.get(line.code))
                if isinstance(fee, Finding):
                    self._say(fee)
                    self.fees.append(None)
                else:
                    self._say(*fee.about)
                    self.fees.append(fee)
            paid = self._unit_cap()
            known = self._reduce(paid)
            for place, units in enumerate(paid):
                if known[place]:
                    self._sum(place, units)
        self._money_cap()
        self._say_unknown_caps()

    def _say(self, *findings: Finding) -> None:
        for each in findings:
            if each not in self.findings:
                self.findings.append(each)

    def _say_denials(self) -> None:
        """A modifier by which the claim itself says that it expects no payment."""
        denied = self.terms.denied
        for line in self.asked if denied is not None else ():
            for modifier in line.modifiers:
                if denied is not None and modifier in denied.value:
                    self._say(notes.denial_expected(line.code, modifier, denied.value[modifier], denied.cite))

    def _fixed(self) -> None:
        """A rate by the visit or the day: all of it on the first line, whatever else was done and by whom."""
        basis = self.terms.basis
        assert basis is not None  # it names the rate
        amount = read_cents(basis.value["amount"], "fee_basis amount")
        times = self.visits if basis.value["basis"] == "per-visit" else 1
        self.mixed = len(set(self.marked)) > 1
        self.marked = [any(self.marked), *(False for _ in self.asked[1:])]
        of = f"{times} x {show_cents(amount)}" if times > 1 else show_cents(amount)
        for place in range(len(self.asked)):
            self.allowed[place] = 0 if place else amount * times
            said = f"{of} {basis.value['basis'].replace('-', ' ')}" if not place else "in the rate on line 1"
            self.explain[place].append(steps.of_value("fixed-rate", place + 1, basis, said, self.allowed[place]))

    def _unit_cap(self) -> list[int]:
        """How many units of each line the payer pays; those beyond its cap, as listed, are paid nothing."""
        cap, units = self.terms.unit_cap, [line.units for line in self.asked]
        if cap is None or "units" not in cap.value:
            return units
        most = cap.value["units"] * (self.visits if cap.value["per"] == "visit" else 1)
        order = self.terms.line_order
        assumed = "" if order is not None and order.value == "as-listed" else steps.LISTED
        left: dict[str, int] = {}
        paid = []
        for place, line in enumerate(self.asked):
            if cap.value.get("only") == "timed" and not self._timed(line.code):
                paid.append(line.units)
                continue
            group = self._group(cap.value["scope"], line, cap.cite)
            take = min(line.units, left.get(group, most))
            left[group] = left.get(group, most) - take
            paid.append(take)
            if take < line.units:
                said = f"{take} of {line.units} units lie within the cap of {most}"
                self.explain[place].append(steps.of_value("unit-cap", place + 1, cap, said, None, assumed))
        over = sum(units) - sum(paid)
        if over:
            self._say(notes.over_unit_cap(self.terms.label, cap.value, over, cap.cite))
        return paid

    def _timed(self, code: str) -> bool:
        row = self.rulebook.row("services", code, self.asking.on)
        return row is not None and row["unit_minutes"] != ""

    def _group(self, scope: str, line: PriceLine, cite: str) -> str:
        """The discipline of a line by its plan's modifier; one group for all where the cap is not by discipline."""
        if scope != "discipline":
            return ""
        plan = next((self.terms.plans[each] for each in line.modifiers if each in self.terms.plans), "")
        if not plan:
            self._say(notes.one_discipline(self.terms.label, cite))
        return plan

    def _reduce(self, paid: Sequence[int]) -> list[bool]:
        """Set the price of each paid unit, all but one of the reduction's list reduced; which lines are known."""
        known = [fee is not None for fee in self.fees]
        on_list = [
            Ranked(
                place, fee.code, fee.expense, fee.full, self.marked[place], paid[place], self.asked[place].modifiers
            )
            for place, fee in enumerate(self.fees)
            if fee is not None and fee.ranks and paid[place]
        ]  # fmt: skip
        applies = self.terms.mppr
        count = sum(paid[each.place] for each in on_list)
        first = first_in_full(on_list) if on_list and applies is not None and applies.value else None
        for place, fee in enumerate(self.fees):
            if fee is not None:
                self.prices[place] = [fee.full] * paid[place]
        if applies is None and count > 1:
            self._say(notes.mppr_unknown(self.terms.label))
            for each in on_list:
                known[each.place] = False
        missing = self._missing_ranks() if first is not None else []
        if missing:
            self._say(notes.full_unit_unknown(self.terms.label, missing))
            return [fee is not None and not fee.ranks for fee in self.fees]
        if first is None or applies is None or count == 1:
            return known
        self.whole.append(
            steps.of_value(
                "mppr", None, self.terms.rank if self.terms.medicare else applies,
                f"of {count} units on the list, {first.code} (line {first.place + 1}) has {why_first(first, on_list)}: "
                f"1 unit in full, {count - 1} reduced",
            )
        )  # fmt: skip
        for each in on_list:
            fee = self.fees[each.place]
            assert fee is not None  # it is ranked
            full = 1 if each is first else 0
            if fee.reduced is None and paid[each.place] > full:
                self._say(notes.reduced_unknown(fee.code, self.terms.label))
                known[each.place] = False
                continue
            self.prices[each.place] = [fee.full] * full + [fee.reduced or 0] * (paid[each.place] - full)
        equals = equal_to(first, on_list)
        if equals and not first.marked:
            tie = self.rulebook.value("fifteen.mppr_equal", self.asking.on)
            codes = list(dict.fromkeys(each.code for each in (first, *equals)))
            self._say(notes.equal_rank(codes, first.code, tie.cite))
        return known

    def _missing_ranks(self) -> list[str]:
        """Codes on the list that the payer's own table does not price: one of them may be the unit in full."""
        basis, on = self.terms.basis, self.asking.on
        if basis is None or basis.value["basis"] != "table":
            return []
        codes = [line.code for line, fee in zip(self.asked, self.fees, strict=True) if fee is None]
        return [code for code in dict.fromkeys(codes) if on_the_list(self.rulebook, code, on)]

    def _sum(self, place: int, paid: int) -> None:
        """A line's allowed amount: the sum of its units, or the charge where that is less."""
        fee, line, prices = self.fees[place], self.asked[place], self.prices[place]
        assert fee is not None  # the line is known
        told = self.explain[place]
        if fee.full in prices:
            told.append(steps.of_fee("unit-price", place + 1, fee, fee.because, fee.full))
        if fee.ranks and fee.reduced in prices and fee.reduced != fee.full:
            told.append(steps.of_fee("reduced-price", place + 1, fee, fee.because_reduced, fee.reduced or 0))
        prices += [0] * (line.units - paid)
        amount = sum(prices)
        if line.units > 1:
            said = f"{steps.sum_of(prices)} = {show_cents(amount)}"
            told.append(steps.of_fee("allowed", place + 1, fee, said, amount))
        charge = self.charges.get(line.code)
        if charge is not None and charge * paid < amount:
            said = f"the charge, {paid} x {show_cents(charge)} = {show_cents(charge * paid)}, is less than "
            said += show_cents(amount)
            amount = charge * paid
            law, assumed = ("medicare.reduction_order", "") if self.terms.medicare else (_LIMIT, steps.NO_MORE)
            limit = self.rulebook.value(law, self.asking.on)
            told.append(steps.of_value("charge", place + 1, limit, said, amount, assumed))
        self.allowed[place] = amount

    def _money_cap(self) -> None:
        cap, most = self.terms.money_cap, cap_in_cents(self.terms, self.visits)
        if isinstance(most, Finding):
            if any(amount is not None for amount in self.allowed):
                self._say(most)
                self.allowed = [None] * len(self.allowed)
            return
        if most is None or cap is None:
            return
        left: dict[str, int | None] = {}
        over = 0
        for place, amount in enumerate(self.allowed):
            group = self._group(cap.value["scope"], self.asked[place], cap.cite)
            rest = left.get(group, most)
            if amount is None or rest is None:  # an amount not known may have used up the cap
                self.allowed[place] = left[group] = None
                continue
            if amount > rest:
                over += amount - rest
                said = f"{show_cents(rest)} is left of the cap of {show_cents(most)}"
                self.explain[place].append(steps.of_value("money-cap", place + 1, cap, said, rest, steps.IN_ORDER))
                self.allowed[place] = amount = rest
            left[group] = rest - amount
        if over:
            self._say(notes.over_money_cap(self.terms.label, most, over, cap.cite))

    def _say_unknown_caps(self) -> None:
        terms = self.terms
        caps = [name for name, cap in (("units", terms.unit_cap), ("money", terms.money_cap)) if cap is None]
        if caps and terms.basis is not None and terms.basis.value["basis"] not in FIXED:
            self._say(notes.caps_unknown(terms.label, caps))

    # -- shares ------------------------------------------------------------------------------------------------

    def share(self, coinsurance: int | None, copay: int | None, left: Left) -> None:
        """Patient's share, assistant's cut and sequestration, line by line."""
        rates = self._rates(coinsurance, copay)
        terms = self.terms
        own = terms.coinsurance if coinsurance is None else None
        rules = steps.Rules(own, terms.assistant, terms.sequestration, self.order, self.plan)
        limited = left.deductible > 0 or left.copay > 0 or left.out_of_pocket is not None
        for place, amount in enumerate(self.allowed):
            if amount is None:
                if limited:
                    break  # it may have used up what is left, so no later line is known
                continue
            shares = self.shares[place] = shares_of(amount, self.marked[place], rates, left)
            left = left_after(left, shares)
            self.explain[place] += steps.of_shares(place + 1, shares, rates, self.marked[place], rules)
            if shares.coinsurance is None and not (self.marked[place] and rates.before and shares.assistant is None):
                self._say(notes.share_unknown(terms.label))
            if limited and shares.coinsurance is None:
                break

    def _rates(self, coinsurance: int | None, copay: int | None) -> Rates:
        terms = self.terms
        if coinsurance is None and copay is None and terms.coinsurance is not None:
            coinsurance = terms.coinsurance.value
        sequestration = 0 if terms.sequestration is None else terms.sequestration.value
        if any(self.marked) and terms.assistant is None and terms.basis is not None:
            self._say(notes.assistant_unknown(terms.label))
        assistant = None if terms.assistant is None else _WHOLE - terms.assistant.value
        if self.mixed and assistant:
            self._say(notes.assistant_of_rate(terms.label))
            assistant = None
        return Rates(coinsurance, copay, assistant, sequestration, before=not terms.medicare)

    # -- answer ------------------------------------------------------------------------------------------------

    def answer(self, findings: Sequence[Finding]) -> PriceAnswer:
        rows = [self._row(place) for place in range(len(self.asked))]
        totals = [_sum_of(column) for column in zip(*rows, strict=True)]
        _, *patients, _, _, _, _, _ = totals  # deductible, coinsurance and copay
        return PriceAnswer(
            payer=self.terms.payer, on=self.asking.on, locality=self.asking.locality, facility=self.asking.facility,
            track=self.asking.track, rulebook=self.rulebook.hash,
            lines=[self._line(place, row) for place, row in enumerate(rows)], patient_share=_dollars(_sum_of(patients)),
            estimate=None, explain=[*self.whole, *(step for told in self.explain for step in told)],
            findings=[*self.findings, *findings], **_named(totals),
        )  # fmt: skip

    def _row(self, place: int) -> Sequence[int | None]:
        """The figures of a line in cents, in the order of `_FIGURES`."""
        shares = self.shares[place]
        if shares is None:
            return [self.allowed[place]] + [None] * (len(_FIGURES) - 1)
        return (
            shares.allowed, shares.deductible, shares.coinsurance, shares.copay, shares.share, shares.assistant,
            shares.sequestration, shares.paid, shares.total,
        )  # fmt: skip

    def _line(self, place: int, row: Sequence[int | None]) -> PricedLine:
        line = self.asked[place]
        charge = self.charges.get(line.code)
        known = self.allowed[place] is not None
        return PricedLine(
            code=line.code, units=line.units, modifiers=line.modifiers,
            unit_prices=[to_dollars(each) for each in self.prices[place]] if known else [],
            charge=None if charge is None else to_dollars(charge * line.units), **_named(row),
        )  # fmt: skip


_FIGURES = (
    "allowed", "deductible", "coinsurance", "copay", "medicare_share", "assistant_reduction", "sequestration",
    "medicare_paid", "provider_total",
)  # fmt: skip


def _named(figures: Sequence[int | None]) -> dict[str, Decimal | None]:
    return dict(zip(_FIGURES, map(_dollars, figures), strict=True))


def _dollars(cents: int | None) -> Decimal | None:
    return None if cents is None else to_dollars(cents)


def _sum_of(amounts: Sequence[int | None]) -> int | None:
    """The sum, None where a part of it is not known."""
    if None in amounts:
        return None
    return sum([each for each in amounts if each is not None])
