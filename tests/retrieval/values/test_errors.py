"""Errors: one line for the user, and what is wrong and what mends it for the program."""

import pickle

import pytest

from retrieval.values.errors import CatalogError, FilterError, RetrievalError, counted, like_it


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (CatalogError("a.png is not there", "Check the path."), "a.png is not there. Check the path."),
        (FilterError("Filter column 'x' is unknown: expected y."), "Filter column 'x' is unknown: expected y."),
    ],
)
def test_an_error_is_one_line_and_keeps_its_parts_on_the_way_to_another_process(
    error: RetrievalError, line: str
) -> None:
    assert str(error) == line
    sent = pickle.loads(pickle.dumps(error))
    assert type(sent) is type(error) and (sent.what, sent.remedy, str(sent)) == (error.what, error.remedy, line)


def test_what_there_is_one_of_is_told_as_one() -> None:
    assert [counted(count, "item") for count in (0, 1, 2000)] == ["0 items", "1 item", "2,000 items"]
    assert [like_it(count) for count in (1, 2000)] == ["", " (2,000 like it)"]
