"""Why something was decided: a code and its facts, worded by the pages in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """A decision's reason.

    `code` is a stable word such as "open_deal"; `params` holds what its sentence names (texts,
    numbers, dates); `sources` names the rows it rests on, as (model label, primary key), so that
    it can be hidden from whoever may not see one of them.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[tuple[str, int], ...] = ()
