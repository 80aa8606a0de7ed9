// A memory written anew, or one that there was not yet.
import { useState } from "preact/hooks";
import { clean, post, Problem, request, segment } from "../api";
import { changes, namespace, say, tell } from "../state";
import type { Episode } from "../types";
import { Dialog, Failed, Field } from "../ui";
import type { Tagged } from "./detail";

export function Editor({ before, onClose }: { before?: Tagged; onClose: () => void }) {
  const one = before?.episode;
  const [text, setText] = useState(one?.text ?? "");
  const [speaker, setSpeaker] = useState(one?.speaker ?? "");
  const [session, setSession] = useState(one?.session ?? "");
  const [at, setAt] = useState(one?.at ?? "");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      if (before && one) {
        const body = clean({ namespace: namespace.value, text, speaker, session, at, metadata: one.metadata });
        const answer = await request("PUT", `/v1/episodes/${segment(one.id)}`, { body, headers: { "if-match": before.tag } });
        tell(say("edited", { version: ((await answer.json()) as Episode).version }));
      } else {
        await post("/v1/episodes", { text, speaker, session, at });
        tell(say("added"));
      }
      changes.value++;
      onClose();
    } catch (failed) {
      setError(failed instanceof Problem && failed.status === 412 ? new Error(say("changedMeanwhile")) : failed);
    }
    setBusy(false);
  }

  return (
    <Dialog title={say(one ? "editTitle" : "addTitle")} onClose={onClose}>
      <form class="stack" onSubmit={save}>
        <Field label={say("text")}>
          <textarea class="input" dir="auto" required autofocus rows={6} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </Field>
        <div class="pair">
          <Field label={say("speaker")}>
            <input class="input" dir="auto" value={speaker} onInput={(event) => setSpeaker(event.currentTarget.value)} />
          </Field>
          <Field label={say("session")}>
            <input class="input" dir="auto" value={session} onInput={(event) => setSession(event.currentTarget.value)} />
          </Field>
        </div>
        <Field label={say("at")}>
          <input class="input" placeholder="2026-03-20T09:00:00Z" value={at} onInput={(event) => setAt(event.currentTarget.value.trim())} />
        </Field>
        {!!error && <Failed error={error} />}
        <footer>
          <button class="button" type="button" onClick={onClose}>
            {say("cancel")}
          </button>
          <button class="button primary" type="submit" disabled={busy}>
            {say("save")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
