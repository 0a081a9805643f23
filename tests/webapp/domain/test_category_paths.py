import pytest

from webapp.domain.category_paths import MAX_LEVELS, node_at, nodes_of, parse_path


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ('["A >> B >> C"]', ("A", "B", "C")),
        ("A > B", ("A", "B")),
        ("A/B/C", ("A", "B", "C")),
        ("TV/Audio > Cables", ("TV/Audio", "Cables")),
        ("Home/TV\\/Audio", ("Home", "TV/Audio")),
        (["A", "B"], ("A", "B")),
        (["A >> B", "C >> D"], ("A", "B")),
        ('["cut off >> in the li', ("cut off", "in the li")),
        ("  A  >>  >> B  b ", ("A", "B b")),
        ("", ()),
        (None, ()),
        ("[]", ()),
        (12, ("12",)),
    ],
)
def test_path_is_read_however_the_seller_writes_it(written, names):
    assert parse_path(written) == names


def test_path_that_ends_above_the_level_has_no_node_there():
    assert node_at(("A", "B"), 2) == "A > B"
    assert node_at(("A",), 2) is None


def test_tree_has_a_bottom():
    assert len(nodes_of(tuple("abcdefghijklmnop"))) == MAX_LEVELS
