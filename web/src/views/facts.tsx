// Facts: who is known, what holds of one, its sentences, and a timeline with a slider for "as of".
import { BookOpenText, Network } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { get, segment } from "../api";
import { address, changes, go, namespace, route, say } from "../state";
import type { Episode, Fact } from "../types";
import { Busy, Empty, Failed, Stamp, day, useAnswer } from "../ui";

interface Timeline {
  entity: { name: string; kind: string; names: Record<string, string[]> };
  facts: Fact[];
  holding: string[];
  sentences: string[];
}

export function useNames(prefix: string) {
  return useAnswer((signal) => get<{ names: string[]; more: boolean }>("/v1/entities", { prefix, limit: 500 }, signal), [prefix, namespace.value, changes.value]);
}

export function Facts() {
  const params = route.value.params;
  const subject = params.get("subject") ?? "";
  const [prefix, setPrefix] = useState("");
  const known = useNames(prefix.trim());
  const names = known.value?.names ?? [];
  useEffect(() => {
    if (!subject && names.length && innerWidth > 860) go("facts", { subject: names[0]! }, true);
  }, [subject, names[0]]);
  return (
    <div class="view">
      <header>
        <h1>{say("facts")}</h1>
        <p>{say("factsHint")}</p>
      </header>
      {known.error ? (
        <div class="body">
          <Failed error={known.error} />
        </div>
      ) : known.value && !names.length && !prefix ? (
        <Empty icon={<BookOpenText size={34} />} title={say("noFacts")}>
          <p>{say("noFactsHint")}</p>
        </Empty>
      ) : (
        <div class="known">
          <section class="names" aria-label={say("who")}>
            <input class="input" type="search" dir="auto" aria-label={say("findName")} placeholder={say("findName")} value={prefix} onInput={(event) => setPrefix(event.currentTarget.value)} />
            <ul>
              {names.map((name) => (
                <li key={name}>
                  <a href={address("facts", { subject: name })} aria-current={name === subject ? "true" : undefined}>
                    <bdi>{name}</bdi>
                  </a>
                </li>
              ))}
              {known.value?.more && <li class="soft small">{say("moreNames")}</li>}
            </ul>
          </section>
          <div class="body">{subject && <One subject={subject} />}</div>
        </div>
      )}
    </div>
  );
}

/** Days from the first beginning to today, and the day that the slider stands on. */
function useSlider(facts: Fact[]): { first: number; last: number; at: number; set: (day: number) => void } {
  const today = Math.floor(Date.now() / DAY);
  const known = facts.flatMap((fact) => [fact.valid_from, fact.valid_until]).filter((each): each is string => !!each);
  const days = known.map((each) => Math.floor(Date.parse(each) / DAY)).filter((each) => !Number.isNaN(each));
  const first = Math.min(today - 365, ...days) - 30;
  const last = Math.max(today, ...days);
  const [at, set] = useState(today);
  useEffect(() => set(today), [facts.length]);
  return { first, last, at, set };
}

const DAY = 86_400_000;
const date = (days: number): string => new Date(days * DAY).toISOString().slice(0, 10);

