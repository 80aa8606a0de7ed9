"""The table of irregular forms: each form has one base, and no base is a form."""

import pytest

from remanence.text.irregular import BASE_FORMS
from remanence.text.words import terms


@pytest.mark.parametrize(
    ("form", "base"),
    [("won", "win"), ("went", "go"), ("undergone", "undergo"), ("wives", "wife"), ("bent", "bend")],
)
def test_a_form_has_its_base(form, base):
    assert BASE_FORMS[form] == base


def test_no_base_is_a_form_of_another_word():
    assert not {
        base for base in BASE_FORMS.values() if base in BASE_FORMS and BASE_FORMS[base] != base
    }


@pytest.mark.parametrize(("form", "base"), sorted(BASE_FORMS.items()))
def test_form_and_base_are_one_term(form, base):
    assert terms(form) == terms(base)
