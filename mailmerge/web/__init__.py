"""The page in the browser: the same pipeline as the commands, for people who don't type them."""
