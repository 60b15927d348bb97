"""The school seen from above: LSU's categories, the synthesis and its page, one pupil in full."""
