"""What people read of several alerts at once: one notification, the worst first."""

import pytest

from connectors.apprise import AppriseChannel, body, title, worst_first
from eventlog.errors import RetryError


def alert(key, state="firing", *, severity="warning", district=None):
    attribute = None if district is None else "district"
    return {
        "alert_id": "long queue",
        "key": key,
        "state": state,
        "severity": severity,
        "subject": {"activity": "Check", "attribute": attribute, "group": district},
        "wording": {"en": f"{key} waits.", "id": f"{key} menunggu."},
        "cases": ["a91f"] if state == "firing" else [],
        "url": "https://office.example",
    }


def test_the_worst_comes_first_and_what_is_over_last():
    told = [
        alert("a", severity="info"),
        alert("b", "resolved", severity="critical"),
        alert("c"),
        alert("d", severity="critical"),
        alert("e"),
    ]
    assert [message["key"] for message in worst_first(told)] == ["d", "c", "e", "a", "b"]


def test_what_began_and_is_over_in_the_same_notification_is_told_as_over():
    told = [alert("a"), alert("b"), alert("a", "resolved")]
    assert [(m["key"], m["state"]) for m in worst_first(told)] == [
        ("b", "firing"),
        ("a", "resolved"),
    ]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([alert("a", district="north  east\n")], "warning: long queue, district=north east (p)"),
        ([alert("a", "resolved")], "over / selesai: long queue (p)"),
        (
            [alert("a"), alert("b", severity="critical"), alert("c", "resolved")],
            "critical: 3 alerts, 1 over / selesai (p)",
        ),
        ([alert("a"), alert("b")], "warning: 2 alerts (p)"),
        ([alert("a", "resolved"), alert("b", "resolved")], "over / selesai: 2 alerts (p)"),
    ],
)
def test_the_title_says_how_many_and_how_bad(told, said):
    assert title(worst_first(told), process="p") == said


def test_the_body_lists_each_with_its_key():
    told = [alert("k/1", district="north"), alert("k/2", "resolved", district="south")]
    assert body(worst_first(told)) == (
        "1. warning: long queue, district=north\n\n"
        "k/1 waits.\nk/1 menunggu.\n\nCases / permohonan: a91f\n\nhttps://office.example\nk/1"
        "\n\n\n"
        "2. over / selesai: long queue, district=south\n\n"
        "k/2 waits.\nk/2 menunggu.\n\nhttps://office.example\nk/2"
    )


def test_what_is_too_long_for_a_service_goes_in_parts_and_nothing_is_left_out(web):
    # Mattermost takes 4,000 characters at once.
    channel = AppriseChannel(f"mmost://127.0.0.1:{web.port}/t0ken", process="p", named="chat")
    keys = [f"long queue/{number}/{'x' * 100}" for number in range(30)]
    channel.send([alert(key) for key in keys])
    texts = [post["text"] for post in web.posted]
    assert len(texts) > 1
    assert max(map(len, texts)) <= 4000
    assert all(sum(key in text for text in texts) for key in keys)
    web.usual = 500
    with pytest.raises(RetryError, match="chat did not take an alert"):
        channel.send([alert("a")])


def test_nothing_is_sent_of_nothing(web):
    AppriseChannel(f"json://127.0.0.1:{web.port}/", process="p", named="chat").send([])
    assert web.taken == []
