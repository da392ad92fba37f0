"""Everything beside the bookings that is known of a set of accounts, as evidence of any day."""

from __future__ import annotations

import numpy as np

from services.signals.features.complaints import Complaint, ComplaintBook
from services.signals.features.contacts import Contact, ContactBook
from services.signals.features.facts import Facts
from services.signals.features.history import FloatArray
from services.signals.features.masters import ON_TIME, Master, MasterBook
from services.signals.features.operations import OperationRows
from services.signals.scoring.complaint_evidence import complaint_entries
from services.signals.scoring.evidence import Entry
from services.signals.scoring.people_evidence import people_entries
from services.signals.scoring.service_evidence import coverage_entry, service_entries


class EvidenceBook:
    """Complaints, contacts, master data and service records of the accounts of `facts`."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        self._operations = OperationRows(facts)
        self._complaints, self._contacts = ComplaintBook(facts), ContactBook(facts)
        self._masters = MasterBook(facts)
        self.told = {*self._complaints.accounts, *self._contacts.accounts, *self._masters.accounts}

    def tickets(self, index: int, day: int) -> tuple[Complaint, ...]:
        """Return the account's complaints as of `day`."""
        return self._complaints.as_of(index, day)

    def contacts(self, index: int, day: int) -> tuple[Contact, ...]:
        """Return the account's contacts as of `day`."""
        return self._contacts.as_of(index, day)

    def master(self, index: int, day: int) -> Master:
        """Return what is agreed with the account as of `day`."""
        return self._masters.as_of(index, day)

    def as_of(self, day: int, coverage: FloatArray | None = None) -> dict[int, list[Entry]]:
        """Return the evidence per account that has some, under the prior weights, uncapped.

        `coverage` (n,) adds what the silent inputs say; without it they are left out.
        """
        on_time = np.full(self._n, ON_TIME)
        for index in self._masters.accounts:
            on_time[index] = self.master(index, day).on_time
        found = service_entries(self._operations.as_of(day), on_time, day)
        for index in self.told:
            entries = self._told_entries(index, day)
            if entries:
                found[index] = entries + found.get(index, [])
        if coverage is not None:
            for index in np.flatnonzero(coverage < 1.0).tolist():
                found[index] = [*found.get(index, []), coverage_entry(float(coverage[index]))]
        return dict(found)

    def _told_entries(self, index: int, day: int) -> list[Entry]:
        master = self.master(index, day)
        tickets, contacts = self.tickets(index, day), self.contacts(index, day)
        entries = complaint_entries(tickets, day, master.closure_hours) if tickets else []
        if contacts or master.kam_changed is not None:
            entries += people_entries(contacts, master, day)
        return entries
