// Recall laid open: candidates, what each arm gave, what was cut, the exact context and its tokens.
import { Copy, ScanSearch } from "lucide-preact";
import { useState } from "preact/hooks";
import { post } from "../api";
import { address, go, namespace, route, say } from "../state";
import type { Context, Recollection } from "../types";
import { Busy, copy, count, Empty, Failed, Field, Segments, Stamp, useAnswer } from "../ui";
import { ARMS, Legend, WhyBar, WhyTable } from "../why";

const LOOKED_AT = 60; // recollections that compete for a context

type State = "used" | "cut" | "below";
interface Candidate extends Recollection {
  state: State;
}
interface Laid {
  candidates: Candidate[];
  context: Context;
  degraded: string[];
  ms: number;
}

async function lay(query: string, budget: number, facts: boolean, at: string, signal: AbortSignal): Promise<Laid> {
  const began = performance.now();
  const context = await post<Context>("/v1/context", { query, budget, facts, at }, signal);
  const ms = performance.now() - began;
  const found = await post<{ recollections: Recollection[]; degraded: string[] }>("/v1/recall", { query, k: LOOKED_AT, at }, signal);
  const used = new Set(context.recollections.map((one) => one.id));
  const cut = new Set(context.cut);
  const candidates = found.recollections.map((one): Candidate => ({ ...one, state: used.has(one.id) ? "used" : cut.has(one.id) ? "cut" : "below" }));
  return { candidates, context, degraded: found.degraded, ms };
}

export function Recall() {
  const params = route.value.params;
  const query = params.get("q") ?? "";
  const budget = Number(params.get("budget") ?? 800);
  const facts = params.get("facts") === "1";
  const at = params.get("at") ?? "";
  const [typed, setTyped] = useState(query);
  const laid = useAnswer((signal) => lay(query, budget, facts, at, signal), [query, budget, facts, at, namespace.value], query !== "");
  const set = (change: Record<string, string>) =>
    go("recall", { q: query, budget: budget === 800 ? "" : String(budget), facts: facts ? "1" : "", at, ...change }, true);
  return (
    <div class="view">
      <header>
        <h1>{say("recall")}</h1>
        <p>{say("recallHint")}</p>
      </header>
      <form
        class="toolbar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          set({ q: typed.trim() });
        }}
      >
        <div class="search">
          <ScanSearch size={17} />
          <input class="input" type="search" dir="auto" aria-label={say("ask")} placeholder={say("askPlaceholder")} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </div>
        <button class="button primary" type="submit" disabled={!typed.trim()}>
          {say("ask")}
        </button>
      </form>
      <div class="filters">
        <Field label={say("budget")}>
          <input class="input" type="number" min={50} max={100000} step={50} value={budget} onChange={(event) => set({ budget: event.currentTarget.value })} />
        </Field>
        <Field label={say("asIf")}>
          <input class="input" type="date" value={at} onChange={(event) => set({ at: event.currentTarget.value })} />
        </Field>
        <label class="check">
          <input type="checkbox" checked={facts} onChange={(event) => set({ facts: event.currentTarget.checked ? "1" : "" })} />
          {say("withFacts")}
        </label>
      </div>
      <div class="body">
        {laid.error ? (
          <Failed error={laid.error} />
        ) : !query ? (
          <Empty icon={<ScanSearch size={34} />} title={say("recallEmpty")}>
            <p>{say("recallEmptyHint")}</p>
          </Empty>
        ) : !laid.value ? (
          <Busy />
        ) : (
          <Opened laid={laid.value} />
        )}
      </div>
    </div>
  );
}

function Opened({ laid }: { laid: Laid }) {
  const [all, setAll] = useState<"all" | "used">("all");
  const shown = all === "all" ? laid.candidates : laid.candidates.filter((one) => one.state === "used");
  const used = laid.candidates.filter((one) => one.state === "used").length;
  const most = Math.max(...laid.candidates.map((one) => Object.values(one.why).reduce((sum, share) => sum + Math.max(0, share), 0)), 1e-9);
  const arms = ARMS.filter((arm) => laid.candidates.some((one) => Math.abs(one.why[arm] ?? 0) > 0.0005));
  return (
    <div class="recall">
      <section class="card" aria-label={say("candidates")}>
        <header>
          <h2>{say("candidates")}</h2>
          <span class="soft small">{say("candidatesHint", { count: laid.candidates.length, used })}</span>
          <span class="end">
            <Segments
              label={say("candidates")}
              value={all}
              options={[
                ["all", say("all")],
                ["used", say("onlyUsed")],
              ]}
              onChange={setAll}
            />
          </span>
        </header>
        {laid.degraded.length > 0 && <p class="note warn">{say("degraded", { what: laid.degraded.join(", ") })}</p>}
        <Legend arms={arms} />
        <ol>
          {shown.map((one, index) => (
            <One key={one.id} one={one} rank={index + 1} most={most} />
          ))}
        </ol>
      </section>
      <ContextCard context={laid.context} ms={laid.ms} />
    </div>
  );
}

const MARKS: Record<State, ["stateUsed" | "stateCut" | "stateBelow", string]> = {
  used: ["stateUsed", "chip accent"],
  cut: ["stateCut", "chip warn"],
  below: ["stateBelow", "chip"],
};

function One({ one, rank, most }: { one: Candidate; rank: number; most: number }) {
  const [name, style] = MARKS[one.state];
  return (
    <li class={one.state === "used" ? "candidate" : "candidate out"}>
      <span class="rank">{rank}</span>
      <div class="stack tightly">
        <div class="row small">
          <a href={address("memories", { id: one.id })}>
            <bdi>{one.speaker ?? one.id}</bdi>
          </a>
          <span class="soft">
            <Stamp at={one.at} clock={false} />
          </span>
          <span class={style}>{say(name)}</span>
        </div>
        <div class="said" dir="auto">
          {one.text.slice(0, 600)}
        </div>
        <div class="weights small">
          <WhyBar why={one.why} most={most} />
          <span class="soft number">{say("relevancePercent", { percent: Math.round(one.relevance * 100) })}</span>
        </div>
        <details>
          <summary>
            {say("showArms")} · {say("score", { score: one.score.toFixed(2) })} · {say("similarity", { value: one.similarity.toFixed(2) })}
          </summary>
          <WhyTable why={one.why} />
          {one.via && <p class="soft small">{say("followed", { id: one.via })}</p>}
        </details>
      </div>
    </li>
  );
}

function ContextCard({ context, ms }: { context: Context; ms: number }) {
  return (
    <section class="card context stack" aria-label={say("context")}>
      <div class="row">
        <h2>{say("context")}</h2>
        <span class="soft small end">{say("took", { ms: Math.round(ms) })}</span>
        {context.text && (
          <button class="button plain" onClick={() => copy(context.text)}>
            <Copy size={14} />
            {say("copy")}
          </button>
        )}
      </div>
      <div class="meter" role="meter" aria-label={say("context")} aria-valuemin={0} aria-valuemax={context.budget} aria-valuenow={context.tokens}>
        <i style={{ width: `${Math.min(100, (100 * context.tokens) / context.budget)}%` }} />
      </div>
      <p class="small soft">{say("tokensOf", { tokens: count(context.tokens), budget: count(context.budget) })}</p>
      {context.text ? (
        <pre tabIndex={0} dir="auto" aria-label={say("context")}>
          {context.text}
        </pre>
      ) : (
        <p class="note">{say("noContext")}</p>
      )}
    </section>
  );
}
