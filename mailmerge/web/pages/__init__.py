"""The pages: one module for each, functions from a request to an answer."""
