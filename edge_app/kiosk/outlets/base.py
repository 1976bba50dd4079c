"""What every outlet shares."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from edge_app.core.config import Table
from edge_app.core.mailbox import Mailbox
from edge_app.kiosk.view import View
from edge_app.storage.events import Visit


class Outlet(Protocol):
    """Passes on what the kiosk tells it."""

    def tell(self, visits: Sequence[Visit]) -> Sequence[Visit]:
        """Pass on visits that are over, and return those that arrived.

        The others are given to it again, also after a restart: what arrived without its being known
        may come twice, and its ``key`` tells. Called in the thread that writes the visits, which
        waits for it.
        """
        ...


class OutletSettings(Table):
    """One outlet's table of the settings file."""

    enabled: bool = False

    @abstractmethod
    def open(self, views: Mailbox[View]) -> AbstractContextManager[Outlet]:
        """The outlet, which works from ``with`` to the end of it. views: what the kiosk shows.

        Raises ConfigError where it cannot work with these settings.
        """
