"""No file of the project ties it to one package registry or to one machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = {".git", ".venv", ".hypothesis", "build", "dist", "mutants", "htmlcov", "__pycache__"}

# Put together from parts, so that this file does not hold what it looks for.
HOSTS = ["pypi." + "org", "files." + "pythonhosted.org", "registry." + "npmjs.org"]
FOLDERS = ["work", "root", "home/[a-z]+", "Users/[A-Za-z]+"]
UNWANTED = re.compile(
    "|".join([*map(re.escape, HOSTS), rf"(?<![\w./~$}}-])/(?:{'|'.join(FOLDERS)})/"]).encode(), re.IGNORECASE
)


def project_files() -> list[Path]:
    """Every file that is tracked or about to be; without git, every file that no build made."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part in BUILT or part.endswith("_cache") or part.startswith(".coverage")
                for part in path.relative_to(ROOT).parts
            )
        ]
    else:
        found = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in found if path.is_file()]


def test_no_registry_host_and_no_machine_path() -> None:
    files = project_files()
    assert ROOT / "pyproject.toml" in files
    hits = [
        f"{path.relative_to(ROOT)}: {hit.group().decode()}"
        for path in files
        for hit in UNWANTED.finditer(path.read_bytes())
    ]
    assert hits == []


@pytest.mark.parametrize(
    "text",
    [
        "index-url = https://" + HOSTS[0] + "/simple",
        "see " + HOSTS[2].upper(),
        "cd /" + "work/x",
        "'/" + "root/.cache'",
    ],
)
def test_the_search_finds(text: str) -> None:
    assert UNWANTED.search(text.encode())


@pytest.mark.parametrize("text", ["teamwork/root/cause", "https://example.org/work/7", "~/work/fifteen", "/work"])
def test_the_search_lets_pass(text: str) -> None:
    assert not UNWANTED.search(text.encode())
