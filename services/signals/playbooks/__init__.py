"""Alerts to playbook runs; pure."""
