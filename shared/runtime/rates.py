"""The file of `LEADLINE_FX_RATES`, read once at the start."""

from __future__ import annotations

from shared.contracts.currencies import CODES
from shared.domain.rates import Rates, RatesError, read_rates
from shared.runtime.settings import PREFIX, Settings, SettingsError

_ALLOWED = "the path of a CSV file in UTF-8 is allowed"


def load_rates(settings: Settings) -> Rates:
    """Return the rates into the reporting currency; none without a file.

    Raises `SettingsError` when the file cannot be read or a line of it is wrong.
    """
    path = settings.fx_rates
    if path is None:
        return Rates(settings.reporting_currency)
    said = f"{PREFIX}FX_RATES={str(path)!r}"
    try:
        return read_rates(path.read_text(encoding="utf-8-sig"), settings.reporting_currency, CODES)
    except RatesError as error:
        raise SettingsError(f"{said}: {error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{said}: is no UTF-8 text; {_ALLOWED}") from error
    except FileNotFoundError as error:
        raise SettingsError(f"{said}: does not exist; {_ALLOWED}") from error
    except OSError as error:
        raise SettingsError(f"{said}: cannot be read: {error.strerror}; {_ALLOWED}") from error
