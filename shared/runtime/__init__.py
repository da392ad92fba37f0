"""Clock, settings, lifecycle, logging and telemetry of every process."""