function One({ subject }: { subject: string }) {
  const whole = useAnswer((signal) => get<Timeline>("/v1/timeline", { subject }, signal), [subject, namespace.value, changes.value]);
  const facts = whole.value?.facts ?? [];
  const slider = useSlider(facts);
  const today = Math.floor(Date.now() / DAY);
  const then = useAnswer((signal) => get<Timeline>("/v1/timeline", { subject, as_of: `${date(slider.at)}T23:59:59Z` }, signal), [subject, slider.at, namespace.value, changes.value], slider.at !== today);
  if (whole.error) return <Failed error={whole.error} />;
  if (!whole.value) return <Busy />;
  const holding = new Set((slider.at === today ? whole.value : (then.value ?? whole.value)).holding);
  const { entity, sentences } = whole.value;
  const others = Object.keys(entity.names).filter((name) => name !== entity.name);
  return (
    <div class="stack">
      <section class="card">
        <header>
          <h2>
            <bdi>{entity.name}</bdi>
          </h2>
          {entity.kind && <span class="chip">{entity.kind}</span>}
          <span class="end row">
            <a class="button" href={address("graph", { subject: entity.name })}>
              <Network size={15} />
              {say("graph")}
            </a>
          </span>
        </header>
        {others.length > 0 && (
          <p class="soft small">
            {say("alsoCalled")} <bdi>{others.join(", ")}</bdi>
          </p>
        )}
        <label class="slider">
          <span class="row small">
            <b>{say("asOf")}</b>
            <output>{slider.at === today ? say("today") : date(slider.at)}</output>
            <span class="soft end">{say("holdingCount", { count: holding.size, total: facts.length })}</span>
          </span>
          <input type="range" min={slider.first} max={slider.last} value={slider.at} aria-valuetext={date(slider.at)} onInput={(event) => slider.set(Number(event.currentTarget.value))} />
        </label>
        <ul class="lines" aria-label={say("timeline")}>
          {facts.map((fact, index) => (
            <Line key={fact.id} fact={fact} sentence={sentences[index] ?? ""} holds={holding.has(fact.id)} slider={slider} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function Line({ fact, sentence, holds, slider }: { fact: Fact; sentence: string; holds: boolean; slider: { first: number; last: number; at: number } }) {
  const [open, setOpen] = useState(false);
  const place = (instant: string | null, absent: number) => {
    const days = instant ? Date.parse(instant) / DAY : absent;
    return Math.max(0, Math.min(100, (100 * (days - slider.first)) / (slider.last - slider.first)));
  };
  const from = place(fact.valid_from ?? (fact.valid_until ? null : fact.recorded_at), slider.first);
  const until = place(fact.valid_until, slider.last);
  return (
    <li class={holds ? "line holds" : "line"}>
      <div class="row">
        <span class="sentence" dir="auto">
          {sentence}
        </span>
        <span class="end row small">
          {holds ? <span class="chip accent">{say("holds")}</span> : <span class="chip">{say(fact.state === "superseded" ? "superseded" : fact.state === "retracted" ? "retracted" : "notThen")}</span>}
          <button class="button plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            {say("sources", { count: fact.sources.length })}
          </button>
        </span>
      </div>
      <div class="span" aria-hidden="true">
        <i style={{ insetInlineStart: `${from}%`, width: `${Math.max(0.6, until - from)}%` }} />
        <b style={{ insetInlineStart: `${place(null, slider.at)}%` }} />
      </div>
      <div class="row small soft">
        <span>{fact.valid_from ? say("fromDay", { day: day(fact.valid_from) }) : say("firstSaid", { day: day(fact.recorded_at) })}</span>
        {fact.valid_until && <span>{say("untilDay", { day: day(fact.valid_until) })}</span>}
        <span>{say("confidence", { percent: Math.round(fact.confidence * 100) })}</span>
      </div>
      {open && <Sources ids={fact.sources} />}
    </li>
  );
}

function Sources({ ids }: { ids: string[] }) {
  const found = useAnswer((signal) => Promise.all(ids.slice(-10).map((id) => get<Episode>(`/v1/episodes/${segment(id)}`, {}, signal).catch(() => null))), [ids.join()]);
  if (!found.value) return <p class="soft small">{say("loading")}</p>;
  return (
    <ul class="stack quotes">
      {found.value.map(
        (one) =>
          one && (
            <li key={one.id}>
              <a href={address("memories", { id: one.id })} dir="auto">
                {one.text.slice(0, 300)}
              </a>
              <span class="soft small">
                {" "}
                <bdi>{one.speaker}</bdi> <Stamp at={one.at} clock={false} />
              </span>
            </li>
          ),
      )}
    </ul>
  );
}
