import pytest

from ml.stages import Stages


def test_every_stage_begins_reports_and_ends():
    told = []
    stages = Stages(lambda *report: told.append(report))

    with stages.stage("text") as on_progress:
        on_progress(3, 10)
    with stages.stage("save"):
        pass

    assert told == [
        *[("text", 0, 1), ("text", 3, 10), ("text", 1, 1)],
        *[("save", 0, 1), ("save", 1, 1)],
    ]
    assert list(stages.seconds) == ["text", "save"]
    assert min(stages.seconds.values()) >= 0


def test_what_the_caller_raises_ends_the_stage_unclocked():
    def cancel(stage, done, total):
        if done:
            raise InterruptedError

    stages = Stages(cancel)

    with pytest.raises(InterruptedError), stages.stage("text") as on_progress:
        on_progress(1, 10)

    assert stages.seconds == {}
