"""A Prefect server that is away is told of alerts when it is back."""

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from eventlog.errors import RetryError
from flows.scheduler.told import Scheduler


def test_a_watch_may_tell_a_server_that_is_away_later():
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        scheduler = Scheduler(process="watched", lake="lake")
    message = {"key": "k", "state": "firing", "alert_id": "a", "severity": "info", "measure": "lag"}
    subject = {"activity": None, "attribute": None, "group": None}
    with pytest.raises(RetryError, match=r"Prefect server \(PREFECT_API_URL\) does not answer"):
        scheduler.send([{**message, "subject": subject}])
    scheduler.close()
