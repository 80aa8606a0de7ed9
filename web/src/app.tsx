// The frame: sign-in, the way between views, looks and language, keys that work everywhere.
import { type Signal, signal } from "@preact/signals";
import { BookOpenText, Brain, Command, FileUp, KeyRound, Languages, LogOut, type LucideIcon, Menu, MessageCircle, MessagesSquare, MoonStar, Network, ScanSearch } from "lucide-preact";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { getPlain } from "./api";
import { Gate } from "./gate";
import { address, caller, changes, go, key, language, may, namespace, namespaces, notice, route, say, signOut, theme, type Language, type Theme } from "./state";
import type { Caller, NamespaceCount } from "./types";
import { Busy, Dialog, Failed, useAnswer } from "./ui";
import { Chat } from "./views/chat";
import { Facts } from "./views/facts";
import { Graph } from "./views/graph";
import { Import } from "./views/import";
import { Keys } from "./views/keys";
import { Memories } from "./views/memories";
import { Recall } from "./views/recall";
import { Sessions } from "./views/sessions";
import type { Words } from "./words/en";

interface View {
  name: keyof Words;
  letter: string; // after "g"
  icon: LucideIcon;
  show: ComponentType;
  scope?: string;
}

export const VIEWS: View[] = [
  { name: "memories", letter: "m", icon: Brain, show: Memories },
  { name: "recall", letter: "r", icon: ScanSearch, show: Recall },
  { name: "facts", letter: "f", icon: BookOpenText, show: Facts },
  { name: "graph", letter: "n", icon: Network, show: Graph },
  { name: "sessions", letter: "s", icon: MessagesSquare, show: Sessions },
  { name: "import", letter: "i", icon: FileUp, show: Import, scope: "write" },
  { name: "keys", letter: "k", icon: KeyRound, show: Keys, scope: "admin" },
  { name: "chat", letter: "c", icon: MessageCircle, show: Chat, scope: "proxy" },
];

const menu: Signal<boolean> = signal(false);
const help: Signal<boolean> = signal(false);

export function App() {
  if (!key.value) return <Gate />;
  return <Opened key={key.value} />;
}

