"""The house rules that no off-the-shelf linter knows: floors 1 to 4 of `src/fifteen`, and the clinic above them.

Run without arguments by `make lint`. One line per offence: `path:line: what, why, what to do`.
`tests/house/test_lint_house.py` shows each rule failing.
"""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from pathlib import Path

FLOORS = ("kernel", "rulebook", "engine", "interop")  # 1 to 4, bottom first

CLOCKS = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.localtime",
    "time.monotonic",
    "time.perf_counter",
    "time.time",
    "time.time_ns",
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
PLAIN_NUMBERS = {0, 1, 2}  # counting, not law; -1 is minus 1
NOT_LAW = re.compile(r"#\s*not law: \S")
PATH = re.compile(r"#\s*path\b")

# Floors 6 and 7: which files may reach the clinic's rows, below `src/fifteen`; `*` is anything.
# A line here is a decision: review it as one.
UPPER = ("clinic", "web", "cli", "api")
WALL = ("clinic/tenancy/*", "clinic/*/migrations/*")  # builds the wall, so may name what it is made of
CHOOSING = (*WALL, "clinic/audit/*")  # may name an organization in a query: a chain is one organization's
KEEPERS = (  # may ask a manager of the organization acted for
    *WALL,
    "clinic/*/access.py",
    "clinic/*/queries.py",
    "clinic/*/services.py",
    "clinic/*/models.py",
    "clinic/accounts/people_services.py",
    "clinic/accounts/sessions.py",
    "clinic/accounts/devices.py",
    "clinic/accounts/pins.py",
    "clinic/accounts/break_glass.py",
    "clinic/accounts/facts.py",
    "clinic/accounts/lockout.py",
    "clinic/accounts/login_access.py",
    "clinic/accounts/policies.py",
    "clinic/accounts/setup.py",
    "clinic/accounts/tasks.py",
    "clinic/audit/*",
    "clinic/demo.py",  # fills a database that holds nothing else
    "clinic/jobs/*",
    "clinic/treatment/standing_queries.py",  # the rows of many charts at once
    "clinic/rotation.py",
)
EVERYWHERE = (  # may also ask across organizations: before it is known who acts, for sealing and proving
    *WALL,
    "clinic/accounts/sessions.py",
    "clinic/accounts/devices.py",
    "clinic/accounts/access.py",  # an invitation, by the token of its link
    "clinic/audit/*",
    "clinic/jobs/*",
)
RAW_SQL = (  # locks, settings of the connection, and rows by the million
    *WALL,
    "clinic/accounts/lockout.py",
    "clinic/audit/prove.py",
    "clinic/audit/sealer.py",
    "clinic/database.py",
    "clinic/jobs/queue.py",
)
CLOCK = ("clinic/tenancy/clock.py", "clinic/tenancy/ids.py", "web/surroundings.py", "cli/surroundings.py")

SELECTING = {
    "Case", "FilteredRelation", "Q", "When", "exclude", "filter", "get", "get_list_or_404", "get_object_or_404",
    "get_or_create", "update_or_create",
}  # fmt: skip
OF_ORGANIZATION = re.compile(r"(?:^|.*__)organization(?:_id)?(?:__.*)?")
MANAGERS = {"objects", "_default_manager"}
ALL_ROWS = {"everywhere", "_base_manager"}
SQL = {"cursor", "execute", "executemany", "executescript", "extra", "raw"}

NO_FLOAT = "floats cannot hold money or minutes exactly"


