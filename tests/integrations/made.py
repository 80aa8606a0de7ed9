"""Exports of chat programs and folders of documents, made in the shapes that the programs write.

Each builder writes one export below a folder and returns (path to import, number of messages that a
person or an assistant wrote). The conversations are the same in all of them.
"""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

START = datetime(2025, 3, 20, 9, 0, tzinfo=UTC)
LINES = (
    "I moved to Lyon in March.",
    "我上个月搬到了成都。",
    "Our dog is called Biscuit,\nand she hates rain.",
    "Could you book the 8:15 train?",
    "The rent is €940 a month: not cheap.",
    "妹妹小林对花生过敏。",
)
PAIRS = 30  # exchanges in every export


def moment(number):
    """The time of a message: one an hour, so that conversations cross days and months."""
    return START + timedelta(hours=number * 13, seconds=number)


def line(number):
    return f"{LINES[number % len(LINES)]} ({number})"


def iso(when):
    return when.isoformat().replace("+00:00", "Z")


def exchanges(conversations=3):
    """(conversation, number, role, text, time) of every message."""
    for number in range(PAIRS * 2):
        role = "assistant" if number % 2 else "user"
        yield number * conversations // (PAIRS * 2), number, role, line(number), moment(number)


def written(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def grouped():
    found = {}
    for conversation, *rest in exchanges():
        found.setdefault(conversation, []).append(rest)
    return found


def chatgpt(folder):
    conversations = []
    for key, messages in grouped().items():
        nodes = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
        before = "root"
        for number, role, text, when in messages:
            name = f"g{number}"
            nodes[name] = {
                "id": name,
                "message": {
                    "id": name,
                    "author": {"role": role},
                    "create_time": when.timestamp(),
                    "content": {"content_type": "text", "parts": [text]},
                    "metadata": {},
                },
                "parent": before,
                "children": [],
            }
            before = name
        # An abandoned branch, a hidden message and a tool's output: none of them was shown.
        nodes["old"] = {
            "id": "old",
            "message": {
                "id": "old",
                "author": {"role": "user"},
                "create_time": 1.0,
                "content": {"content_type": "text", "parts": ["abandoned"]},
            },
            "parent": "root",
            "children": [],
        }
        hidden = {
            "id": "hidden",
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": ["hidden profile"]},
            "metadata": {"is_visually_hidden_from_conversation": True},
        }
        tool = {
            "id": "tool",
            "author": {"role": "tool"},
            "content": {"content_type": "text", "parts": ["tool output"]},
        }
        nodes["hidden"] = {"id": "hidden", "message": hidden, "parent": before, "children": []}
        nodes["tool"] = {"id": "tool", "message": tool, "parent": "hidden", "children": []}
        conversations.append(
            {
                "title": f"Chat {key}",
                "create_time": START.timestamp(),
                "mapping": nodes,
                "current_node": "tool",
                "conversation_id": f"conv-{key}",
            }
        )
    archive = folder / "chatgpt.zip"
    with zipfile.ZipFile(archive, "w") as sink:
        sink.writestr("conversations.json", json.dumps(conversations, ensure_ascii=False))
        sink.writestr("message_feedback.json", "[]")
        sink.writestr("user.json", json.dumps({"id": "u", "email": "me@example.org"}))
        sink.writestr("__MACOSX/conversations.json", "junk")
    return archive, PAIRS * 2


def claude(folder):
    senders = {"user": "human", "assistant": "assistant"}
    conversations = [
        {
            "uuid": f"conv-{key}",
            "name": f"Chat {key}",
            "created_at": iso(START),
            "chat_messages": [
                {
                    "uuid": f"c{number}",
                    "text": text,
                    "content": [
                        {"type": "thinking", "thinking": "pondering"},
                        {"type": "text", "text": text},
                    ],
                    "sender": senders[role],
                    "created_at": iso(when),
                    "attachments": [],
                    "files": [{"file_name": "plan.pdf"}] if number == 0 else [],
                }
                for number, role, text, when in messages
            ],
        }
        for key, messages in grouped().items()
    ]
    written(folder / "claude" / "users.json", [{"uuid": "u", "full_name": "Ana"}])
    written(folder / "claude" / "conversations.json", conversations)
    return folder / "claude", PAIRS * 2


def openwebui(folder):
    chats = []
    for key, messages in grouped().items():
        nodes, before = {}, None
        for number, role, text, when in messages:
            name = f"o{number}"
            nodes[name] = {
                "id": name,
                "parentId": before,
                "childrenIds": [],
                "role": role,
                "content": text,
                "timestamp": int(when.timestamp()),
            }
            before = name
        chats.append(
            {
                "id": f"chat-{key}",
                "user_id": "u",
                "title": f"Chat {key}",
                "chat": {"models": ["m"], "history": {"messages": nodes, "currentId": before}},
                "created_at": int(START.timestamp()),
            }
        )
    return written(folder / "chat-export.json", chats), PAIRS * 2


def gemini(folder):
    rows = [
        {
            "header": "Gemini Apps",
            "title": f"Prompted {line(number)}",
            "time": iso(moment(number)),
            "products": ["Gemini Apps"],
            "safeHtmlItem": [{"html": f"<p>{line(number + 1)}</p>"}],
        }
        for number in range(0, PAIRS * 2, 2)
    ]
    rows.append({"header": "Gemini Apps", "title": "Used Gemini Apps", "time": iso(START)})
    rows.append({"header": "Search", "title": "Searched for tea", "time": iso(START)})
    return written(folder / "Takeout" / "MyActivity.json", rows[::-1]), PAIRS * 2


def aistudio(folder):
    chunks = [
        {"role": "model" if role == "assistant" else "user", "text": text, "createTime": iso(when)}
        for _, _, role, text, when in exchanges()
    ]
    chunks.insert(1, {"role": "model", "text": "secret thought", "isThought": True})
    return written(
        folder / "prompt.json", {"runSettings": {}, "chunkedPrompt": {"chunks": chunks}}
    ), PAIRS * 2


def claude_code(folder):
    rows = [{"type": "queue-operation", "operation": "enqueue", "sessionId": "s-0"}]
    for conversation, number, role, text, when in exchanges():
        shared = {
            "uuid": f"cc{number}",
            "timestamp": iso(when),
            "sessionId": f"s-{conversation}",
            "cwd": "/home/ana/shop",
        }
        content = text if role == "user" else [{"type": "text", "text": text}]
        if number == 0:
            content = f"<system-reminder>be brief</system-reminder>\n{text}"
        rows.append({**shared, "type": role, "message": {"role": role, "content": content}})
    tool = [{"type": "tool_result", "content": "listing"}]
    rows += [
        {**rows[1], "uuid": "t1", "message": {"role": "user", "content": tool}},
        {**rows[1], "uuid": "t2", "isMeta": True},
        {**rows[1], "uuid": "t3", "isSidechain": True},
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return written(folder / "projects" / "-home-ana-shop" / "s.jsonl", text), PAIRS * 2


def codex(folder):
    rows = [
        {
            "timestamp": iso(START),
            "type": "session_meta",
            "payload": {"id": "rollout-1", "cwd": "/home/ana/shop"},
        },
        {
            "timestamp": iso(START),
            "type": "response_item",
            "payload": {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "<environment_context>x</environment_context>"}
                ],
            },
        },
    ]
    for _, _, role, text, when in exchanges():
        kind = "user_message" if role == "user" else "agent_message"
        rows.append(
            {
                "timestamp": iso(when),
                "type": "event_msg",
                "payload": {"type": kind, "message": text},
            }
        )
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return written(folder / "rollout-2025.jsonl", text), PAIRS * 2


