"""Floor 7: the command line. Thin: read, ask the engine, print. Commands load only when called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO


def main(args: Sequence[str] | None = None) -> None:
    """Run `fifteen` and exit: 0 answered, 1 a check found a block, 2 asked wrongly (one sentence on stderr)."""
    import click

    from fifteen.cli.app import fifteen
    from fifteen.kernel.errors import FifteenError

    out = sys.stdout
    try:
        code = fifteen.main(args, prog_name="fifteen", standalone_mode=False) or 0
        print(end="", flush=True)  # what cannot be written must fail here, not when Python ends
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "fifteen"
        _fail(f"{error.format_message().rstrip('.')}; see `{command} --help`.")
    except (click.ClickException, FifteenError) as error:
        _fail(error.format_message() if isinstance(error, click.ClickException) else str(error))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except SystemExit:
        if sys.stdout is out:
            raise
        _discard(out)  # click met a closed pipe: it puts a wrapper in place of stdout and exits with 1
        sys.exit(0)
    except BrokenPipeError:  # the reader went away (`| head`)
        _discard(out)
        sys.exit(0)
    except OSError as error:
        _discard(out)
        _fail(f"reading or writing failed: {error.strerror or error}; check where the input and the output are.")
    sys.exit(code)


def _discard(out: TextIO) -> None:
    """Keep Python from writing at its end what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _fail(sentence: str) -> None:
    print(f"fifteen: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(2)
