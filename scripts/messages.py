"""Keep the Spanish catalogues in step: `engine.po` for the engine's sentences, `django.po` for the pages' own words.

The pages' own words stand marked in templates, in pages and in the services of a clinic, or in the files of `TABLES`.

The engine speaks English and knows of no catalogue, so its sentences are found in its source, as are those of
`clinic/treatment/answering.py`, which counts as part of it, and of `interop/tabular.py`: every literal with words in
it that is not named in `NOT_SHOWN` is taken for one that a person may read. A field of an f-string becomes `{name}`;
how it is to be read in a sentence stands behind a colon, and only the name is needed in a translation:

  {code}            a code, number, date or other word without a space: taken over as it is
  {id:text}         a name or an id that people give, a source, a sum: the same, and it may hold spaces
  {text!r}          what somebody typed, in quotes: taken over as it is
  {source:cite}     a citation: the same, whatever words it holds
  {label:name}      a label: translated if the catalogue holds it, else taken over as it is
  {codes:list}      `a, b and c`: each item as a name, the joint translated
  {said:words}      words of the engine: they are a message of their own, or the sentence stays English
  {held:more}       words that may be absent

Run without arguments to bring both catalogues up to date and to compile them; `--check` changes nothing and fails
where something is missing, untranslated, fuzzy, obsolete or not compiled.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import struct
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import pairwise, product
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, get_args

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from fifteen.engine.day import Mode
from fifteen.engine.pricing.payer import FIXED
from fifteen.interop.tabular import DELIMITERS
from fifteen.rulebook import Rulebook, load_rulebook
from fifteen.web.said import SENTENCE

SOURCE = Path(__file__).parents[1] / "src" / "fifteen"
LOCALE = SOURCE / "web" / "locale"
LANGUAGES = {"es": "nplurals=2; plural=(n != 1);"}

# Literals with words in them that nobody is shown in a sentence of the engine.
NOT_SHOWN = {
    "{where:name}: {said:words}; see `fifteen assess --help` for the form of a {name}.": "words of the JSON library",
    "{where:name}: {said:words}; see `fifteen note check --help` for the form of a note.": "words of the JSON library",
}

# How fields are read whose names alone do not say it.
KINDS = {
    "_name(interval)": "text",
    "_name(other)": "text",
    "_spans(parameter)": "list",
    "attestation.by": "text",
    "attestation.line": "text",
    "added.by": "text",
    "bears[owes]": "words",
    "cap['per']": "name",
    "cap.per": "name",
    "by.by": "text",
    "choice.by": "text",
    "each.by": "text",
    "each.line": "text",
    "each": "words",  # the sum of a fee, before it is rounded
    "each.person": "text",
    "error.args[0]": "text",
    "expected.by": "text",
    "family.name": "name",
    "free": "list",
    "id_": "text",
    "given_.by": "text",
    "given_.line": "text",
    "law.missing.cite": "cite",
    "interval.amends": "text",
    "interval.id": "text",
    "interval.mode": "name",
    "label": "name",
    "line.name": "text",  # a plan and its code
    "message": "words",
    "mine": "text",
    "name": "name",
    "of": "text",
    "other": "text",
    "other.id": "text",
    "per": "name",
    "newest.name": "text",
    "pair.release": "text",
    "limit.release": "text",
    "finding.message": "words",
    "first.release": "text",
    "policy.cite": "cite",
    "release": "name",
    "row['label']": "name",
    "release.name": "text",
    "rulebook.service_span(code)": "words",
    "said": "words",
    "self.band": "words",
    "self.families[place].name": "name",
    "tap.service or tap.mode": "name",
    "what": "name",
    "where": "name",
    "why_first(first, on_list)": "words",
}
# The same, where a name means another thing in one file.
BY_FILE = {
    ("engine/documentation/of_day.py", "person"): "text",
    ("engine/modifiers/liability.py", "name"): "text",  # a plan and its code
    ("engine/modifiers/liability.py", "owes"): "words",
    ("engine/modifiers/telehealth.py", "name"): "text",
    ("engine/modifiers/telehealth.py", "said"): "list",
    ("engine/edits/explain_pairs.py", "found"): "words",
    ("engine/edits/pairs.py", "found"): "words",
    ("engine/evidence/minutes.py", "name"): "text",  # there it is a code with an interval
    ("engine/pricing/fees.py", "name"): "value",  # a table
    ("engine/modifiers/distinct.py", "name"): "text",
    ("clinic/treatment/answering.py", "error"): "words",
    ("interop/tabular.py", "ENCODINGS[encoding]"): "value",
    ("kernel/minutes.py", "code"): "text",
    ("rulebook/resolve.py", "name"): "text",  # an id
    ("engine/modifiers/threshold.py", "by"): "text",
    ("engine/modifiers/threshold.py", "name"): "text",  # a line
    ("engine/modifiers/threshold.py", "self.name"): "name",
    ("engine/modifiers/threshold_notes.py", "given.by"): "text",
    ("engine/modifiers/threshold_notes.py", "given.line"): "text",
    ("engine/modifiers/threshold_notes.py", "line"): "text",
    ("engine/units/lines.py", "due"): "words",
    ("engine/units/notes.py", "most"): "words",
    ("engine/units/lines.py", "not_due"): "words",
    ("engine/units/lines.py", "because"): "words",
    ("engine/pricing/fees.py", "pe"): "words",
    ("engine/documentation/authors.py", "each.credential"): "text",
    ("engine/documentation/authors.py", "name"): "text",
    ("engine/documentation/authors.py", "person.id"): "text",
    ("engine/documentation/authors.py", "when"): "words",
    ("engine/documentation/goals.py", "goal.id"): "text",
    ("engine/documentation/goals.py", "known[0].id"): "text",
    ("engine/documentation/goals.py", "lost"): "text",
    ("engine/documentation/goals.py", "name"): "text",
}

# Fields that are one of a few words, each of which makes a message of its own.
ALTERNATIVES = {
    "basis.value['basis'].replace('-', ' ')": tuple(way.replace("-", " ") for way in FIXED),
    "tap.kind": ("start", "stop"),
}
# Phrases that are put into their sentence here, because a name without bounds stands beside them.
INLINED = {("engine/assess.py", "said")}

# Single words, and joints of lists, that stand in a sentence.
WORDS = (
    "{items} and {last}",
    "{items} and for {last}",
    "{items} or {last}",
    "{items}; or {last}",
    *("amount", "choice", "code", "coinsurance", "context", "copay", "date", "day", "interval", "minutes", "money"),
    *("evaluation", "re-evaluation"),
    *("now", "person", "start", "stop", "units", "visit", "visits"),
)

_WORDY = re.compile(r"[A-Za-z]{2}")


class Found(NamedTuple):
    """A message and the file it stands in."""

    id: str
    file: str


# -- the engine's sentences ----------------------------------------------------------------------------------------


def engine_messages() -> list[Found]:
    """Every sentence, phrase and label that a person may be shown, once for each file it stands in."""
    return [each for each in all_messages() if each.id not in NOT_SHOWN]


def all_messages() -> list[Found]:
    files = [*SOURCE.glob("kernel/*.py"), SOURCE / "rulebook" / "resolve.py", *SOURCE.glob("engine/**/*.py")]
    files += [SOURCE / "clinic" / "treatment" / "answering.py", SOURCE / "interop" / "tabular.py"]
    found = [each for path in sorted(files) for each in _of_module(path)]
    found += [Found(word, "engine") for word in WORDS]
    found += [Found(mode, "engine/day.py") for mode in get_args(Mode)]
    found += [Found(mark, "interop/tabular.py") for mark in DELIMITERS.values()]
    found += _of_rulebook()
    return list(dict.fromkeys(found))


def _of_rulebook() -> Iterator[Found]:
    """Labels, titles and notes of the rulebook and the examples, and the one list of the law told as it stands."""
    rulebook = load_rulebook()
    services = rulebook.tables["services"]
    place = services.columns.index("label")
    for row in services.rows:
        yield Found(row[place], "rulebook/data/tables/services.csv")
    places = rulebook.tables["place_of_service"]
    for row in places.rows:
        yield Found(row[places.columns.index("label")], "rulebook/data/tables/place_of_service.csv")
    measures = rulebook.tables["outcome_measures"]
    for row in measures.rows:
        for column in ("label", "unit", "population"):
            word = row[measures.columns.index(column)]
            if len(word) > 3:  # `m` and `s` are the same everywhere
                yield Found(word, "rulebook/data/tables/outcome_measures.csv")
    for policy in rulebook.payers:
        yield Found(policy.label, f"rulebook/data/payers/{policy.id}.toml")
    for name, key in (("presets", "visit"), ("popular_answers", "example"), ("timeline_examples", "example")):
        for each in tomllib.loads((SOURCE / "web" / f"{name}.toml").read_text("utf-8"))[key]:
            yield Found(each["title"], f"web/{name}.toml")
            if name == "timeline_examples":
                yield Found(each["note"], f"web/{name}.toml")
    for dated in rulebook.parameters["medicare.reduction_order"].at:
        order = ", then ".join(dated.entry.value).replace("-", " ")
        yield Found(order, "rulebook/data/law/medicare/reductions.toml")
    for text, place in _told(rulebook):
        # A note is looked up sentence by sentence, so that one that stands in many is translated once.
        yield from (Found(each, f"rulebook/data/{place}") for each in SENTENCE.split(text) if each)


def _told(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """What the pages tell of the rulebook in its own words: titles of rules, notes, and where tables come from."""
    for id_, parameter in sorted(rulebook.parameters.items()):
        place = "payers" if id_.startswith("payer.") else "law"
        yield parameter.title, place
        yield from ((dated.entry.note, place) for dated in parameter.at)
    yield from ((policy.note, f"payers/{policy.id}.toml") for policy in rulebook.payers)
    for name in sorted(rulebook.tables):
        read = rulebook.sheets.get(name) or rulebook.tables[name]
        yield read.source, f"tables/{name}"
    for name in sorted(set(rulebook.tables) - set(rulebook.sheets)):
        read = rulebook.tables[name]
        if "note" in read.columns:
            yield from ((row[read.columns.index("note")], f"tables/{name}.csv") for row in read.rows)


def _of_module(path: Path) -> Iterator[Found]:
    file = path.relative_to(SOURCE).as_posix()
    module = import_module(f"fifteen.{file.removesuffix('.py').replace('/', '.').removesuffix('.__init__')}")
    tree = _join_added(ast.parse(path.read_text("utf-8")))
    yield from (Found(text, file) for text in _Reader(file, module, tree).messages())


def _join_added(tree: ast.Module) -> ast.Module:
    """`said = f"..."` and the `said += ...` behind it are one text."""
    bodies = [getattr(block, part, None) for block in ast.walk(tree) for part in ("body", "orelse")]
    for body in [each for each in bodies if isinstance(each, list)]:
        for first, second in pairwise(body):
            match first, second:
                case (
                    ast.Assign(targets=[ast.Name(id=one)], value=value),
                    ast.AugAssign(target=ast.Name(id=other), value=more),
                ) if one == other and _is_text(value):
                    first.value = ast.BinOp(value, ast.Add(), more)
                    second.value = ast.Constant("")
    return tree


def _is_text(node: ast.AST) -> bool:
    """Is this an expression that is spelled out as text, at least in part?"""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_text(left) or _is_text(right)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_text(body) and _is_text(orelse)
    return False


class _Reader:
    """The messages of one module."""

    def __init__(self, file: str, module: ModuleType, tree: ast.Module) -> None:
        self.file, self.module, self.tree = file, module, tree
        self.up = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def messages(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id="plural"), args=[_, ast.Constant(value=str(noun))]):
                    yield f"1 {noun}"
                    yield f"{{count}} {noun}s"
            if not _is_text(node) or isinstance(node, ast.IfExp) or self._is_part(node) or self._is_silent(node):
                continue
            for text, told in self._texts(node):
                spelled = re.sub(r"\{[^}]*\}", "", text)
                # One word is an id, a key or a modifier unless `WORDS` names it.
                if told or (_WORDY.search(spelled) and " " in text):
                    yield text

    def _is_part(self, node: ast.AST) -> bool:
        """Is it a part of a longer text?"""
        above = self.up.get(node)
        while isinstance(above, ast.FormattedValue | ast.IfExp) and _is_text(node):
            if isinstance(above, ast.FormattedValue):
                return True
            node, above = above, self.up.get(above)
        return isinstance(above, ast.JoinedStr) or (isinstance(above, ast.BinOp) and _is_text(above))

    def _is_silent(self, node: ast.AST) -> bool:
        """Docstrings, types, joints, and what names an id, a law or a place."""
        above = self.up.get(node)
        match above:
            case ast.Expr() | ast.Attribute() | ast.Subscript() | ast.Compare() | ast.FormattedValue():
                return True
            case ast.Call(func=ast.Name(id="plural")):
                return True
            case ast.Call(func=ast.Name(id="Finding"), args=args) if node in args:
                return args.index(node) not in (2, 3)  # message and fix
            case ast.keyword(arg="cite" | "where"):
                return True
        return False

    def _texts(self, node: ast.AST) -> Iterator[tuple[str, bool]]:
        """The message for each way the expression can turn out, and whether a part of it is words."""
        for parts in self._ways(node):
            text, names, fields = "", {}, []
            for part in parts:
                if isinstance(part, str):
                    text += part
                    continue
                value, quoted = part
                source = ast.unparse(value)
                if source not in names:
                    name = _slug(value)
                    taken = sum(re.sub(r"\d+$", "", each) == name for each in names.values())
                    names[source] = f"{name}{taken + 1}" if taken else name
                kind = self._kind(value)
                fields.append(kind)
                mark = "!r" if quoted else "" if kind == "value" else f":{kind}"
                text += f"{{{names[source]}{mark}}}"
            yield text.strip(), any(kind in ("words", "more") for kind in fields)

    def _ways(self, node: ast.AST) -> Iterator[list[str | tuple[ast.expr, bool]]]:
        """The expression as literal pieces and fields (with: quoted?), once for each of its alternatives."""
        match node:
            case ast.Constant(value=str(text)):
                yield [text]
            case ast.JoinedStr(values=values):
                for way in product(*[list(self._ways(value)) for value in _without_capitals(values)]):
                    yield [part for parts in way for part in parts]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                for way in product(self._ways(left), self._ways(right)):
                    yield [part for parts in way for part in parts]
            case ast.IfExp(body=body, orelse=orelse) if _is_text(node):
                yield from self._ways(body)
                yield from self._ways(orelse)
            case ast.FormattedValue(value=value) if _is_text(value):
                yield from self._ways(value)
            case ast.FormattedValue(value=value, conversion=conversion):
                phrases = self._phrases(value) if (self.file, ast.unparse(value)) in INLINED else []
                if phrases:
                    yield from (way for phrase in phrases for way in self._ways(phrase))
                    return
                fixed = self._fixed(value)
                for each in ALTERNATIVES.get(ast.unparse(value), (fixed,)):
                    yield [each or (value, conversion == ord("r"))]
            case ast.expr():
                yield [(node, False)]

    def _fixed(self, node: ast.expr) -> str | None:
        """What an expression over text constants of the module comes to; None where it is anything else."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - set(dir(builtins))
        if not names or not all(name.strip("_").isupper() for name in names):
            return None
        if any(isinstance(each, ast.comprehension) for each in ast.walk(node)):
            return None
        value = eval(compile(ast.Expression(node), self.file, "eval"), dict(vars(self.module)))  # our own source
        return value if isinstance(value, str) else None

    def _kind(self, node: ast.expr) -> str:
        source = ast.unparse(node)
        known = BY_FILE.get((self.file, source)) or KINDS.get(source)
        ways = [way for each in self._phrases(node) for way in self._ways(each)]
        if any(isinstance(way[0], str) and way[0].startswith(" ") for way in ways):
            return "more"
        spelled = ["".join(part for part in way if isinstance(part, str)) for way in ways]
        if any(_WORDY.search(each) and " " in each for each in spelled):
            return "words"
        if known is not None:
            return known
        match node:
            case ast.Call(func=ast.Name(id="listed" | "joined" | "units_of")):
                return "list"
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join"), args=[items]):
                return "list" if node.func.value.value.strip() in (",", "and", "or", "and for") else self._joined(items)
            case ast.Call(func=ast.Name(id="plural")):
                return "words"
            case ast.Attribute(attr="because" | "because_reduced"):
                return "words"
            case ast.Attribute(attr="label") | ast.BoolOp(values=[ast.Attribute(attr="label"), *_]):
                return "name"
            case ast.Name() if any(self._kind_of_value(each) for each in self._assigned(node)):
                return "list"
            case ast.Subscript():
                root: ast.expr = node
                while isinstance(root, ast.Subscript):
                    root = root.value
                if isinstance(root, ast.Name) and root.id.strip("_").isupper():
                    return "words"
        return "value"

    def _joined(self, items: ast.expr) -> str:
        return "value" if ast.unparse(items) == "parts" else "words"  # parts of a subtraction are figures

    def _kind_of_value(self, node: ast.expr) -> bool:
        return not isinstance(node, ast.Name) and self._kind(node) == "list"

    def _phrases(self, node: ast.expr) -> list[ast.expr]:
        return [each for each in self._assigned(node) if _is_text(each)] if isinstance(node, ast.Name) else []

    def _assigned(self, name: ast.Name) -> list[ast.expr]:
        """What the function around a name assigns to it."""
        around: ast.AST = name
        while around in self.up and not isinstance(around, ast.FunctionDef):
            around = self.up[around]
        return [
            value
            for each in ast.walk(around)
            if isinstance(each, ast.Assign)
            for target, value in _pairs(each)
            if isinstance(target, ast.Name) and target.id == name.id
        ]


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def _without_capitals(values: list[ast.expr]) -> Iterator[ast.expr]:
    """`{said[0].upper()}{said[1:]}` is `{said}`: a capital is no other word."""
    for value in values:
        match value:
            case ast.FormattedValue(value=ast.Call(func=ast.Attribute(value=ast.Subscript(), attr="upper"))):
                continue
            case ast.FormattedValue(value=ast.Subscript(value=ast.Name() as name, slice=ast.Slice(upper=None))):
                yield ast.FormattedValue(name, -1, None)
            case _:
                yield value


