from edge_app.core.confusion import confusion


def test_a_row_is_what_is_and_a_column_what_it_was_taken_for() -> None:
    found = [("Ana", "Ana"), ("Ana", None), ("Eva", "Ana"), ("Eva", None), ("Ana", "Ana")]

    assert confusion(found, ["Ana", "Eva"], ["Ana", None]).tolist() == [[2, 1], [1, 1]]


def test_what_has_no_row_or_column_is_not_counted() -> None:
    assert confusion([(0, 0), (0, 3), (3, 0)], [0, 1], [0, 1]).tolist() == [[1, 0], [0, 0]]


def test_nothing_at_all_is_an_empty_matrix() -> None:
    assert confusion([], [], ["Ana", None]).shape == (0, 2)
