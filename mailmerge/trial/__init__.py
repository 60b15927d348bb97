"""Before a run: checking it all, looking at one pupil, a template to start from."""
