"""`careline …`: finds the command asked for, and says what is wrong in one line when something is."""

import sys
from importlib import import_module

import click

from ivr.config import SettingsError

COMMANDS = (
    "call",
    "checkins",
    "db",
    "demo",
    "export",
    "prompts",
    "roster",
    "serve",
    "speech",
    "understand",
    "users",
    "worker",
)


class LazyGroup(click.Group):
    """Imports a command's module only when it is used, so that `careline understand` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"ivr.commands.{cmd_name}").command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rainbow-bridge-careline")
def careline() -> None:
    """The Rainbow Bridge care line (彩虹桥关爱热线)."""


def main() -> None:
    try:
        careline.main(prog_name="careline")
    except SettingsError as error:
        click.echo(f"careline: the settings are not right: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
