"""`gimonitor`: the table of commands, each imported only when it is called, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import importlib
import logging
import os
import signal
import sys
import threading

import click

from gimonitor import __version__
from gimonitor.errors import DiskFullError, GimonitorError, PartialError
from gimonitor.logs import Trouble, keep_trouble, keep_troubles

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module whose `app` is the click command, help in one line)
    "demo": ("gimonitor.cli.demo", "Walk the whole way once on the practice marketplace."),
    "practice": ("gimonitor.cli.practice", "Serve the practice marketplace on loopback."),
    "run": ("gimonitor.cli.run", "Collect now: the nightly run, or one source."),
    "schedule": ("gimonitor.cli.schedule", "Run every night, until stopped."),
    "worker": ("gimonitor.cli.worker", "Crawl slices of nights that several machines share."),
    "share": ("gimonitor.cli.share", "Sealed files of several machines in one place."),
    "coverage": ("gimonitor.cli.coverage", "What each query of a run asked, got, was cut off or refused."),
    "tasks": ("gimonitor.cli.tasks", "Pages that have to be captured by hand."),
    "parse": ("gimonitor.cli.parse", "Print what a saved page gives, as JSON."),
    "import": ("gimonitor.cli.imports", "Import listings from a table, and pages saved by hand."),
    "listings": ("gimonitor.cli.listings", "Add a single link that somebody reported."),
    "reparse": ("gimonitor.cli.reparse", "Read archived responses again after a parser was mended."),
    "sources": ("gimonitor.cli.sources", "What is kept of each source, for how long and why."),
    "rules": ("gimonitor.cli.rules", "Check rule files."),
    "register": ("gimonitor.cli.register", "Show what is protected and who may use it."),
    "screen": ("gimonitor.cli.screen", "Screen JSON Lines, without a database."),
    "models": ("gimonitor.cli.models", "Try detection models on titles and on stored listings."),
    "rescreen": ("gimonitor.cli.rescreen", "Screen stored listings again after a change of the register or of models."),
    "dropped": ("gimonitor.cli.dropped", "Sample what screening dropped, and say how much was missed."),
    "signs": ("gimonitor.cli.signs", "Find the special mark in pictures; install official files; work the queue."),
    "leads": ("gimonitor.cli.leads", "List and show leads."),
    "bundles": ("gimonitor.cli.bundles", "Exchange leads, results and models with other bureaus as signed files."),
    "evidence": ("gimonitor.cli.evidence", "Capture pages, build and verify evidence packs."),
    "user": ("gimonitor.cli.user", "Add officers and change their roles."),
    "serve": ("gimonitor.cli.serve", "Open the officers' application."),
    "digest": ("gimonitor.cli.digest", "The morning digest: last night, its gaps, the queue; printed or sent."),
    "settings": ("gimonitor.cli.settings", "The settings in force and where they stand; the reference of all."),
    "secrets": ("gimonitor.cli.secrets", "Keep API keys, passwords and robots' addresses encrypted."),
    "metrics": ("gimonitor.cli.metrics", "Figures for Prometheus: last run, coverage, leads, disk."),
    "doctor": ("gimonitor.cli.doctor", "Is everything there, and what will break next."),
    "prune": ("gimonitor.cli.prune", "Remove old raw archives, captures and logs that no lead needs."),
    "erase": ("gimonitor.cli.erase", "Erase a seller or an officer's account on request."),
    "store": ("gimonitor.cli.store", "Create, upgrade and check the database."),
}

EPILOG = (
    "Exit codes: 0 done (leads found is still 0); 1 unexpected error; 2 bad rules, setting or input; 4 blocked; "
    "5 partial, or stopped by Ctrl-C or SIGTERM; 6 store unreachable or outdated; 7 evidence failed or tampered; 8 disk; 9 not permitted; "
    "141 the reader of the output has gone (| head)."
)


_STOPPED = "`{command}` was stopped before its end; {kept}, and the same command {goes_on}"
_STORING_NOTHING = frozenset({"screen", "models test", "rules check"})
_WORDS = "gimonitor.words"  # of the command line, from the command's name on
_READER_GONE = 128 + signal.SIGPIPE  # as a shell tells it of a program that the signal ends


def _forget_output() -> None:
    """Let nothing of what could not be written be tried again at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).app
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.meta[_WORDS] = [*args]
        return super().resolve_command(ctx, args)

    def _stopped(self, ctx: click.Context) -> str:
        """What is said of a command that was stopped."""
        words: list[str] = ctx.meta.get(_WORDS) or ["gimonitor"]
        group = self.get_command(ctx, words[0])
        is_two = isinstance(group, click.Group) and words[1:] and words[1] in group.commands
        command = " ".join(words[:2]) if is_two else words[0]
        if command in _STORING_NOTHING:
            return _STOPPED.format(command=command, kept="it stores nothing", goes_on="begins again")
        return _STOPPED.format(command=command, kept="what it had stored is kept", goes_on="goes on, or begins again")

    def invoke(self, ctx: click.Context) -> object:
        """Run a command to the end of its output. Raises PartialError where Ctrl-C or SIGTERM stopped it, DiskFullError where
        its output found no room."""
        try:
            done: object = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise PartialError(self._stopped(ctx)) from None
        except BrokenPipeError:
            _forget_output()
            sys.exit(_READER_GONE)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            _forget_output()
            raise DiskFullError(
                f"{error.filename or 'the output'}: {error.strerror}; what was written is cut off"
            ) from error
        return done

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=_LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="gimonitor")
def main() -> None:
    """Watch marketplaces for suspected misuse of protected geographical indications (地理标志)."""


def run() -> None:
    """Entry point. Every error that the project raises on purpose is printed in one piece and ends with its exit code."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing is left half done
    keep_troubles()
    try:
        main()
    except GimonitorError as error:
        if isinstance(error, DiskFullError):
            keep_trouble(Trouble.FULL, str(error))
        click.echo(f"gimonitor: {said_in_english(str(error))}", err=True)
        sys.exit(error.exit_code)
    except Exception:  # the edge of the program: log with traceback, end with 1
        logging.getLogger("gimonitor").exception("unexpected error")
        sys.exit(1)


def said_in_english(message: str) -> str:
    """What the screens say in Chinese, in the words of the English ones; anything else as it is."""
    if message.isascii():
        return message
    from gimonitor.web.english import in_english

    return "\n".join(map(in_english, message.split("\n")))


if __name__ == "__main__":
    run()
