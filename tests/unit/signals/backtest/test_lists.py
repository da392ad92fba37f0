import numpy as np

from services.signals.backtest.frame import Frame
from services.signals.backtest.lists import named, warning_months
from services.signals.training.rows import Rows


def month_of(accounts, month=0, *, active, risk, obvious_in):
    """Return rows, frame and risks of one month start, day 1000 + 30 x month."""
    n, day = len(accounts), 1000 + 30 * month
    none = np.zeros(n, dtype=bool)
    rows = Rows(
        values=np.zeros((n, 1)),
        lost=np.zeros((n, 12), dtype=bool),
        known=np.zeros((n, 12), dtype=bool),
        eroded=none,
        eroded_known=none,
        quiet=none,
        strength=np.zeros((n, 16)),
        month=np.full(n, month),
        account=np.array(accounts),
        active=np.array(active, dtype=bool),
        recency=np.zeros(n),
    )
    frame = Frame(
        day=np.full(n, day),
        last=np.full(n, day - 40),
        obvious=day + np.array(obvious_in, dtype=float),
        gone=none,
        amount=np.ones(n),
    )
    return rows, frame, np.array(risk, dtype=float)


def joined(*months):
    """Return several months as one."""
    rows, frames, risks = zip(*months, strict=True)
    return (
        Rows(*(np.concatenate([getattr(r, f) for r in rows]) for f in Rows.__dataclass_fields__)),
        Frame(*(np.concatenate([getattr(f, n) for f in frames]) for n in Frame.__slots__)),
        np.concatenate(risks),
    )


def names(rows, alert, month):
    return rows.account[(rows.month == month) & alert].tolist()


def test_the_last_chance_comes_first_then_the_active_then_other_silent_ones():
    rows, frame, risk = month_of(
        range(5), active=[0, 0, 1, 1, 0], risk=[0.9, 0.2, 0.3, 0.1, 0.8],
        obvious_in=[200, 10, 300, 300, -50],
    )  # fmt: skip
    assert names(rows, named(rows, frame, risk, 0.2), 0) == [1]
    assert names(rows, named(rows, frame, risk, 0.4), 0) == [1, 2]
    assert names(rows, named(rows, frame, risk, 0.6), 0) == [1, 2, 3]
    assert names(rows, named(rows, frame, risk, 0.8), 0) == [0, 1, 2, 3]


def test_whose_silence_is_long_obvious_is_never_named():
    rows, frame, risk = month_of(range(2), active=[0, 0], risk=[0.9, 0.8], obvious_in=[-50, -50])
    assert not named(rows, frame, risk, 1.0).any()


def test_a_fifth_of_the_budget_is_kept_for_the_active():
    silent = [0] * 10 + [1] * 10
    rows, frame, risk = month_of(
        range(20), active=silent, risk=np.linspace(0.9, 0.1, 20), obvious_in=[5] * 10 + [99] * 10
    )
    chosen = names(rows, named(rows, frame, risk, 0.5), 0)
    assert chosen == [*range(8), 10, 11]


def test_a_warning_holds_while_the_account_is_silent_and_one_month_start_after():
    first = month_of([0, 1], 0, active=[1, 1], risk=[0.9, 0.1], obvious_in=[80, 80])
    second = month_of([0, 1], 1, active=[0, 1], risk=[0.4, 0.8], obvious_in=[50, 80])
    third = month_of([0, 1], 2, active=[0, 1], risk=[0.9, 0.8], obvious_in=[20, 80])
    fourth = month_of([0, 1], 3, active=[0, 1], risk=[0.9, 0.8], obvious_in=[-10, 80])
    fifth = month_of([0, 1], 4, active=[0, 1], risk=[0.9, 0.8], obvious_in=[-40, 80])
    rows, frame, risk = joined(first, second, third, fourth, fifth)
    alert = named(rows, frame, risk, 0.5)
    assert [names(rows, alert, month) for month in range(5)] == [[0], [0], [0], [0], [1]]


def test_the_early_warning_is_the_first_month_that_reaches_the_lists_threshold():
    rows, frame, risk = month_of(range(4), active=[1] * 4, risk=[0.4, 0.3, 0.2, 0.1],
                                 obvious_in=[99] * 4)  # fmt: skip
    curve = np.minimum(risk[:, None] + np.arange(12) * 0.05, 0.99)
    assert warning_months(rows, frame, curve, 0.0).tolist() == [1, 3, 5, 7]
    gone = Frame(frame.day, frame.last, frame.obvious, np.ones(4, dtype=bool), frame.amount)
    assert warning_months(rows, gone, curve, 0.0).tolist() == [0, 0, 0, 0]
