"""The memory of a process, as the kernel counts it."""

from pathlib import Path


def resident_mb(pid):
    """Return what is resident now."""
    return _status(pid, "VmRSS")


def peak_mb(pid):
    """Return the most that was ever resident."""
    return _status(pid, "VmHWM")


def _status(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))
