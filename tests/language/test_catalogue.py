"""Every catalogue holds every message of the program, complete and with the same places."""

from string import Formatter

import pytest

import catalogue
from trialkit.language.speech import ENGLISH, languages

OTHERS = [language for language in languages() if language != ENGLISH]
each_language = pytest.mark.parametrize("language", OTHERS)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_messages_are_found_in_modules_and_templates():
    said = catalogue.said()

    assert (None, "Cannot tell") in said
    assert (None, ("{n} person", "{n} people")) in said
    assert len(said) > 500


@each_language
def test_the_catalogue_is_that_of_the_program(language: str):
    stored = catalogue.CATALOGUES / f"{language}.po"

    assert stored.read_bytes() == catalogue.written(catalogue.updated(language), language)


@each_language
def test_every_message_is_translated(language: str):
    waiting = [
        message.id
        for message in catalogue.read_catalogue(language)
        if message.id and not all(catalogue.strings(message))
    ]

    assert waiting == []


@each_language
def test_a_translation_has_the_places_of_its_message(language: str):
    different = []
    for message in catalogue.read_catalogue(language):
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        known = set().union(*map(places, texts))
        for string in catalogue.strings(message):
            if message.id and places(string) - known:
                different.append((message.id, string))
            # A plural may leave out its count, nothing else.
            if message.id and known - places(string) - {"n"}:
                different.append((message.id, string))

    assert different == []
