"""The command `fifteen`: its sub-commands by name, each imported only when it is called."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword

import click

from fifteen.__about__ import __version__

_COMMANDS = {
    "assess": ("fifteen.cli.assess", "A patient's day in, minutes, units and findings out."),
    "completion": ("fifteen.cli.completion", "Print the completion script of your shell."),
    "import": ("fifteen.cli.importing", "Records of another system from CSV: tried first, then brought in."),
    "keys": ("fifteen.cli.keys", "The keys that secrets are sealed with."),
    "note": ("fifteen.cli.note", "What a note holds and lacks, with the law beside each check."),
    "price": ("fifteen.cli.price", "Billed units in, the expected payment out."),
    "rescue": ("fifteen.cli.rescue", "Let in again who is locked out for good."),
    "rulebook": ("fifteen.cli.rulebook", "What is in force on a date, from which source."),
    "scribe": ("fifteen.cli.scribe", "Shorthand or dictated words in, services, doses and questions out."),
    "serve": ("fifteen.cli.serve", "The pages in your browser."),
    "units": ("fifteen.cli.units", "Minutes in, explained units out."),
    "verify": ("fifteen.cli.verify", "Is the trail whole, and are signed notes what was signed?"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        found = import_module(_COMMANDS[cmd_name][0])
        command: click.Command = getattr(found, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="fifteen")
@click.pass_context
def fifteen(ctx: click.Context) -> None:
    """Treated minutes to units, each one explained.

    \b
    fifteen units 97110:33 97140:7            Medicare's answer for 40 minutes
    fifteen units --method midpoint 97110:33 97140:7
    fifteen assess examples/days/plain.json   a whole day from its intervals
    fifteen scribe "TE 18 min: SLR 3x10 2# R" your words to services, doses and units
    fifteen rulebook show 97140               what is held of a code, payer or rule
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
