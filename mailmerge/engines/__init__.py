"""docx → pdf: one module per engine, one for running programs."""
