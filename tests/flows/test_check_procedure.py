"""`runut check` on a procedure: what is drawn, what nobody ever did, and what cannot be used."""

import json

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
EVENTS = """case_id,activity,timestamp
P,Submit,2026-01-05T09:00:00+07:00
P,Check,2026-01-06T09:00:00+07:00
"""


def drawn(here, *steps, gateway="exclusiveGateway"):
    """A process file in a folder of its own, beside it a drawing that does one of the steps."""
    folder = here / "office"
    folder.mkdir(exist_ok=True)
    tasks = "".join(f'<task id="t{i}" name="{name}"/>' for i, name in enumerate(steps))
    flows = '<sequenceFlow id="in" sourceRef="s" targetRef="x"/>'
    flows += '<sequenceFlow id="out" sourceRef="y" targetRef="e"/>'
    for i in range(len(steps)):
        flows += f'<sequenceFlow id="a{i}" sourceRef="x" targetRef="t{i}"/>'
        flows += f'<sequenceFlow id="b{i}" sourceRef="t{i}" targetRef="y"/>'
    (folder / "permit.bpmn").write_text(
        f'<definitions xmlns="{MODEL}"><process id="p"><startEvent id="s"/><endEvent id="e"/>'
        f'<exclusiveGateway id="x"/><{gateway} id="y"/>{tasks}{flows}</process></definitions>'
    )
    path = folder / "permit.yaml"
    path.write_text("process: permit\nprocedure: {bpmn: permit.bpmn}\n")
    events = here / "events.csv"
    events.write_text(EVENTS)
    return path, events


def test_a_check_tells_what_is_drawn_and_what_of_it_no_event_has(runut, here):
    path, events = drawn(here, "Submit", "Sign&#10;off", "Submit")
    said = " ".join(runut("check", "--process", path, events).out.split())
    assert "The drawing has 2 different steps; none is on every way." in said
    assert 'In the drawing 2 tasks are named "Submit"; what is done counts for whichever' in said
    assert "procedure.bpmn draws Sign off, which no event has." in said
    fields = json.loads(runut("check", "--process", path, events, "--json").out)
    assert fields["drawn"]["activities"] == ["Sign off", "Submit"]
    assert fields["file"]["never_seen"] == ["procedure.bpmn draws Sign off, which no event has."]


def test_what_only_rules_name_is_told_as_well(runut, here):
    _, events = drawn(here, "Submit")
    path = here / "rules.yaml"
    path.write_text("process: permit\nprocedure: {mandatory: [Check, Sign], once: [Sign]}\n")
    said = runut("check", "--process", path, events).out
    assert "procedure.mandatory names Sign, which no event has." in said
    assert "procedure.once names Sign, which no event has." in said


def test_a_drawing_that_cannot_be_used_stops_every_command_before_it_begins(runut, here):
    path, events = drawn(here, "Submit", "Sign", gateway="parallelGateway")
    for command in (["check"], ["import", events, "--lake", here / "lake"]):
        ran = runut(*command, "--process", path)
        place = (
            'permit.yaml: procedure.bpmn is "permit.bpmn"; permit.bpmn: the procedure gets stuck'
        )
        why = 'after "Sign": the parallel gateway y waits for a branch that was not taken'
        assert ran.failed_clearly(f"{place} {why}") == 2
    assert not (here / "lake").exists()
    (path.parent / "permit.bpmn").unlink()
    ran = runut("check", "--process", path)
    assert ran.failed_clearly("permit.bpmn: there is no such BPMN file") == 2
