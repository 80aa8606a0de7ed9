// Memories: a list that is scrolled, filtered and searched; one of them beside it.
import { Brain, Plus, Search, SearchX, SlidersHorizontal, Trash2 } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../api";
import { useEpisodes } from "../pages";
import { changes, go, may, namespace, route, say } from "../state";
import type { Recollection } from "../types";
import { count, Empty, Failed, Field, Stamp, useAnswer, useWide } from "../ui";
import { VirtualList } from "../virtual";
import { WhyBar } from "../why";
import { Detail } from "./detail";
import { Editor } from "./editor";
import { Forgetting } from "./forgetting";

const HEIGHT = 90; // pixels of a row: two lines of text
const LINE = 22; // of a further line, or of one less
const FOUND = 100; // recollections of a search

interface Shown {
  id: string;
  text: string;
  speaker: string | null;
  session: string | null;
  at: string;
  found?: Recollection;
}

export function Memories() {
  const params = route.value.params;
  const asked = params.get("q") ?? "";
  const open = params.get("id") ?? "";
  const filters = {
    session: params.get("session") ?? "",
    speaker: params.get("speaker") ?? "",
    since: params.get("since") ?? "",
    until: params.get("until") ?? "",
  };
  const order = params.get("order") ?? "newest";
  const lines = useWide(1200) && !open ? 1 : 2;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const [forgetting, setForgetting] = useState(false);

  const pages = useEpisodes({ ...filters, order }, [namespace.value, changes.value]);
  const search = useAnswer(
    (signal) => post<{ recollections: Recollection[] }>("/v1/recall", { query: asked, k: FOUND, ...filters }, signal),
    [asked, JSON.stringify(filters), namespace.value, changes.value],
    asked !== "",
  );
  const found = asked ? (search.value?.recollections ?? []) : null;
  const total = found ? found.length : pages.total;
  const at = (index: number): Shown | undefined => {
    if (!found) return pages.at(index);
    const one = found[index];
    return one && { ...one, found: one };
  };
  const set = (change: Record<string, string>) =>
    go("memories", { q: asked, ...filters, order: order === "newest" ? "" : order, ...change }, true);
  const filtered = Object.values(filters).some(Boolean);
  const error = asked ? search.error : pages.error;
  const ready = asked ? !search.busy || found!.length > 0 : pages.ready;

  function toggle(id: string): void {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  }

  return (
    <div class="view">
      <header>
        <h1>{say("memories")}</h1>
        <span class="chip" role="status">
          {found ? say("foundCount", { count: count(total) }) : total === 1 ? say("oneMemory") : say("memoriesCount", { count: count(total) })}
        </span>
        <span class="end row">
          {may("delete") && (
            <button class="button" onClick={() => setForgetting(true)}>
              <Trash2 size={15} />
              {chosen.size ? say("selected", { count: chosen.size }) + " · " + say("forgetSelected") : say("forgetMany")}
            </button>
          )}
          {may("write") && (
            <button class="button primary" onClick={() => setAdding(true)}>
              <Plus size={16} />
              {say("addMemory")}
            </button>
          )}
        </span>
      </header>
      <Bar asked={asked} filters={filters} order={order} set={set} filtered={filtered} />
      {error ? (
        <div class="body">
          <Failed error={error} />
        </div>
      ) : ready && total === 0 ? (
        asked || filtered ? (
          <Empty icon={<SearchX size={34} />} title={say("noMatch")}>
            <p>{say("noMatchHint")}</p>
          </Empty>
        ) : (
          <Empty icon={<Brain size={34} />} title={say("noMemories")}>
            <p>{say("noMemoriesHint")}</p>
          </Empty>
        )
      ) : (
        <div class={`split${open ? " open" : ""}${lines === 1 ? " one-line" : ""}`}>
          <VirtualList
            total={total}
            height={HEIGHT + LINE * (lines - 2 + (found ? 1 : 0))}
            label={say("memories")}
            identity={JSON.stringify([asked, filters, order, namespace.value])}
            onRange={found ? () => undefined : pages.want}
            onKey={(event, index) => {
              const item = at(index);
              if (event.key === "x" && item) toggle(item.id);
              if (event.key === "Escape" && open) set({ id: "" });
            }}
            row={(index, active) => <Row item={at(index)} active={active} chosen={chosen} open={open} onToggle={toggle} onOpen={(id) => set({ id })} />}
          />
          {open && <Detail id={open} found={found?.find((one) => one.id === open)} onClose={() => set({ id: "" })} />}
        </div>
      )}
      {adding && <Editor onClose={() => setAdding(false)} />}
      {forgetting && (
        <Forgetting
          ids={[...chosen]}
          given={filters}
          onClose={(done) => {
            setForgetting(false);
            if (done) setChosen(new Set());
          }}
        />
      )}
    </div>
  );
}

