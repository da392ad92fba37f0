"""The library of playbooks of the settings."""

from __future__ import annotations

from services.signals.playbooks.library import Library, LibraryError, load_library
from shared.runtime.settings import PREFIX, Settings, SettingsError


def library_of(settings: Settings) -> Library:
    """Return the shipped playbooks and those of `LEADLINE_PLAYBOOKS`.

    Raises `SettingsError` naming the folder, the file and the field.
    """
    try:
        return load_library(settings.playbooks)
    except LibraryError as error:
        raise SettingsError(f"{PREFIX}PLAYBOOKS={str(settings.playbooks)!r}: {error}") from error
