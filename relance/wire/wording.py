"""How servers word their refusals, where codes do not tell enough.

Drawn from what large providers answer; each pattern is matched against one bounded reply.
"""

from __future__ import annotations

import re

APP_PASSWORD = re.compile(
    r"app(lication)?[ -](specific )?password|app(lication)?-specific", re.IGNORECASE
)
OAUTH = re.compile(
    r"basic ?auth(entication)?[ -]?(is |has been )?(blocked|disabled)|BasicAuth|"
    r"\boauth2? (is )?required|must use oauth|5\.7\.139",
    re.IGNORECASE,
)
THROTTLED = re.compile(
    r"too many|throttl|rate.?limit|max(imum)? (number of )?connections|try again later|"
    r"temporar|bandwidth limit|lockdown",
    re.IGNORECASE,
)
QUOTA = re.compile(
    r"over ?quota|quota exceeded|exceeded.{0,20}quota|(mailbox|inbox|storage) (is )?full",
    re.IGNORECASE,
)