function Row({ item, active, chosen, open, onToggle, onOpen }: { item: Shown | undefined; active: boolean; chosen: ReadonlySet<string>; open: string; onToggle: (id: string) => void; onOpen: (id: string) => void }) {
  if (!item)
    return (
      <div class="item" aria-busy="true">
        <span class="grow">
          <span class="ghost" style={{ display: "block", width: "30%" }} />
          <span class="ghost" style={{ display: "block", width: "85%" }} />
        </span>
      </div>
    );
  const picked = chosen.has(item.id);
  return (
    <div class={picked || open === item.id ? "item chosen" : "item"}>
      <input type="checkbox" checked={picked} tabIndex={-1} aria-label={say("select", { id: item.id })} onChange={() => onToggle(item.id)} />
      <button type="button" tabIndex={active ? 0 : -1} onClick={() => onOpen(item.id)} aria-expanded={open === item.id}>
        <span class="meta">
          {item.speaker && (
            <b>
              <bdi>{item.speaker}</bdi>
            </b>
          )}
          <Stamp at={item.at} />
          {item.session && (
            <span>
              <bdi>{item.session}</bdi>
            </span>
          )}
        </span>
        <span class="said" dir="auto">
          {item.text.slice(0, 400)}
        </span>
        {item.found && (
          <span class="why">
            <span title={say("relevance")}>{Math.round(item.found.relevance * 100)} %</span>
            <WhyBar why={item.found.why} />
          </span>
        )}
      </button>
    </div>
  );
}

interface Filters {
  session: string;
  speaker: string;
  since: string;
  until: string;
}

function Bar({ asked, filters, order, set, filtered }: { asked: string; filters: Filters; order: string; set: (change: Record<string, string>) => void; filtered: boolean }) {
  const [typed, setTyped] = useState(asked);
  const [shown, setShown] = useState(filtered);
  const timer = useRef(0);
  useEffect(() => setTyped(asked), [asked]);
  function type(value: string): void {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => set({ q: value.trim(), id: "" }), 350);
  }
  return (
    <>
      <div class="toolbar" role="search">
        <div class="search">
          <Search size={17} />
          <input class="input" type="search" aria-label={say("searchMemories")} placeholder={say("searchMemories")} dir="auto" value={typed} onInput={(event) => type(event.currentTarget.value)} />
          {!typed && <kbd aria-hidden="true">/</kbd>}
        </div>
        <button class="button" aria-expanded={shown} onClick={() => setShown(!shown)}>
          <SlidersHorizontal size={15} />
          {say("filters")}
        </button>
      </div>
      {shown && (
        <div class="filters">
          <Field label={say("speaker")}>
            <input class="input" dir="auto" value={filters.speaker} onChange={(event) => set({ speaker: event.currentTarget.value.trim() })} />
          </Field>
          <Field label={say("session")}>
            <input class="input" dir="auto" value={filters.session} onChange={(event) => set({ session: event.currentTarget.value.trim() })} />
          </Field>
          <Field label={say("since")}>
            <input class="input" type="date" value={filters.since} onChange={(event) => set({ since: event.currentTarget.value })} />
          </Field>
          <Field label={say("until")}>
            <input class="input" type="date" value={filters.until} onChange={(event) => set({ until: event.currentTarget.value })} />
          </Field>
          {!asked && (
            <Field label={say("order")}>
              <select class="input" value={order} onChange={(event) => set({ order: event.currentTarget.value })}>
                <option value="newest">{say("newest")}</option>
                <option value="oldest">{say("oldest")}</option>
              </select>
            </Field>
          )}
          {filtered && (
            <button class="button plain" onClick={() => set({ session: "", speaker: "", since: "", until: "" })}>
              {say("clearFilters")}
            </button>
          )}
        </div>
      )}
    </>
  );
}

