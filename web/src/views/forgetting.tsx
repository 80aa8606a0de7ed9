// Forgetting: choose, see what it reaches, do it, keep the receipt.
import { CircleCheck, Download } from "lucide-preact";
import { useState } from "preact/hooks";
import { get, post, segment } from "../api";
import { changes, namespace, say } from "../state";
import type { Episode, Receipt } from "../types";
import { count, Dialog, download, Failed, Field } from "../ui";
import type { Words } from "../words/en";

type Way = "ids" | "session" | "speaker" | "subject" | "before" | "everything";
type Selector = Record<string, string | boolean>;
const COUNTS = ["episodes", "versions", "facts", "terms", "vectors", "models", "states", "adapters"] as const;
const SAMPLE = 6; // memories shown word for word before they go

interface Forgot {
  receipt: Receipt;
  ids: string[];
}

interface Props {
  ids: string[];
  given: { session?: string; speaker?: string };
  onClose: (done: boolean) => void;
}

/** One receipt of several: counts added up, the least of what can be said of the log. */
function together(all: Receipt[]): Receipt {
  const sum = { ...all[0]! };
  for (const each of all.slice(1)) {
    for (const name of COUNTS) sum[name] += each[name];
    if (each.wal === "pending") sum.wal = "pending";
    sum.at = each.at;
  }
  return sum;
}

export function Forgetting({ ids, given, onClose }: Props) {
  const [way, setWay] = useState<Way>(ids.length ? "ids" : given.session ? "session" : "speaker");
  const [value, setValue] = useState(given.session || given.speaker || "");
  const [preview, setPreview] = useState<{ receipt: Receipt; ids: string[]; sample: Episode[] } | null>(null);
  const [done, setDone] = useState<{ receipts: Receipt[]; sum: Receipt } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const selectors = (): Selector[] =>
    way === "ids" ? ids.map((id) => ({ id })) : way === "everything" ? [{ everything: true }] : [{ [way]: value.trim() }];

  async function each(dry: boolean): Promise<Forgot[]> {
    const found: Forgot[] = [];
    for (const selector of selectors()) found.push(await post<Forgot>("/v1/forget", { ...selector, dry_run: dry }));
    return found;
  }

  async function work(job: () => Promise<void>): Promise<void> {
    setBusy(true);
    setError(null);
    await job().catch(setError);
    setBusy(false);
  }

  const look = () =>
    work(async () => {
      const found = await each(true);
      const reached = found.flatMap((one) => one.ids);
      const shown = reached.slice(-SAMPLE).reverse();
      const sample = await Promise.all(shown.map((id) => get<Episode>(`/v1/episodes/${segment(id.replace(/#\d+$/, ""))}`)));
      setPreview({ receipt: together(found.map((one) => one.receipt)), ids: reached, sample });
    });

  const forget = () =>
    work(async () => {
      const receipts = (await each(false)).map((one) => one.receipt);
      setDone({ receipts, sum: together(receipts) });
      changes.value++;
    });

  const change = (next: () => void) => {
    next();
    setPreview(null);
    setError(null);
  };

  if (done) return <Done receipts={done.receipts} sum={done.sum} onClose={() => onClose(true)} />;
  const ways: [Way, keyof Words][] = [
    ...(ids.length ? ([["ids", "forgetOne"]] as [Way, keyof Words][]) : []),
    ["session", "bySession"],
    ["speaker", "bySpeaker"],
    ["subject", "bySubject"],
    ["before", "byBefore"],
    ["everything", "byEverything"],
  ];
  const named = way === "session" || way === "speaker" || way === "subject";
  const complete = !named && way !== "before" ? true : value.trim() !== "";
  return (
    <Dialog title={say("forgetTitle")} onClose={() => onClose(false)}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <Field label={say("forgetBy")}>
          <select class="input" value={way} onChange={(event) => change(() => setWay(event.currentTarget.value as Way))}>
            {ways.map(([name, shown]) => (
              <option key={name} value={name}>
                {say(shown)}
                {name === "ids" ? ` (${ids.length})` : ""}
              </option>
            ))}
          </select>
        </Field>
        {(named || way === "before") && (
          <Field label={say(way === "before" ? "until" : "name")}>
            <input class="input" dir="auto" type={way === "before" ? "date" : "text"} required value={value} onInput={(event) => change(() => setValue(event.currentTarget.value))} />
          </Field>
        )}
        {!!error && <Failed error={error} />}
        {preview && <Preview {...preview} />}
        <footer>
          <button class="button" type="button" onClick={() => onClose(false)}>
            {say("cancel")}
          </button>
          {!preview && (
            <button class="button primary" type="submit" disabled={busy || !complete}>
              {say("preview")}
            </button>
          )}
          {preview && preview.receipt.versions > 0 && (
            <button class="button danger primary" type="button" disabled={busy} onClick={forget}>
              {say("forgetNow", { count: count(preview.receipt.episodes) })}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

function Counts({ receipt }: { receipt: Receipt }) {
  return (
    <dl class="figures">
      {COUNTS.filter((name) => receipt[name] > 0).map((name) => (
        <div key={name}>
          <dt>{say(`r_${name}`)}</dt>
          <dd>{count(receipt[name])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Preview({ receipt, ids, sample }: { receipt: Receipt; ids: string[]; sample: Episode[] }) {
  if (!receipt.versions) return <p class="note">{say("forgetNothing")}</p>;
  return (
    <div class="note stack" role="status">
      <p>{say("previewHint")}</p>
      <Counts receipt={receipt} />
      <ul class="sample">
        {sample.map((one) => (
          <li key={one.id} dir="auto">
            <b>
              <bdi>{one.speaker ?? say("unknownSpeaker")}</bdi>
            </b>{" "}
            {one.text.slice(0, 160)}
          </li>
        ))}
        {receipt.episodes > sample.length && <li class="soft">{say("andMore", { count: count(Math.max(receipt.episodes, ids.length) - sample.length) })}</li>}
      </ul>
    </div>
  );
}

function Done({ receipts, sum, onClose }: { receipts: Receipt[]; sum: Receipt; onClose: () => void }) {
  return (
    <Dialog title={say("forgotten")} onClose={onClose}>
      <p class="row">
        <CircleCheck size={18} />
        {say(sum.wal === "pending" ? "receiptPending" : "receiptHint")}
      </p>
      <Counts receipt={sum} />
      <footer>
        <button class="button" onClick={() => download(`receipt-${namespace.value}-${sum.at.slice(0, 10)}.json`, receipts)}>
          <Download size={15} />
          {say("receiptDownload")}
        </button>
        <button class="button primary" onClick={onClose}>
          {say("close")}
        </button>
      </footer>
    </Dialog>
  );
}