function Opened() {
  const known = useAnswer(() => getPlain<Caller>("/v1/caller"), [key.value]);
  useEffect(() => {
    if (!known.value) return;
    caller.value = known.value;
    namespace.value ||= known.value.default_namespace ?? "default";
  }, [known.value]);
  useEffect(() => {
    if (!caller.value) return;
    getPlain<{ namespaces: NamespaceCount[] }>("/v1/namespaces", { limit: 1000 }).then(
      (found) => (namespaces.value = found.namespaces),
      () => (namespaces.value = []),
    );
  }, [caller.value, changes.value]);
  useShortcuts();
  if (known.error)
    return (
      <main class="gate">
        <div class="stack">
          <Failed error={known.error} />
          <button class="button" onClick={signOut}>
            {say("signOut")}
          </button>
        </div>
      </main>
    );
  if (!caller.value) return <Busy />;
  const allowed = VIEWS.filter((each) => !each.scope || may(each.scope));
  const view = allowed.find((each) => each.name === route.value.view) ?? allowed[0]!;
  return (
    <div class="frame">
      <a class="hidden" href="#content" onClick={skip}>
        {say("skip")}
      </a>
      <Top />
      <Side views={allowed} here={view.name} />
      <main class="main" id="content" tabIndex={-1}>
        <view.show key={`${view.name} ${namespace.value}`} />
      </main>
      {help.value && <Help views={allowed} />}
      <div class="live" aria-live="polite">{notice.value && <div class="toast">{notice.value}</div>}</div>
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Brand() {
  return (
    <div class="brand">
      <img src={document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href} alt="" />
      <span>Remanence</span>
    </div>
  );
}

function Top() {
  return (
    <header class="top">
      <button class="button plain icon" aria-label={say("menu")} aria-expanded={menu.value} onClick={() => (menu.value = true)}>
        <Menu size={20} />
      </button>
      <Brand />
    </header>
  );
}

function Side({ views, here }: { views: View[]; here: string }) {
  const known = namespaces.value.map((each) => each.namespace);
  const listed = known.includes(namespace.value) ? known : [namespace.value, ...known];
  return (
    <>
      {menu.value && <button class="shade" aria-label={say("close")} onClick={() => (menu.value = false)} />}
      <nav class={menu.value ? "side shown" : "side"} aria-label="Remanence">
        <Brand />
        <div class="ways">
          {views.map((view) => (
            <a key={view.name} href={address(view.name)} aria-current={view.name === here ? "page" : undefined} onClick={() => (menu.value = false)}>
              <view.icon size={17} />
              {say(view.name)}
            </a>
          ))}
        </div>
        <div class="foot">
          <label class="field">
            <span>{say("namespace")}</span>
            <select class="input" value={namespace.value} onChange={(event) => (namespace.value = event.currentTarget.value)}>
              {listed.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
          <Looks />
          <div class="row">
            <button class="button plain" onClick={() => (help.value = true)}>
              <Command size={15} />
              {say("shortcuts")}
            </button>
            <button class="button plain icon end" onClick={signOut} aria-label={say("signOut")} title={say("signOut")}>
              <LogOut size={16} />
            </button>
          </div>
          <span class="soft small">{say("version", { version: caller.value?.version ?? "" })}</span>
        </div>
      </nav>
    </>
  );
}

export function Looks() {
  return (
    <div class="row tight">
      <label class="row tight">
        <MoonStar size={15} />
        <span class="hidden">{say("theme")}</span>
        <select class="input looks" value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
          <option value="system">{say("system")}</option>
          <option value="light">{say("light")}</option>
          <option value="dark">{say("dark")}</option>
        </select>
      </label>
      <label class="row tight">
        <Languages size={15} />
        <span class="hidden">{say("language")}</span>
        <select class="input looks" value={language.value} onChange={(event) => (language.value = event.currentTarget.value as Language)}>
          <option value="en">English</option>
          <option value="zh" lang="zh">
            中文
          </option>
        </select>
      </label>
    </div>
  );
}

// ---- keys that work everywhere --------------------------------------------------------------------

function useShortcuts(): void {
  useEffect(() => {
    let leading = 0; // when "g" was pressed
    function onKey(event: KeyboardEvent): void {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && (target as HTMLInputElement).type !== "checkbox";
      if (event.key === "Escape") menu.value = false;
      if (typing) return;
      const view = VIEWS.find((each) => each.letter === event.key);
      if (Date.now() - leading < 1200 && view) {
        leading = 0;
        event.preventDefault();
        go(view.name);
      } else if (event.key === "g") leading = Date.now();
      else if (event.key === "/") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("input[type=search], textarea.ask")?.focus();
      } else if (event.key === "?") help.value = true;
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function Help({ views }: { views: View[] }) {
  const rows: [string, string][] = [
    ["/", say("k_search")],
    ["↑ ↓ PgUp PgDn Home End", say("k_move")],
    ["Enter", say("k_open")],
    ["x", say("k_select")],
    ["Esc", say("k_close")],
    ["?", say("k_help")],
    ...views.map((view): [string, string] => [`g ${view.letter}`, say(view.name)]),
  ];
  return (
    <Dialog title={say("shortcuts")} onClose={() => (help.value = false)}>
      <table>
        <tbody>
          {rows.map(([pressed, does]) => (
            <tr key={pressed}>
              <td>
                {pressed.split(" ").map((each) => (
                  <>
                    <kbd key={each}>{each}</kbd>{" "}
                  </>
                ))}
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <footer>
        <button class="button" onClick={() => (help.value = false)}>
          {say("close")}
        </button>
      </footer>
    </Dialog>
  );
}

