"""Facts to scores, alerts and playbook triggers."""
