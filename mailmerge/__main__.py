"""``python -m mailmerge``: the same as ``pix-mailmerge``."""

from mailmerge.cli import main

if __name__ == "__main__":
    main()
