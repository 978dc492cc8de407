"""``python -m deliberate.verifier PACKAGE``."""

import sys

from deliberate.verifier import main

sys.exit(main())