def gemini_cli(folder):
    messages = [
        {
            "id": f"x{number}",
            "timestamp": iso(when),
            "type": "gemini" if role == "assistant" else "user",
            "content": text,
        }
        for _, number, role, text, when in exchanges()
    ]
    session = {"sessionId": "s-1", "startTime": iso(START), "messages": messages}
    return written(folder / "session-1.json", session), PAIRS * 2


def whatsapp(folder, stamp="{0:%d/%m/%Y, %H:%M} - "):
    names = {"user": "Ana", "assistant": "Ben Ó Sé"}
    lines = [
        f"{stamp.format(START)}Messages and calls are end-to-end encrypted.",
        f"{stamp.format(START)}Ana: <Media omitted>",
    ]
    lines += [
        f"{stamp.format(when)}{names[role]}: {text}" for _, _, role, text, when in exchanges()
    ]
    return written(folder / "WhatsApp Chat with Ben.txt", "\n".join(lines)), PAIRS * 2


def telegram(folder):
    messages = [
        {
            "id": number + 1,
            "type": "message",
            "date": when.strftime("%Y-%m-%dT%H:%M:%S"),
            "date_unixtime": str(int(when.timestamp())),
            "from": "Ana" if role == "user" else "Ben",
            "from_id": "user1",
            "text": ["", {"type": "bold", "text": text}] if number % 5 == 0 else text,
        }
        for _, number, role, text, when in exchanges()
    ]
    messages.append({"id": 999, "type": "service", "action": "pin_message", "text": ""})
    chat = {"name": "Ben", "type": "personal_chat", "id": 77, "messages": messages}
    return written(
        folder / "result.json", {"about": "Here is the data", "chats": {"list": [chat]}}
    ), PAIRS * 2


