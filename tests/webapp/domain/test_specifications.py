import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.specifications import is_cut_off, parse_specifications


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        (
            '{"product_specification"=>[{"key"=>"Brand", "value"=>"X"}, {"value"=>"no key"}]}',
            (("Brand", "X"), ("", "no key")),
        ),
        ('{"product_specification"=>{"key"=>"Size", "value"=>"M"}}', (("Size", "M"),)),
        ('{"product_specification"=>[{"key"=>"A", "value"=>nil}]}', ()),
        ('{"product_specification"=>nil}', ()),
        ("nil", ()),
        ('{"Size": "M", "Tags": ["a", "b"]}', (("Size", "M"), ("Tags", "a, b"))),
        ('[{"key": "Size", "value": 4}]', (("Size", "4"),)),
        ({"Size": {"cm": 4}}, (("cm", "4"),)),
        ({"Size": "M", "Box": {"cm": 4}}, (("Size", "M"), ("Box", "cm: 4"))),
        ("Colour: blue; Time: 12:30", (("Colour", "blue"), ("Time", "12:30"))),
        ('{"say"=>"a \\"word\\""}', (("say", 'a "word"'),)),
        (None, ()),
        ("", ()),
    ],
)
def test_specifications_are_read_however_the_seller_writes_them(written, pairs):
    assert parse_specifications(written) == pairs


def test_what_cannot_be_understood_stays_as_text():
    assert parse_specifications('{"key"=>"Type", "val') == (("", '{"key"=>"Type", "val'),)


@pytest.mark.parametrize("deep", ["[" * 5000, '{"a"=>' * 5000, "[" * 5000 + "]" * 5000])
def test_what_is_nested_by_the_thousand_does_no_harm(deep):
    assert len(parse_specifications(deep)) <= 1


def test_hash_that_does_not_end_is_cut_off_and_plain_text_never_is():
    assert is_cut_off('{"key"=>"Type", "val')
    assert not is_cut_off('{"key"=>"Type"}')
    assert not is_cut_off("Colour: blue")


@given(st.one_of(st.text(), st.text(alphabet='[]{}=>":,\\a nil')))
def test_no_text_breaks_the_reader(text):
    assert all(isinstance(part, str) for pair in parse_specifications(text) for part in pair)
