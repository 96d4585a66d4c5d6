"""What a person sees of a run that takes long."""

from __future__ import annotations

from converter.progress import begun


def test_the_bar_tells_the_number_the_rate_and_the_time_that_is_left() -> None:
    bar, task = begun(1000)
    try:
        bar.update(task, completed=250, records=1234, rate=56.78)
        [row] = [row for row in bar.tasks if row.id == task]
        texts = [str(column.render(row)) for column in bar.columns if not hasattr(column, "bar_width")]
    finally:
        bar.stop()
    assert texts[0] == "1,234 records, 56.8/s"
    assert [type(column).__name__ for column in bar.columns] == ["TextColumn", "BarColumn", "TimeElapsedColumn", "TextColumn", "TimeRemainingColumn"]
    assert texts[2] == "left"
