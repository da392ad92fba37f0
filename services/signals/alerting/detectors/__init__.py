"""One detector per type of alert; `services.signals.alerting.detect` asks them all."""
