"""What is worth saying about a therapy threshold: each function returns one finding, or one piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fifteen.engine.claim_lines import lapsed
from fifteen.engine.day import Attestation, Bucket
from fifteen.engine.modifiers.accrual import Law, LineSum, Pattern, Used
from fifteen.engine.units.notes import listed
from fifteen.kernel.finding import Finding
from fifteen.kernel.money import show_cents

NAMES: dict[Bucket, str] = {"pt_slp": "PT and SLP", "ot": "OT"}
MEANING = (
    "KX says that the service is reasonable and necessary, that it needs a therapist's skills, and that the record "
    "shows it."
)
UNPRICED = "Lines without a known price are left out."
ESTIMATE = "It is an estimate: claims of other providers may be missing."
_ASK_PAYER = "Ask the payer what it has counted, and give its answer with its date."


# -- the evidence shown --------------------------------------------------------------------------------------------


def so_far(used: Used, name: str, year: int) -> list[str]:
    """What was used before this day and where that is from, sentence by sentence."""
    said = f"What the payer has counted for {name} in {year} was not given."
    if used.said is not None:
        said = f"The payer counted {show_cents(used.said.cents)} for {name} in {year} as of {used.said.as_of}."
    if used.claims is None:
        return [said, "Claims received since are not known."]
    if not used.claims:
        return [said, "No claim is added to it."]
    last, since = used.claims[-1].received, show_cents(used.since)
    return [said, f"Claims added to it: {len(used.claims)}, the last received on {last}, {since} in all."]


def along(line: LineSum) -> str:
    """The sum on one line."""
    before, limit = show_cents(line.before), show_cents(line.limit)
    if line.cents is None:
        return f"Before this line {before} of {limit} are used."
    after = show_cents(line.after)
    return f"Before this line {before} are used, with its {show_cents(line.cents)} the sum is {after} of {limit}."


def of_claim(after: int, limit: int) -> str:
    """The sum of a whole claim."""
    return f"With all its lines of this day the sum is {show_cents(after)} of {show_cents(limit)}."


# -- not known -----------------------------------------------------------------------------------------------------


def year_unknown(year: int) -> Finding:
    return Finding(
        "threshold.not-known", "info",
        f"Not checked: the therapy threshold of {year} is not known, so KX is asked of no line.",
        "Add the year's amount with its source to your organization's rulebook.", where="on",
    )  # fmt: skip


def payer_unknown(label: str, name: str, after: int, law: Law) -> Finding:
    return Finding(
        "threshold.payer-not-known", "info",
        f"Not checked: whether {label} asks for KX is not known; {show_cents(after)} are used for {name}, more than "
        "Medicare's threshold.",
        "Ask the payer, and add its answer as kx_modifier to your organization's rulebook.", law.limit.cite, "payer",
    )  # fmt: skip


def not_checked(
    used: Used, unpriced: Sequence[str], no_locality: bool, name: str, year: int, cite: str
) -> list[Finding]:
    """Everything that is missing for the sum of a threshold."""
    found = []

    def missing(message: str, fix: str) -> None:
        found.append(Finding("threshold.not-checked", "info", message, fix, cite, name))

    if not used.known:
        missing(
            f"Not checked: what was used of the {year} threshold of {name} before this day is not known.", _ASK_PAYER
        )
    elif used.said is None:
        missing(
            f"Not checked: what the payer has counted for {name} in {year}; the sum holds only the claims given.",
            _ASK_PAYER,
        )
    elif used.claims is None:
        missing(
            f"Not checked: claims that the payer received for {name} after {used.said.as_of}; the sum leaves them out.",
            "Give the claims that were sent since.",
        )
    if unpriced and no_locality:
        missing(
            f"Not checked: what this day adds to {name}; the day says no locality such as 15202-00.",
            "Say where the service was furnished.",
        )
    elif unpriced:
        missing(
            f"Not checked: what this day adds to {name}; the price is not known of {', '.join(unpriced)}.",
            "See why the price is not known.",
        )
    return found


def expected_denials(codes: Sequence[str], name: str, cite: str) -> Finding:
    return Finding(
        "threshold.not-counted", "info",
        f"{', '.join(codes)}: a denial is expected, so nothing of it is counted toward the threshold of {name}.",
        "What the payer pays all the same counts; look at the remittance.", cite, name,
    )  # fmt: skip


def pays_second(label: str, cite: str) -> Finding:
    return Finding(
        "threshold.not-checked", "info",
        f"Not checked: {label} pays second, and what then counts toward its therapy thresholds is not known.",
        "Ask the payer before you send the claim to it.", cite, "payer",
    )  # fmt: skip


# -- the sum -------------------------------------------------------------------------------------------------------


def reached(after: int, limit: int, name: str, year: int, cite: str) -> Finding:
    return Finding(
        "threshold.used", "info",
        f"With this day {show_cents(after)} of {show_cents(limit)} are used for {name} in {year}. {ESTIMATE}",
        _ASK_PAYER, cite, name,
    )  # fmt: skip


def review(after: int, level: int, name: str, year: int, cite: str) -> Finding:
    return Finding(
        "threshold.review", "info",
        f"With this day {show_cents(after)} are used for {name} in {year}; from {show_cents(level)} on claims may be "
        "chosen for medical review, and not every claim is.",
        "Look whether the record shows why a therapist was needed.", cite, name,
    )  # fmt: skip


def still_open(line: str, name: str, year: int, limit: int, law: Law) -> Finding:
    """KX is not attested, and what says that it is due is not sure enough to hold the line."""
    return Finding(
        "threshold.kx-open", "warn",
        f"KX is not attested for {line}, and the sum for {name} passes the {year} threshold of {show_cents(limit)}; "
        f"above it a line without KX is denied (reason {law.missing.value}).",
        "Attest KX if the service is necessary and the record shows it, or give an advance notice (ABN).",
        law.missing.cite, line,
    )  # fmt: skip


def why_held(line: str, name: str, year: int, limit: int, law: Law) -> str:
    return (
        f"KX is not attested for {line}, and the sum for {name} passes the {year} threshold of {show_cents(limit)}; "
        f"above it a line without KX is denied (reason {law.missing.value}, {law.missing.cite})."
    )


# -- what was attested ---------------------------------------------------------------------------------------------


def no_line(given: Attestation) -> Finding:
    return lapsed(given, "the claim")


def called_otherwise(given: Attestation, names: Sequence[str]) -> Finding:
    return Finding(
        "threshold.kx-called-otherwise", "warn",
        f"{given.by} attested KX for {given.line}; billed this way it is attested for {listed(names)}, and "
        "nothing was added.",
        "Attest it for one of these where it is asked, or take it back.", where=given.line,
    )  # fmt: skip


def sum_moved(given: Attestation) -> Finding:
    return lapsed(given, "the sum")


def sum_unknown(given: Attestation) -> Finding:
    return lapsed(given, "what is known of the sum")


def not_needed(given: Attestation, after: int, limit: int, cite: str) -> Finding:
    return Finding(
        "threshold.kx-not-needed", "warn",
        f"{given.by} attested KX for {given.line}, where {show_cents(after)} of {show_cents(limit)} are used; it lies "
        "within the threshold, and KX was not added.",
        "Take the attestation back, or give what the payer has counted if it is more; KX far below the threshold is "
        "called abusive.", cite, given.line,
    )  # fmt: skip


def not_asked(given: Attestation, label: str, known: bool) -> Finding:
    said = f"{label} asks for no KX" if known else f"whether {label} asks for KX is not known"
    return Finding(
        "threshold.kx-not-asked", "warn", f"{given.by} attested KX for {given.line}; {said}, and it was not added.",
        "Take the attestation back, or add the payer's policy as kx_modifier to your organization's rulebook.",
        where=given.line,
    )  # fmt: skip


def with_notice(given: Attestation, signed: date, law: Law) -> Finding:
    return Finding(
        "threshold.kx-with-ga", "warn",
        f"{given.by} attested KX for {given.line}, for which a denial as not necessary is expected and a notice (ABN) "
        f"was signed on {signed}; {law.never_with.value} and KX never stand on one line, and KX was not added.",
        "Decide which of the two is true, and take the other back.", law.never_with.cite, given.line,
    )  # fmt: skip


def contradicted(given: Attestation, law: Law) -> Finding:
    return Finding(
        "threshold.kx-contradicted", "warn",
        f"{given.by} attested KX for {given.line}, for which a denial is expected; KX says that it is necessary, and "
        "was not added.",
        "Decide which of the two is true, and take the other back.", law.only_above.cite, given.line,
    )  # fmt: skip


def far_below(seen: Pattern, limit: int, percent: int, name: str, year: int, law: Law) -> Finding:
    return Finding(
        "threshold.kx-pattern", "warn",
        f"Claims for {name} in {year} with KX where the sum known was at most {show_cents(seen.highest)} of "
        f"{show_cents(limit)}, less than {percent} percent: {seen.claims} of {seen.of}. That is called abusive.",
        "Send KX only on lines that pass the threshold or lie above it.",
        f"{law.only_above.cite}; {law.signs.cite}", name,
    )  # fmt: skip


def on_every_claim(seen: Pattern, limit: int, name: str, year: int, law: Law) -> Finding:
    return Finding(
        "threshold.kx-pattern", "warn",
        f"Every one of {seen.of} claims for {name} in {year} carries KX, and when {seen.claims} of them were received "
        f"the sum known was at most {show_cents(seen.highest)}, within {show_cents(limit)}; that is called abusive.",
        "Send KX only on lines that pass the threshold or lie above it.",
        f"{law.only_above.cite}; {law.signs.cite}", name,
    )  # fmt: skip
