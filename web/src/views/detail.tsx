// One memory: what it says, where it comes from, its versions; edit, redact, forget.
import { History, MessagesSquare, Pencil, Trash2, X } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { del, get, request, query, segment } from "../api";
import { address, changes, may, namespace, say, tell } from "../state";
import type { Episode, Receipt, Recollection, Version } from "../types";
import { Busy, Dialog, Failed, Long, Stamp, message, useAnswer } from "../ui";
import { WhyTable } from "../why";
import { Editor } from "./editor";
import { Forgetting } from "./forgetting";

export interface Tagged {
  episode: Episode;
  tag: string;
}

/** A memory as it stands now, whole, with the tag that a write over it must name. */
export async function read(id: string, signal?: AbortSignal): Promise<Tagged> {
  const answer = await request("GET", `/v1/episodes/${segment(id)}${query({ namespace: namespace.value })}`, { signal });
  return { episode: (await answer.json()) as Episode, tag: answer.headers.get("etag") ?? "*" };
}

export function Detail({ id, found, onClose }: { id: string; found: Recollection | undefined; onClose: () => void }) {
  const known = useAnswer((signal) => read(id, signal), [id, namespace.value, changes.value]);
  const [dialog, setDialog] = useState<"" | "edit" | "forget">("");
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (innerWidth <= 860) panel.current?.focus();
  }, [id]);
  const one = known.value?.episode;
  return (
    <section
      class="detail"
      ref={panel}
      tabIndex={-1}
      aria-label={say("details")}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !dialog) onClose();
      }}
    >
      <div class="row">
        <h2 class="grow">{say("details")}</h2>
        {one && may("write") && (
          <button class="button" onClick={() => setDialog("edit")}>
            <Pencil size={14} />
            {say("edit")}
          </button>
        )}
        {one && may("delete") && (
          <button class="button danger" onClick={() => setDialog("forget")}>
            <Trash2 size={14} />
            {say("forget")}
          </button>
        )}
        <button class="button plain icon" aria-label={say("close")} onClick={onClose}>
          <X size={18} />
        </button>
      </div>
      {known.error ? <Failed error={known.error} /> : !one ? <Busy /> : <Whole one={one} found={found} />}
      {dialog === "edit" && known.value && <Editor before={known.value} onClose={() => setDialog("")} />}
      {dialog === "forget" && (
        <Forgetting
          ids={[id]}
          given={{}}
          onClose={(done) => {
            setDialog("");
            if (done) onClose();
          }}
        />
      )}
    </section>
  );
}

function Whole({ one, found }: { one: Episode; found: Recollection | undefined }) {
  const meta = Object.keys(one.metadata).length > 0;
  return (
    <>
      <Long text={one.text} />
      <dl class="pairs">
        <dt>{say("speaker")}</dt>
        <dd>
          <bdi>{one.speaker ?? say("unknownSpeaker")}</bdi>
        </dd>
        <dt>{say("said")}</dt>
        <dd>
          <Stamp at={one.at} />
        </dd>
        <dt>{say("recorded")}</dt>
        <dd>
          <Stamp at={one.recorded_at} />
        </dd>
        {one.session && (
          <>
            <dt>{say("session")}</dt>
            <dd class="row">
              <bdi>{one.session}</bdi>
              <a class="chip accent" href={address("sessions", { session: one.session })}>
                <MessagesSquare size={12} />
                {say("openSession")}
              </a>
            </dd>
          </>
        )}
        <dt>{say("identifier")}</dt>
        <dd class="mono">{one.id}</dd>
      </dl>
      {meta && (
        <div class="stack">
          <h3>{say("metadata")}</h3>
          <pre class="note wrap" dir="auto">
            {JSON.stringify(one.metadata, null, 2).slice(0, 20_000)}
          </pre>
        </div>
      )}
      {found && (
        <div class="stack">
          <h3>
            {say("whyTitle")} · {say("relevancePercent", { percent: Math.round(found.relevance * 100) })}
          </h3>
          <WhyTable why={found.why} />
          {found.via && <p class="soft small">{say("followed", { id: found.via })}</p>}
        </div>
      )}
      <Versions id={one.id} now={one.version} />
    </>
  );
}

function Versions({ id, now }: { id: string; now: number }) {
  const known = useAnswer((signal) => get<{ versions: Version[] }>(`/v1/episodes/${segment(id)}/versions`, {}, signal), [id, now, changes.value]);
  const [redacting, setRedacting] = useState(0);
  if (!known.value) return known.error ? <Failed error={known.error} /> : null;
  return (
    <div class="stack">
      <h3 class="row">
        <History size={14} />
        {say("versions")} · {known.value.versions.length}
      </h3>
      <ol>
        {known.value.versions.map((each) => (
          <li key={each.version} class={each.current ? "version now" : "version"}>
            <span class="row small">
              <b>{say("versionNumber", { version: each.version })}</b>
              {each.current && <span class="chip accent">{say("current")}</span>}
              {each.redacted && <span class="chip warn">{say("redacted")}</span>}
              <span class="soft">
                <Stamp at={each.recorded_at} />
              </span>
              {!each.current && !each.redacted && may("delete") && (
                <button class="button plain danger end" onClick={() => setRedacting(each.version)}>
                  {say("redact")}
                </button>
              )}
            </span>
            {!each.current && each.text !== null && <Long text={each.text} />}
          </li>
        ))}
      </ol>
      {redacting > 0 && <Redacting id={id} version={redacting} onClose={() => setRedacting(0)} />}
    </div>
  );
}

function Redacting({ id, version, onClose }: { id: string; version: number; onClose: () => void }) {
  async function redact(): Promise<void> {
    try {
      await del<{ receipt: Receipt }>(`/v1/episodes/${segment(id)}/versions/${version}`);
      changes.value++;
    } catch (error) {
      tell(message(error));
    }
    onClose();
  }
  return (
    <Dialog title={say("redactTitle", { version })} onClose={onClose}>
      <p>{say("redactHint")}</p>
      <footer>
        <button class="button" onClick={onClose}>
          {say("cancel")}
        </button>
        <button class="button danger primary" onClick={redact}>
          {say("redact")}
        </button>
      </footer>
    </Dialog>
  );
}