def slack(folder):
    users = [
        {"id": "U1", "name": "ana", "profile": {"display_name": "Ana"}},
        {"id": "U2", "name": "ben", "profile": {"display_name": "", "real_name": "Ben"}},
    ]
    root = folder / "slack"
    written(root / "users.json", users)
    written(root / "channels.json", [{"id": "C1", "name": "general"}])
    days = {}
    for _, number, role, text, when in exchanges():
        row = {
            "type": "message",
            "user": "U1" if role == "user" else "U2",
            "text": f"{text} <@U2> &amp; <https://tea.example|tea>",
            "ts": f"{when.timestamp():.6f}",
        }
        if number % 4 == 0:
            row["thread_ts"] = row["ts"]
        days.setdefault(f"{when:%Y-%m-%d}", []).append(row)
    joined = {
        "type": "message",
        "subtype": "channel_join",
        "user": "U1",
        "text": "joined",
        "ts": "1",
    }
    for number, (day, rows) in enumerate(days.items()):
        written(root / "general" / f"{day}.json", [joined, *rows] if number == 0 else rows)
    archive = folder / "slack.zip"
    with zipfile.ZipFile(archive, "w") as sink:
        for path in sorted(root.rglob("*.json")):
            sink.write(path, path.relative_to(root))
    return archive, PAIRS * 2


def discord(folder):
    messages = [
        {
            "id": str(1000 + number),
            "type": "Default",
            "timestamp": when.isoformat(),
            "content": text,
            "author": {
                "id": role,
                "name": role,
                "nickname": "Ana" if role == "user" else "Ben",
                "isBot": False,
            },
        }
        for _, number, role, text, when in exchanges()
    ]
    messages.append({**messages[0], "id": "5", "type": "ChannelPinnedMessage"})
    value = {
        "guild": {"id": "1", "name": "Tea"},
        "channel": {"id": "2", "name": "general"},
        "messages": messages,
    }
    return written(folder / "Tea - general.json", value), PAIRS * 2


def discord_package(folder):
    root = folder / "package"
    written(root / "Account" / "user.json", {"id": "1", "username": "ana", "global_name": "Ana"})
    written(root / "Messages" / "index.json", {"2": "general"})
    written(root / "Messages" / "c2" / "channel.json", {"id": "2", "type": 0, "name": "general"})
    rows = [
        {
            "ID": 1000 + number,
            "Timestamp": when.strftime("%Y-%m-%d %H:%M:%S"),
            "Contents": text,
            "Attachments": "",
        }
        for _, number, _, text, when in exchanges()
    ]
    written(root / "Messages" / "c2" / "messages.json", rows[::-1])
    return root, PAIRS * 2


def messages_json(folder):
    rows = [
        {"role": role, "content": text, "timestamp": iso(when), "id": f"r{number}"}
        for _, number, role, text, when in exchanges()
    ]
    return written(
        folder / "history.json", [{"role": "system", "content": "Be kind."}, *rows]
    ), PAIRS * 2


def messages_jsonl(folder):
    rows = [
        {"messages": [{"role": role, "content": text} for _, role, text, _ in found]}
        for found in grouped().values()
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return written(folder / "train.jsonl", text), PAIRS * 2


def csv(folder):
    import csv as table

    sink = io.StringIO()
    writer = table.writer(sink)
    writer.writerow(["Date", "Author", "Message", "Channel", "ID", "Mood"])
    for conversation, number, role, text, when in exchanges():
        writer.writerow([iso(when), role, text, f"ch-{conversation}", f"row-{number}", "fine"])
    return written(folder / "log.csv", sink.getvalue()), PAIRS * 2


def mbox(folder):
    pieces = []
    for _, number, role, text, when in exchanges():
        sender = "Ana <ana@example.org>" if role == "user" else "Ben <ben@example.org>"
        reply = f"References: <m{number - number % 6}@x>\n" if number % 6 else ""
        pieces.append(
            f"From someone {when:%a %b %d %H:%M:%S %Y}\n"
            f"From: {sender}\nTo: list@example.org\nSubject: {'Re: ' if number % 6 else ''}Trip\n"
            f"Date: {when:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <m{number}@x>\n{reply}"
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            f"{text}\n>From here on it is quoted.\n\n"
        )
    return written(folder / "mail.mbox", "".join(pieces)), PAIRS * 2


def markdown(folder):
    for number in range(PAIRS):
        front = (
            f"---\ntitle: Note {number}\ndate: {moment(number):%Y-%m-%d}\ntags: [tea, home]\n---\n"
        )
        body = (
            f"# Note {number}\n\n{line(number)} See [[Other note|that]].\n\n"
            f"## Later\n\n```\n# not a heading\n```\n{line(number + 1)}\n"
        )
        written(folder / "vault" / f"d{number % 3}" / f"note-{number:02}.md", front + body)
    written(folder / "vault" / ".obsidian" / "app.json", {})
    return folder / "vault", PAIRS * 2


EXPORTS = {
    "chatgpt": chatgpt,
    "claude": claude,
    "openwebui": openwebui,
    "gemini": gemini,
    "aistudio": aistudio,
    "claude-code": claude_code,
    "codex": codex,
    "gemini-cli": gemini_cli,
    "whatsapp": whatsapp,
    "telegram": telegram,
    "slack": slack,
    "discord": discord,
    "discord-package": discord_package,
    "messages": messages_json,
    "messages-jsonl": messages_jsonl,
    "csv": csv,
    "mbox": mbox,
    "markdown": markdown,
}
"""Name -> builder of an export."""
