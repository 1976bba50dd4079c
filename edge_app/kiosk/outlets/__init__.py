"""Programs elsewhere that are told what the kiosk sees. ``OutletTables`` has a row for each.

An outlet is a module with its own settings class (``base.OutletSettings``), a row here, and its
keys in ``deploy/config.example.toml``; nothing else knows it by name.
"""

from edge_app.core.config import Table
from edge_app.kiosk.outlets.base import Outlet, OutletSettings
from edge_app.kiosk.outlets.mqtt import MqttSettings

__all__ = ["Outlet", "OutletSettings", "OutletTables"]


class OutletTables(Table):
    """Each row is a table of the settings file.

    Its name is also that under which the database remembers what the outlet was told, so it stays.
    """

    mqtt: MqttSettings = MqttSettings()

    def enabled_outlets(self) -> dict[str, OutletSettings]:
        """Those that are switched on, by their names."""
        rows: dict[str, OutletSettings] = {
            name: getattr(self, name) for name in OutletTables.model_fields
        }
        return {name: settings for name, settings in rows.items() if settings.enabled}
