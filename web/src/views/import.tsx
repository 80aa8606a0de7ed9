// Import by dropping a file: progress while it goes up and while it is read, then what came of it.
import { FileUp, UploadCloud } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { query } from "../api";
import { address, changes, key, namespace, say } from "../state";
import { count } from "../ui";

interface Done {
  format: string;
  turns: number;
  new: number;
  known: number;
  skipped: number;
  bad: { place: string; problem: string }[];
  unread: string[];
}
interface Work {
  number: number;
  name: string;
  size: number;
  stage: "sending" | "reading" | "done" | "failed";
  share: number;
  done?: Done;
  problem?: string;
}

type Told = { read?: number; total?: number; done?: Done; problem?: { detail: string } };

/** Send a file; `step` is called with what is known of it, again and again. */
function send(file: File, step: (change: Partial<Work>) => void): Promise<void> {
  return new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    let seen = 0;
    asked.open("POST", `/v1/import/file${query({ namespace: namespace.value, name: file.name.slice(-80) })}`);
    asked.setRequestHeader("authorization", `Bearer ${key.value}`);
    asked.setRequestHeader("content-type", "application/octet-stream");
    asked.upload.onprogress = (event) => step({ stage: "sending", share: event.total ? event.loaded / event.total : 0 });
    asked.upload.onload = () => step({ stage: "reading", share: 0 });
    const read = () => {
      const end = asked.responseText.lastIndexOf("\n");
      if (asked.status !== 200 || end < seen) return;
      for (const line of asked.responseText.slice(seen, end).split("\n").filter(Boolean)) {
        const told = JSON.parse(line) as Told;
        if (told.done) step({ stage: "done", share: 1, done: told.done });
        else if (told.problem) step({ stage: "failed", problem: told.problem.detail });
        else if (told.total) step({ stage: "reading", share: (told.read ?? 0) / told.total });
      }
      seen = end + 1;
    };
    asked.onprogress = read;
    asked.onerror = () => {
      step({ stage: "failed", problem: say("sendFailed") });
      resolve();
    };
    asked.onload = () => {
      read();
      if (asked.status !== 200) {
        let detail = `HTTP ${asked.status}`;
        try {
          detail = JSON.parse(asked.responseText).detail ?? detail;
        } catch {
          // the status is all that is known
        }
        step({ stage: "failed", problem: detail });
      }
      resolve();
    };
    asked.send(file);
  });
}

const FORMATS = "ChatGPT · Claude · Gemini · Claude Code · Codex · Gemini CLI · Open WebUI · WhatsApp · Telegram · Slack · Discord · mbox/eml · Markdown · CSV · HTML · PDF · docx · JSON/JSONL";

export function Import() {
  const [works, setWorks] = useState<Work[]>([]);
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const taken = useRef(0);
  const waiting = useRef(Promise.resolve());

  function take(files: Iterable<File>): void {
    for (const file of files) {
      const number = taken.current++;
      setWorks((before) => [{ number, name: file.name, size: file.size, stage: "sending", share: 0 }, ...before]);
      const step = (change: Partial<Work>) => setWorks((before) => before.map((work) => (work.number === number ? { ...work, ...change } : work)));
      waiting.current = waiting.current.then(() => send(file, step)).then(() => void changes.value++);
    }
  }

  return (
    <div class="view">
      <header>
        <h1>{say("import")}</h1>
        <p>{say("importHint")}</p>
      </header>
      <div class="body stack">
        <div
          class={over ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            take([...(event.dataTransfer?.files ?? [])]);
          }}
        >
          <UploadCloud size={40} />
          <h2>{say("dropHere")}</h2>
          <button class="button primary" onClick={() => picker.current?.click()}>
            <FileUp size={16} />
            {say("chooseFiles")}
          </button>
          <input ref={picker} class="hidden" type="file" multiple tabIndex={-1} aria-label={say("chooseFiles")} onChange={(event) => {
              take([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = ""; // the same file may be chosen again
            }} />
          <p class="soft small">{FORMATS}</p>
        </div>
        <ul class="stack" aria-live="polite">
          {works.map((work) => (
            <li class="card stack" key={work.number}>
              <One work={work} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function One({ work }: { work: Work }) {
  const { done } = work;
  const state = { sending: "sending", reading: "reading", done: "imported", failed: "importFailed" } as const;
  return (
    <>
      <div class="row">
        <b class="wrap">
          <bdi>{work.name}</bdi>
        </b>
        <span class="soft small">{(work.size / 1e6).toFixed(work.size < 1e5 ? 3 : 1)} MB</span>
        {done && <span class="chip">{done.format}</span>}
        <span class={`end chip ${work.stage === "failed" ? "danger" : work.stage === "done" ? "accent" : ""}`}>{say(state[work.stage])}</span>
      </div>
      {(work.stage === "sending" || work.stage === "reading") && (
        <div class="meter" role="progressbar" aria-label={work.name} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * work.share)}>
          <i style={{ width: `${100 * work.share}%` }} />
        </div>
      )}
      {work.problem && (
        <p class="note danger" role="alert">
          {work.problem}
        </p>
      )}
      {done && (
        <dl class="figures">
          <div>
            <dt>{say("turnsNew")}</dt>
            <dd>{count(done.new)}</dd>
          </div>
          <div>
            <dt>{say("turnsKnown")}</dt>
            <dd>{count(done.known)}</dd>
          </div>
          {done.skipped > 0 && (
            <div>
              <dt>{say("turnsSkipped")}</dt>
              <dd>{count(done.skipped)}</dd>
            </div>
          )}
        </dl>
      )}
      {done && done.bad.length > 0 && (
        <details>
          <summary>{say("turnsSkipped")}</summary>
          <ul class="small">
            {done.bad.map((each) => (
              <li key={each.place}>
                {each.place}: {each.problem}
              </li>
            ))}
          </ul>
        </details>
      )}
      {done && done.unread.length > 0 && <p class="soft small">{say("unread", { names: done.unread.slice(0, 5).join(", ") })}</p>}
      {done && done.new > 0 && (
        <p>
          <a href={address("memories")}>{say("lookAtThem")}</a>
        </p>
      )}
    </>
  );
}
