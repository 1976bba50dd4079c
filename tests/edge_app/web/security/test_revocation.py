from edge_app.web.security.revocation import RevokedSessions


def test_sessions_are_known_until_they_would_have_ended_by_themselves() -> None:
    now = 100.0
    ended = RevokedSessions(lambda: now)
    ended.add("a", 200.0)
    ended.add("b", 300.0)
    assert "a" in ended and "b" in ended and "c" not in ended
    now = 250.0
    ended.add("c", 400.0)
    assert "a" not in ended and "b" in ended and "c" in ended
