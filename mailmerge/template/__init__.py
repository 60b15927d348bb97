"""What the headteacher edits: opening, Word fields, checking, rendering a class."""
