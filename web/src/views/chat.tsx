// Chat through the service's own proxy: what is said is remembered, what bears on it is brought along.
import { MessageCircle, SendHorizontal, SquarePen } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getPlain, request } from "../api";
import { address, caller, changes, namespace, say } from "../state";
import { Empty, message, useAnswer } from "../ui";

interface Said {
  role: "user" | "assistant";
  content: string;
  memory?: string;
  failed?: boolean;
}

/** The ids in the header that tells what memory did: `used=1; ids=a,b`. */
function idsOf(header: string): string[] {
  const found = /ids=([^;]*)/.exec(header)?.[1] ?? "";
  return found.split(",").filter(Boolean).map((id) => decodeURIComponent(id.trim()));
}

async function* pieces(answer: Response): AsyncGenerator<string> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    held += value ?? "";
    const lines = held.split("\n");
    held = done ? "" : lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const told = JSON.parse(line.slice(6));
      if (told.error) throw new Error(told.error.message);
      yield told.choices?.[0]?.delta?.content ?? "";
    }
    if (done) return;
  }
}

export function Chat() {
  const [said, setSaid] = useState<Said[]>([]);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [session, setSession] = useState(newSession);
  const [model, setModel] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const upstream = caller.value?.upstreams.includes("openai") ?? false;
  const models = useAnswer(() => getPlain<{ data: { id: string }[] }>("/openai/v1/models"), [upstream], upstream);
  const chosen = model || models.value?.data?.[0]?.id || "memory";
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [said]);

  async function ask(): Promise<void> {
    const text = typed.trim();
    if (!text || busy) return;
    setTyped("");
    setBusy(true);
    const before: Said[] = [...said, { role: "user", content: text }];
    let answer: Said = { role: "assistant", content: "" };
    setSaid([...before, answer]);
    try {
      const response = await request("POST", "/openai/v1/chat/completions", {
        headers: { "x-remanence-namespace": bytes(namespace.value), "x-remanence-session": session },
        body: { model: chosen, stream: true, messages: before.filter((one) => !one.failed).map(({ role, content }) => ({ role, content })) },
      });
      answer = { ...answer, memory: response.headers.get("x-remanence-memory") ?? "" };
      for await (const piece of pieces(response)) {
        answer = { ...answer, content: answer.content + piece };
        setSaid([...before, answer]);
      }
      changes.value++;
    } catch (error) {
      setSaid([...before, { ...answer, content: message(error), failed: true }]);
    }
    setBusy(false);
  }

  return (
    <div class="view">
      <header>
        <h1>{say("chat")}</h1>
        {models.value?.data?.length ? (
          <select class="input looks" aria-label={say("model")} value={chosen} onChange={(event) => setModel(event.currentTarget.value)}>
            {models.value.data.map((each) => (
              <option key={each.id}>{each.id}</option>
            ))}
          </select>
        ) : null}
        <span class="end">
          <button
            class="button"
            onClick={() => {
              setSaid([]);
              setSession(newSession());
            }}
          >
            <SquarePen size={15} />
            {say("newChat")}
          </button>
        </span>
        <p>{say(upstream ? "chatHint" : "chatQuotes")}</p>
      </header>
      <div class="body" tabIndex={0} role="log" aria-label={say("chat")}>
        {!said.length ? (
          <Empty icon={<MessageCircle size={34} />} title={say("chatEmpty")}>
            <p>{say("chatEmptyHint")}</p>
          </Empty>
        ) : (
          <ol class="bubbles talk">
            {said.map((one, index) => (
              <li key={index} class={`bubble ${one.role === "user" ? "mine" : "other"}${one.failed ? " failed" : ""}`}>
                <div class="wrap" dir="auto">
                  {one.content || "…"}
                </div>
                {one.memory && <Brought header={one.memory} />}
              </li>
            ))}
          </ol>
        )}
        <div ref={end} />
      </div>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <textarea
          class="input ask"
          rows={1}
          dir="auto"
          aria-label={say("message")}
          placeholder={say("message")}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              void ask();
            }
          }}
        />
        <button class="button primary" type="submit" disabled={busy || !typed.trim()} aria-label={say("send")}>
          <SendHorizontal size={17} />
        </button>
      </form>
    </div>
  );
}

/** Text as a header takes it: its UTF-8 bytes, a character each. */
const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

const newSession = (): string => `page-${new Date().toISOString().slice(0, 19)}`;

function Brought({ header }: { header: string }) {
  const ids = idsOf(header);
  return (
    <details>
      <summary>{ids.length ? say("broughtCount", { count: ids.length }) : say("broughtNothing")}</summary>
      <ul class="row tight">
        {ids.map((id) => (
          <li key={id}>
            <a class="chip accent" href={address("memories", { id })}>
              {id}
            </a>
          </li>
        ))}
      </ul>
      <p class="soft small mono">{header}</p>
    </details>
  );
}
