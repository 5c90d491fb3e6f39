"""Runs that are stopped half-way."""


def stop_at(patch, stage, *, call=2):
    """Let a stage's process be interrupted at its so-manieth call, once.

    Args:
        patch: A monkeypatch, in whose context the run is stopped.
        stage: The class.
        call: Counted from one.
    """
    calls = []
    real = stage.process

    def stopped(self, task):
        calls.append(task)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(self, task)

    patch.setattr(stage, "process", stopped)
