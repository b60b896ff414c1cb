"""A shelf of rulebook layers to write on: a home and an organization over the package's own data."""

import hashlib
from pathlib import Path

import pytest

from fifteen.rulebook import Rulebook, load_rulebook


class Shelf:
    """`home`, `organization` and `cache` are folders under a temporary one; none exists before it is written to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.organization = root / "organization"
        self.cache = root / "cache"

    def write(self, path: str, text: str | bytes) -> Path:
        """Write one file; `path` starts with the layer."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def rule(self, layer: str, *entries: str, unit: str = "minutes", name: str = "test/rule") -> Path:
        """Write the rule `test.rule`: each entry is `FROM VALUE`, then further lines of TOML."""
        lines = [f"[{name.split('/')[1]}]", f'unit = "{unit}"']
        for entry in entries:
            (start, value), *more = (line.split(" ", 1) for line in entry.split("\n"))
            lines += [f"[[{name.split('/')[1]}.at]]", f"from = {start}", f"value = {value}", 'refs = ["recalled"]']
            lines += ['status = "local"', *(" ".join(words) for words in more)]
        return self.write(f"{layer}/law/{name}.toml", "\n".join(lines))

    def table(self, layer: str, name: str, text: str | bytes) -> Path:
        """Write a table and the file that describes it."""
        file = self.write(f"{layer}/tables/{name}.csv", text)
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        about = f'release = "1"\nsource = "a test"\nsha256 = "{sha256}"\n'
        self.write(f"{layer}/tables/{name}.toml", about)
        return file

    def load(self) -> Rulebook:
        return load_rulebook(home=self.home, organization=self.organization)

    def load_cached(self) -> Rulebook:
        return load_rulebook(home=self.home, organization=self.organization, cache=self.cache)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)
