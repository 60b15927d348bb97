"""The gallery's templates as code: ``build.py`` writes the .docx, which are what ships."""
