"""Whose words a message holds: the user's own, or what a client program wrote beside them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.text.client_markup import background_prompt, own_words
from remanence.text.client_table import BACKGROUND, WRAPPERS

WORDS = "My aunt Greta keeps bees in Bergen."


@pytest.mark.parametrize("name", [name for name, row in WRAPPERS.items() if not row.kept])
@pytest.mark.parametrize("frame", ["{note}\n\n{words}", "{words}\n\n{note}", "{note}{words}{note}"])
def test_every_note_of_a_client_is_removed_with_its_content(name, frame):
    note = f"<{name}>\nI live in Quito and use tabs.\n</{name}>"
    assert own_words(frame.format(note=note, words=WORDS)) == WORDS
    assert own_words(note) == ""


@pytest.mark.parametrize("name", [name for name, row in WRAPPERS.items() if row.kept])
def test_of_every_wrapper_of_the_users_words_the_content_is_kept(name):
    assert own_words(f"<{name}>\n{WORDS}\n</{name}>") == WORDS


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param(
            f"<task>\n{WORDS}\n</task>\n<environment_details>\n# Open tabs\n</environment_details>",
            WORDS,
            id="a task beside the state of an editor",
        ),
        pytest.param(
            f"<attached_files>\n<code_selection>x = 1</code_selection>\n</attached_files>\n{WORDS}",
            WORDS,
            id="elements within a note",
        ),
        pytest.param(
            f"<user_query>{WORDS} <system-reminder>Plan mode.</system-reminder></user_query>",
            WORDS,
            id="a note within the user's words",
        ),
        pytest.param(
            f"<editor_state_snapshot>\nline 12\n</editor_state_snapshot>\n{WORDS}",
            WORDS,
            id="a block of no row, named as clients name theirs",
        ),
        pytest.param(
            f"<latest_user_message>\n{WORDS}\n</latest_user_message>",
            WORDS,
            id="a wrapper of no row that names the user's message",
        ),
        pytest.param(
            f'<SYSTEM-REMINDER level="1">x</SYSTEM-REMINDER>{WORDS}', WORDS, id="capitals"
        ),
        pytest.param("<environment_context>\n<cwd>/srv", "", id="a note that is cut off"),
        pytest.param(f"{WORDS} [Request interrupted by user]", WORDS, id="an interruption behind"),
        pytest.param("[Request interrupted by user for tool use]", "", id="an interruption"),
        pytest.param(f"[Image #2] {WORDS}", WORDS, id="the place of a picture"),
        pytest.param(
            "This session is being continued from a previous conversation that ran out of "
            f"context. Summary: {WORDS}",
            "",
            id="a summary after compaction",
        ),
        pytest.param("# AGENTS.md instructions for /srv\n\nUse tabs.", "", id="a project's rules"),
        pytest.param("[read_file for 'a.py'] Result:\nprint(1)", "", id="the result of a tool"),
        pytest.param(
            f"# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for "
            f"Codex:\n{WORDS}",
            WORDS,
            id="a request behind the state of an IDE",
        ),
        pytest.param(
            f"{WORDS}\n--- Content from referenced files ---\nI live in Quito.\n--- End of "
            f"content ---",
            WORDS,
            id="files that a message refers to",
        ),
    ],
)
def test_what_a_client_writes_is_parted_from_what_the_user_says(text, own):
    assert own_words(text) == own


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "What is a <system-reminder> for?",
        "Why is `<environment_details>` sent twice?",
        "Look:\n```xml\n<system-reminder>\nx\n</system-reminder>\n```\nWho writes that?",
        "<b>Bold</b> words and <br/> breaks",
        "<div>\n<p>我住在昆明</p>\n</div>",
        "if a<b and c>d: pass",
        "The tag my_note stands <my_note>inline</my_note> here.",
        "Given my knowledge of Rust, which book should I read next?",
        "Based on the information in my last mail, when do we meet?",
        "Use the context menu to open it. Question: how?",
        "请根据我的口味推荐一家餐厅。",
        "",
    ],
)
def test_what_a_user_may_write_stays_as_it_is(text):
    assert own_words(text) == text


DOCUMENT = "My name is Ove and I live in Malmö."


@pytest.mark.parametrize(
    "template",
    [
        "### Task:\nRespond to the user query using the provided context.\n\n<context>\n<source "
        "id=1>"
        "{document}</source>\n</context>\n\n{question}",
        "### Task:\nRespond to the user query using the provided context.\n<context>\n{document}\n"
        "</context>\n\n<user_query>\n{question}\n</user_query>\n",
        "Use the following pieces of context to answer the question at the end.\n\n{document}\n\n"
        "Question: {question}\nHelpful Answer:",
        "Context information is below.\n---------------------\n{document}\n---------------------\n"
        "Given the context information and not prior knowledge, answer the query.\n"
        "Query: {question}\nAnswer: ",
        "You are an assistant for question-answering tasks. Use the following pieces of retrieved "
        "context to answer.\nQuestion: {question} \nContext: {document} \nAnswer:",
        "Answer the question based only on the following context:\n{document}\n\nQuestion: "
        "{question}",
        "请根据以下资料回答用户的问题。\n资料：{document}\n问题：{question}\n回答：",
    ],
)
@pytest.mark.parametrize("question", ["Who wrote this letter?", "这封信是谁写的？"])
def test_of_a_retrieval_template_the_question_is_the_users(template, question):
    assert own_words(template.format(document=DOCUMENT, question=question)) == question


HISTORY = "<chat_history>\nUSER: My aunt keeps bees.\nASSISTANT: How many?\n</chat_history>"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("title", "### Task:\nGenerate a concise, 3-5 word title with an emoji.\n{history}"),
        ("tags", "### Task:\nGenerate 1-3 broad tags for the main themes.\n{history}"),
        ("follow-ups", "### Task:\nSuggest 3-5 relevant follow-up questions.\n{history}"),
        ("query", "### Task:\nAnalyze the chat history to determine the necessity of a search.\n"),
        ("title", "Please write a 5-10 word title for the following conversation:\n{history}"),
        ("title", "Provide a concise, 5-word-or-less title for the conversation.\n{history}"),
        ("summary", "Your task is to create a detailed summary of the conversation so far, ..."),
        ("summary", "You are performing a CONTEXT CHECKPOINT COMPACTION. Create a handoff."),
        ("title", "使用四到五个字直接返回这句话的简要主题，不要解释。"),
        (
            "question",
            "Given the following conversation and a follow up question, rephrase the follow up "
            "question.\nFollow Up Input: and him?\nStandalone question:",
        ),
        ("title", "Create a short label or headline for this talk.\n{history}"),
        ("follow-ups", "Propose what could be next questions.\nUser: hi\nAssistant: hello"),
        ("question", "Rewrite the last message as a standalone question.\n{history}"),
        ("title", "请为下面的对话拟一个标题。\n用户：你好\n助手：你好，有什么事？"),
    ],
)
def test_a_prompt_that_a_client_asks_by_itself_is_known(kind, text):
    assert background_prompt(text.format(history=HISTORY)) == kind


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "Write a title for my essay about bees.",
        "Which tags should my photo have?",
        "Summarise our conversation so far, please.",
        "Give me three follow-up questions for my interview with Greta.",
        "帮我给这篇文章起个标题。",
        "quota of fish in Norway?",
        "",
    ],
)
def test_what_a_user_asks_is_no_background_prompt(text):
    assert background_prompt(text) is None


def test_a_system_prompt_can_make_the_users_message_mere_material():
    system = "You are a title generator. You output ONLY a thread title."
    assert background_prompt(WORDS, system) == "title"
    assert background_prompt(WORDS, "You are a helpful assistant.") is None


def test_every_row_says_which_client_writes_it():
    assert all(row.client for row in WRAPPERS.values())
    assert all(row.client and row.kind for row in BACKGROUND)


@given(st.text(alphabet="<>/a_-b \n`[]", max_size=80))
def test_any_text_can_be_parted_and_parting_twice_changes_nothing_that_is_markup(text):
    own = own_words(text)
    assert len(own) <= len(text) + 2 * text.count("<")
    assert isinstance(background_prompt(text), str | None)


@pytest.mark.parametrize(
    "text",
    [
        "<a-b>" * 20_000,
        "<task>" * 20_000,
        "<task>" * 10_000 + "</task>" * 10_000,
        "Use the following context\n" + "Question: x\n" * 10_000,
        "### Task:\n" + "title\nUser: x\n" * 10_000,
    ],
)
def test_a_hostile_text_is_parted_in_time_linear_in_its_length(text):
    began = time.process_time()
    own_words(text)
    background_prompt(text)
    assert time.process_time() - began < 5
