"""Work beside the scores: drift, realised warnings, champion and challenger. Off the hot path."""
