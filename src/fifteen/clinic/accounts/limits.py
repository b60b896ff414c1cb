"""How often and how long, in one place. NIST SP 800-63B asks for such limits; these numbers are our own choice."""

from __future__ import annotations

from datetime import timedelta

FAILURES = 5  # of one login, by the kind of proof, within WINDOW: the login is locked for LOCK
ADDRESS_FAILURES = 50  # of one address, of whatever logins and kinds, within WINDOW: sprays
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)
IN_A_ROW = 100  # typed proofs of one login that failed since one of their kind held: NIST allows no more

HALF = timedelta(minutes=15)  # between the password and the second proof
CHALLENGE = timedelta(minutes=5)  # between asking a passkey and its answer
INVITATION = timedelta(hours=72)

PASSWORD_MIN, PASSWORD_MAX = 12, 256
RECOVERY_CODES = 10
TOTP_SECONDS, TOTP_STEPS = 30, 1  # one step before and after: clocks of telephones differ