def _slug(node: ast.expr) -> str:
    """A short name for what stands in a field."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=ast.Name(id=table), slice=key) if table.strip("_").isupper():
            return _slug(key)
        case ast.Subscript(value=value):
            return _slug(value)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="rulebook"), attr=name)):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Constant()), args=[items, *_]):
            return _slug(items)
        case ast.Call(func=ast.Name(), args=[first, *_]):
            return _slug(first)
        case ast.Call(func=ast.Attribute(attr="_clock"), args=[first, *_]):
            return _slug(first)
        case ast.Call(func=ast.Attribute(value=value)):
            return _slug(value)
        case ast.BinOp(left=left):
            return _slug(left)
        case ast.UnaryOp(operand=value) | ast.BoolOp(values=[value, *_]) | ast.Starred(value=value):
            return _slug(value)
        case ast.GeneratorExp(generators=[ast.comprehension(iter=items), *_]):
            return _slug(items)
    return "part"


# -- the pages' own words ------------------------------------------------------------------------------------------

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")},
    "gettext_noop": DEFAULT_KEYWORDS["gettext"],
}
# Files that pages show words of: which of the words, by the keys that lead there; `*` is each.
TABLES = {
    "accounts/matrix.toml": (("roles", "*"), ("actions", "*", "title")),
    "importing/profiles/*.toml": (("title",), ("note",)),
}

PageMessage = tuple[str | None, str | tuple[str, ...], str]


def clinic_messages(clinic: Path = SOURCE / "clinic") -> Iterator[PageMessage]:
    """As `page_messages`, of the services of a clinic and of the files whose words its pages show."""
    yield from page_messages(clinic)
    for pattern, ways in TABLES.items():
        for path in sorted(clinic.glob(pattern)):
            table = tomllib.loads(path.read_text("utf-8"))
            file = path.relative_to(clinic.parent).as_posix()
            yield from ((None, text, file) for way in ways for text in _at(table, way))


def _at(table: Any, way: tuple[str, ...]) -> Iterator[str]:
    """The texts of a table at the end of these keys."""
    if not way:
        yield table
        return
    for each in table.values() if way[0] == "*" else (table[way[0]],):
        yield from _at(each, way[1:])


def page_messages(web: Path = SOURCE / "web") -> Iterator[PageMessage]:
    """(context, message or its forms, file) of every translatable text in the templates and Python files of a tree."""
    for path in sorted([*web.glob("**/templates/**/*.*"), *web.rglob("*.py")]):
        text = path.read_text("utf-8")
        if path.suffix != ".py":
            # What is left of the page around the messages has the indents of a page, which Python would refuse.
            text = "\n".join(line.strip() for line in templatize(text).splitlines())
        file = path.relative_to(web.parent).as_posix()
        for _, function, said, _ in extract_python(io.BytesIO(text.encode()), list(_KEYWORDS), (), {}):
            spec = _KEYWORDS[function]
            given = list(said) if isinstance(said, list | tuple) else [said]
            places: list[Any] = list(spec or (1,))
            context = next((given[place[0] - 1] for place in places if isinstance(place, tuple)), None)
            forms = [given[place - 1] for place in places if not isinstance(place, tuple)]
            if all(isinstance(form, str) and form for form in forms):
                yield context, tuple(forms) if len(forms) > 1 else forms[0], file


# -- catalogues ----------------------------------------------------------------------------------------------------

Key = tuple[str | None, str | tuple[str, ...]]


def wanted() -> dict[str, dict[Key, list[str]]]:
    """By catalogue: every message and the files it stands in."""
    found: dict[str, dict[Key, list[str]]] = {"engine": {}, "django": {}}
    for each in engine_messages():
        found["engine"].setdefault((None, each.id), []).append(each.file)
    for context, message, file in (*page_messages(), *clinic_messages()):
        files = found["django"].setdefault((context, message), [])
        if file not in files:
            files.append(file)
    return found


def read(path: Path) -> tuple[dict[Key, Message], str]:
    """The messages of a .po file, and the comment at its head."""
    if not path.exists():
        return {}, ""
    text = path.read_text("utf-8")
    head = "".join(line for line in text.split("msgid", 1)[0].splitlines(keepends=True) if line.startswith("#"))
    catalog = read_po(io.StringIO(text), ignore_obsolete=False)
    return {(each.context, _id(each)): each for each in [*catalog, *catalog.obsolete.values()] if each.id}, head


def _id(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def renewed(old: dict[Key, Message], head: str, messages: dict[Key, list[str]], language: str, pages: bool) -> str:
    """The .po file: what is wanted, with the translations there were."""
    catalog = Catalog(fuzzy=False)
    for (context, message), files in messages.items():
        known = old.get((context, message))
        added = catalog.add(
            message,
            known.string if known is not None else None,
            locations=[(file, None) for file in files],
            user_comments=known.user_comments if known is not None else (),
            context=context,
        )
        if not pages:  # "50% of" is no format, and fields are filled by `said` alone
            added.flags.clear()
        if known is not None and known.fuzzy:
            added.flags.add("fuzzy")
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, include_lineno=False)
    header = 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in _header(language).splitlines())
    return f"{head}{header}\n{body.getvalue().decode().strip()}\n".rstrip() + "\n"


def _header(language: str) -> str:
    return (
        f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        f"Content-Transfer-Encoding: 8bit\nPlural-Forms: {LANGUAGES[language]}\n"
    )


def compiled(messages: Iterable[Message], language: str) -> bytes:
    """The .mo file: the same bytes for the same translations, whenever and wherever it is made."""
    pairs = {b"": _header(language).encode()}
    for each in messages:
        forms = [each.string] if isinstance(each.string, str) else list(each.string)
        if not all(forms) or each.fuzzy:
            continue
        id_ = each.id if isinstance(each.id, str) else "\0".join(each.id)
        pairs[(f"{each.context}\4{id_}" if each.context else id_).encode()] = "\0".join(forms).encode()
    texts = sorted(pairs.items())
    count, start = len(texts), 28
    at = start + 16 * count
    tables: list[list[bytes]] = [[], []]
    data = b""
    for side, table in enumerate(tables):
        for pair in texts:
            table.append(struct.pack("<II", len(pair[side]), at + len(data)))
            data += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, start, start + 8 * count, 0, at)
    return head + b"".join(tables[0]) + b"".join(tables[1]) + data


_FIELD = re.compile(r"\{(\w+)(?:![a-z]|:\w+)?\}")
_PERCENT = re.compile(r"%\(\w+\)[a-z]|%[sd]")


def faults(old: dict[Key, Message], messages: dict[Key, list[str]]) -> Iterator[str]:
    """What is wrong with the translations of a catalogue."""
    for key in messages:
        message = old.get(key)
        if message is None:
            yield f"missing: {key[1]}"
            continue
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        ids = [key[1]] if isinstance(key[1], str) else list(key[1])
        if not all(forms):
            yield f"untranslated: {key[1]}"
        elif message.fuzzy:
            yield f"fuzzy: {key[1]}"
        elif _fields(ids[-1]) != _fields(forms[-1]):
            yield f"other fields than the message: {key[1]}"
    yield from (f"obsolete: {key[1]}" for key in old if key not in messages)


def _fields(text: str) -> tuple[list[str], set[str]]:
    return sorted(set(_FIELD.findall(text))), set(_PERCENT.findall(text))


def main(arguments: list[str]) -> int:
    check = arguments == ["--check"]
    if arguments and not check:
        print("usage: messages.py [--check]", file=sys.stderr)
        return 2
    wrong = []
    for language, (name, messages) in product(LANGUAGES, wanted().items()):
        path = LOCALE / language / "LC_MESSAGES" / f"{name}.po"
        old, head = read(path)
        text = renewed(old, head, messages, language, name == "django")
        kept = [old[key] for key in messages if key in old]
        binary = compiled(kept, language)
        where = path.relative_to(SOURCE)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            path.with_suffix(".mo").write_bytes(binary)
            old, _ = read(path)
        wrong += [f"{where}: {fault}" for fault in faults(old, messages)]
        if check and (not path.exists() or path.read_text("utf-8") != text):
            wrong.append(f"{where}: is not as scripts/messages.py would write it; run that")
        mo = path.with_suffix(".mo")
        if check and (not mo.exists() or mo.read_bytes() != binary):
            wrong.append(f"{mo.relative_to(SOURCE)}: is not compiled from its .po; run scripts/messages.py")
        print(f"{where}: {len(messages)} messages")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
