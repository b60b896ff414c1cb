"""`fifteen completion`: the script that teaches a shell to complete commands, codes and payers."""

from __future__ import annotations

import click


@click.command(short_help="Print the completion script of your shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL; add it to the shell's start file.

    \b
    fifteen completion bash >> ~/.bashrc
    fifteen completion zsh  >> ~/.zshrc
    fifteen completion fish > ~/.config/fish/completions/fifteen.fish
    """
    from click.shell_completion import get_completion_class

    from fifteen.cli.app import fifteen

    found = get_completion_class(shell)
    assert found is not None  # the three shells above are click's own
    print(found(fifteen, {}, "fifteen", "_FIFTEEN_COMPLETE").source())
