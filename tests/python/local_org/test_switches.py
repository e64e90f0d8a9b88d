"""Switches: set by who runs the org, kept, refused where they make no sense."""

from tests.python.local_org.client import Server


def test_switches_are_kept_across_a_restart(server: Server) -> None:
    org = server.start()
    rule = {"object": "Contact", "name": "No_Z", "when": "LastName LIKE 'Z%'", "message": "No Z."}
    org.switch(set_audit_fields=True, validation_rules=[rule])
    org.session.close()
    server.end()
    org = server.start()
    kept = org.get("/local-org/switches")
    assert kept["set_audit_fields"] is True
    assert kept["duplicate_rules"] == "off"
    assert kept["validation_rules"] == [{**rule, "field": None}]
    org.session.close()


def test_what_is_no_switch_is_refused(server: Server) -> None:
    org = server.start()
    for wrong, says in (
        ({"nothing": 1}, "no switch is named 'nothing'"),
        ({"set_audit_fields": "yes"}, "set_audit_fields takes a bool"),
        ({"duplicate_rules": "maybe"}, "duplicate_rules is one of off, allow, block"),
        ({"validation_rules": [{"object": "Contact"}]}, "validation_rules is a list"),
    ):
        answer = org.call("PATCH", "/local-org/switches", json=wrong)
        assert answer.status_code == 400
        assert says in answer.json()[0]["message"]
    stranger = org.session.get(f"{org.url}/local-org/switches", timeout=10)
    assert stranger.status_code == 401
    org.session.close()
