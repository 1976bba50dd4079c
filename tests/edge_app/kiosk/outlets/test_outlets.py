from edge_app.kiosk.outlets import OutletSettings, OutletTables
from edge_app.kiosk.settings import Settings, parse_settings


def test_only_outlets_that_are_switched_on_are_opened() -> None:
    assert Settings().enabled_outlets() == {}
    settings = parse_settings('[mqtt]\nenabled = true\nhost = "broker"')
    assert settings.enabled_outlets() == {"mqtt": settings.mqtt}


def test_each_row_of_the_table_is_an_outlet_that_is_off_until_it_is_asked_for() -> None:
    for name in OutletTables.model_fields:
        row = getattr(Settings(), name)
        assert isinstance(row, OutletSettings) and not row.enabled
