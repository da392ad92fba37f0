"""The `leadline` command with all that any command imports, for a nursery to fork."""

import services.api.__main__
import services.cli.commands.backtest
import services.cli.commands.demo
import services.cli.commands.doctor
import services.cli.commands.score
import services.cli.commands.train
import services.cli.commands.up
import services.ingest.__main__
import services.ingest.adopt
import services.signals.__main__  # noqa: F401
from services.cli.__main__ import main

if __name__ == "__main__":
    main()
