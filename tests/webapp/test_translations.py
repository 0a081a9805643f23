import io

import pytest
from babel.messages.mofile import read_mo, write_mo

from webapp.translations import collect


@pytest.mark.parametrize("language", collect.LANGUAGES)
def test_every_sentence_is_translated(language):
    assert collect.untranslated(language) == []


@pytest.mark.parametrize("language", collect.LANGUAGES)
def test_translations_keep_the_values_of_a_sentence(language):
    for message in collect.read_catalogue(language):
        if message.id and message.python_format:
            assert message.check() == []


@pytest.mark.parametrize("language", collect.LANGUAGES)
def test_the_compiled_file_is_the_newest(language):
    catalogue = collect.read_catalogue(language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    kept = collect.FOLDER / language / "LC_MESSAGES" / "messages.mo"
    with kept.open("rb") as file:
        found = read_mo(file)

    expected = read_mo(io.BytesIO(compiled.getvalue()))
    assert _sentences(found) == _sentences(expected)


def test_pages_speak_the_language_of_the_browser(app):
    answer = app.test_client().get("/login", headers={"Accept-Language": "fr-CH, fr;q=0.9"})

    assert 'lang="fr"' in answer.text
    assert "Aucun compte" in answer.text


def test_a_chosen_language_stays(app):
    client = app.test_client()

    client.post("/language", data={"language": "fr", "next": "/login"})

    assert 'lang="fr"' in client.get("/login").text


def _sentences(catalogue):
    return {str(message.id): message.string for message in catalogue if message.id}
