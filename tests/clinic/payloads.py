"""Texts that would be SQL if a page made SQL of text. Built, not listed: each break-out with each body and each end."""

from __future__ import annotations

from itertools import product

_OUT = ("", "'", '"', "')", '")', "'))", "\\'", "`", "';", "%' ", "1 ", "1) ", "]", "$$", "' || ", "\u02bc", "\x00'")
_BODY = (
    "OR 1=1",
    "OR 'a'='a",
    "AND 1=2",
    "UNION SELECT NULL",
    "UNION ALL SELECT name, name, name FROM patient",
    "; DROP TABLE patient",
    "; DELETE FROM note",
    "; UPDATE person SET role = 'owner'",
    "; TRUNCATE audit_event",
    "; SELECT set_config('app.organization', 'x', false)",
    "AND (SELECT count(*) FROM person) > 0",
    "OR EXISTS (SELECT 1 FROM pg_class)",
    "OR randomblob(1) IS NOT NULL",
    "|| (SELECT password FROM person LIMIT 1) ||",
    "; PRAGMA writable_schema = 1",
    "; ALTER TABLE patient DISABLE ROW LEVEL SECURITY",
)
_END = ("", "--", " -- -", "#", "/*")
_ALONE = (  # for where a column or a direction is asked for
    "name; DROP TABLE patient",
    "-name, (SELECT 1)",
    "(CASE WHEN 1=1 THEN name ELSE born END)",
    "name DESC, password",
    "password",
    "-user__password",
    "organization__id",
    "authenticators__secret",
    "?",
    "name__regex",
    "id) ASC --",
    "1,2,3",
    "../../etc/passwd",
    "{{7*7}}",
    "%s%s%s%(x)s",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "0x1F",
    "2026-13-45",
    "\r\nSet-Cookie: a=b",
    "a" * 5000,
)

PAYLOADS = (*(f"{out}{' ' if out else ''}{body}{end}" for out, body, end in product(_OUT, _BODY, _END)), *_ALONE)
