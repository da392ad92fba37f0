"""The read side, what people do, and the workspace page."""
