"""``python3 -m installer``: looks at the Python that started it before anything newer is imported."""

import sys

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(
        "Satchel needs Python %d.%d or newer; this is %s. Nothing was changed.\n"  # noqa: UP031 - old Pythons read this
        "Start again with a newer one, for example: python3.11 -m installer setup"
        % (*OLDEST, sys.version.split()[0])
    )

from installer.cli import main  # noqa: E402 - only once the Python is known to be new enough

sys.exit(main())