def check(source: str, room: str) -> Iterator[tuple[int, str]]:
    """Yield (line, offence) for the source of one module in the given room."""
    tree = ast.parse(source)
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    origins = dict(_imports(tree))
    type_checks = {
        id(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _dotted(node.func, origins) in {"isinstance", "issubclass"}
        for kind in node.args[1:]
        for name in ast.walk(kind)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                yield node.lineno, f"float literal {node.value}, {NO_FLOAT}, use an int or Decimal('...')"
            case ast.Name(id="float") if id(node) not in type_checks:
                yield node.lineno, f"`float` is used, {NO_FLOAT}, use int or Decimal"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                if not any(PATH.match(comments.get(line, "")) for line in lines):
                    yield (
                        node.lineno,
                        "true division `/`, it rounds where no rule says so, use `//` or the one rounding "
                        "function of kernel.money; a file path ends its line with `# path`",
                    )
            case ast.Attribute() | ast.Name():
                yield from _names(node, _dotted(node, origins))
        if room == "engine":
            number = _number(node, origins)
            excused = NOT_LAW.search(comments.get(getattr(node, "lineno", 0), ""))
            if number is not None and number not in PLAIN_NUMBERS and not excused:
                yield (
                    node.lineno,
                    f"the number {number} stands in a rule, numbers that law or a payer sets are dated and "
                    "cited in rulebook/data, read it from there or end the line with `# not law: <why>`",
                )


def check_upper(source: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield (line, offence) for the source of one module of the floors above; `path` is below `src/fifteen`."""
    tree = ast.parse(source)
    origins = dict(_imports(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)) if called in SELECTING:
                names = [name for name in _keywords(node) if OF_ORGANIZATION.fullmatch(name)]
                if names and not _in(path, CHOOSING):
                    yield (
                        node.lineno,
                        f"`{called}({names[0]}=...)` chooses the organization, the wall does that and a page that does "
                        "it too will forget it once, ask the manager while `acting(...)`",
                    )
        if isinstance(node, ast.Attribute):
            yield from _reach(node, path)
        if isinstance(node, ast.Attribute | ast.Name):
            name = _dotted(node, origins)
            ends = ".".join(name.split(".")[-2:])
            if ends in {*CLOCKS, "timezone.now", "timezone.localdate"} - {"time.monotonic", "time.perf_counter"}:
                if not _in(path, CLOCK):
                    yield node.lineno, f"`{name}` reads the clock, a test cannot set it, use tenancy.clock.now()"
            elif name.split(".")[-1] == "RawSQL" and name != "RawSQL" and not _in(path, RAW_SQL):
                yield node.lineno, _no_sql("RawSQL")


def _reach(node: ast.Attribute, path: str) -> Iterator[tuple[int, str]]:
    """What an attribute reaches: rows through a manager, rows of everyone, or the database itself."""
    if node.attr in MANAGERS and not _in(path, KEEPERS):
        yield (
            node.lineno,
            f"`.{node.attr}` asks for rows here, what may be seen is decided in one place of each app, "
            "ask its access.py or services.py",
        )
    elif node.attr in ALL_ROWS and not _in(path, EVERYWHERE):
        yield (
            node.lineno,
            f"`.{node.attr}` sees the rows of every organization, only the wall, sealing and proving need that, "
            "use `.objects` in access.py",
        )
    elif node.attr in SQL and not _in(path, RAW_SQL):
        yield node.lineno, _no_sql(f".{node.attr}")


def _no_sql(what: str) -> str:
    return f"`{what}` goes to the database past the manager, SQL made of text can be injected into, use the manager"


def _keywords(call: ast.Call) -> Iterator[str]:
    """Yield the names of the keywords of a call, also those in a dict that is unpacked on the spot."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg
        elif isinstance(keyword.value, ast.Dict):
            for key in keyword.value.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def _in(path: str, places: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, place) for place in places)


def _names(node: ast.Attribute | ast.Name, name: str) -> Iterator[tuple[int, str]]:
    if ".".join(name.split(".")[-2:]) in CLOCKS:
        yield node.lineno, f"`{name}` reads the clock, answers may not change by themselves, take an argument"
    elif name in ENVIRONMENT:
        yield node.lineno, f"`{name}` is read, the core looks nothing up, take the value as an argument"
    elif name == "print":
        yield node.lineno, "`print` is used, the core talks to nobody, return a Finding or a Trace"


def _number(node: ast.AST, origins: dict[str, str]) -> int | Decimal | None:
    """Return the number that the node writes down as an integer or as Decimal('...')."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Call(func=func, args=[ast.Constant(value=str(text))]):
            if _dotted(func, origins) == "decimal.Decimal":
                try:
                    return abs(Decimal(text))
                except InvalidOperation:
                    return None
    return None


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, with the full name of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}"


def _dotted(node: ast.expr, origins: dict[str, str]) -> str:
    """Return the full dotted name of `a.b.c`, imports resolved; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return origins.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            base = _dotted(value, origins)
            return f"{base}.{attr}" if base else ""
    return ""


def check_contract(pyproject: str, rooms: set[str]) -> Iterator[tuple[int, str]]:
    """Yield an offence for each room of floors 1 to 4 that the forbidden-imports contract leaves out.

    import-linter refuses a contract on a package that does not exist yet, so it is named when it is made.
    """
    contracts = tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"]
    forbidden = [contract for contract in contracts if contract["type"] == "forbidden"]
    named = {module for contract in forbidden for module in contract["source_modules"]}
    for room in sorted(rooms):
        if f"fifteen.{room}" not in named:
            yield (
                1,
                f"fifteen.{room} may import anything, floors 1 to 4 know no clock, network or database, "
                f'add "fifteen.{room}" to source_modules of the forbidden contract',
            )


def main(root: Path) -> int:
    source = root / "src" / "fifteen"
    rooms = {room for room in FLOORS if (source / room).is_dir()}
    files = sorted(path for room in rooms for path in (source / room).rglob("*.py"))
    if not files:
        print(f"{source}:1: no file found, a linter that reads nothing proves nothing, correct FLOORS")
        return 1
    offences = [
        (path.relative_to(root), line, what)
        for path in files
        for line, what in sorted(check(path.read_text("utf-8"), path.relative_to(source).parts[0]))
    ]
    upper = sorted(path for room in UPPER for path in (source / room).rglob("*.py"))
    offences += [
        (path.relative_to(root), line, what)
        for path in upper
        for line, what in sorted(check_upper(path.read_text("utf-8"), path.relative_to(source).as_posix()))
    ]
    pyproject = (root / "pyproject.toml").read_text("utf-8")
    offences += [(Path("pyproject.toml"), line, what) for line, what in check_contract(pyproject, rooms)]
    for path, line, what in offences:
        print(f"{path}:{line}: {what}")
    if not offences:
        print(f"House rules: {len(files) + len(upper)} files, no offence.")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
