// What the whole page shares: the key, what it may do, the namespace, the route, the looks.
import { computed, effect, signal } from "@preact/signals";
import type { Caller, NamespaceCount } from "./types";
import { english, type Words } from "./words/en";
import { chinese } from "./words/zh";

const KEY = "remanence.key";
const STORES = [sessionStorage, localStorage];

function kept(name: string): string {
  return localStorage.getItem(`remanence.${name}`) ?? "";
}

// ---- the key ---------------------------------------------------------------------------------

export const key = signal(STORES.map((store) => store.getItem(KEY)).find(Boolean) ?? "");
export const caller = signal<Caller | null>(null);

/** Take the key from the printed link, and the link out of the address and the history. */
export function adoptLink(): void {
  const found = /^#key=([^&]+)$/.exec(location.hash);
  if (!found) return;
  signIn(decodeURIComponent(found[1]!), false);
  history.replaceState(null, "", location.pathname + "#/memories");
}

export function signIn(value: string, stay: boolean): void {
  STORES.forEach((store) => store.removeItem(KEY));
  (stay ? localStorage : sessionStorage).setItem(KEY, value);
  key.value = value;
}

export function signOut(): void {
  STORES.forEach((store) => store.removeItem(KEY));
  key.value = "";
  caller.value = null;
}

export const may = (scope: string): boolean => caller.value?.scopes.includes(scope) ?? false;

// ---- where --------------------------------------------------------------------------------------

export interface Route {
  view: string;
  params: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { view: path || "memories", params: new URLSearchParams(query) };
}

export const route = signal<Route>(read());
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#key=")) adoptLink();
  route.value = read();
});

export function address(view: string, params: Record<string, string | undefined> = {}): string {
  const given = Object.entries(params).filter((pair): pair is [string, string] => !!pair[1]);
  const query = new URLSearchParams(given).toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** Go to a view; `replace` leaves no step behind in the history. */
export function go(view: string, params: Record<string, string | undefined> = {}, replace = false): void {
  const to = address(view, params);
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  route.value = read();
}

export const namespace = signal(kept("namespace"));
export const namespaces = signal<NamespaceCount[]>([]);
/** Rises when what is remembered has changed, so that what is shown is read again. */
export const changes = signal(0);

// ---- looks --------------------------------------------------------------------------------------

export type Theme = "light" | "dark" | "system";
export const theme = signal<Theme>((kept("theme") as Theme) || "system");
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", (event) => (systemDark.value = event.matches));

export type Language = "en" | "zh";
export const language = signal<Language>(
  (kept("language") as Language) || (navigator.language.startsWith("zh") ? "zh" : "en"),
);
const TABLES: Record<Language, Words> = { en: english, zh: chinese };
export const words = computed(() => TABLES[language.value]);

/** A sentence of the table, its {places} filled. */
export function say(name: keyof Words, given: Record<string, string | number> = {}): string {
  return words.value[name].replace(/\{(\w+)\}/g, (_, place: string) => String(given[place] ?? ""));
}

effect(() => {
  const dark = theme.value === "dark" || (theme.value === "system" && systemDark.value);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
  localStorage.setItem("remanence.theme", theme.value);
  localStorage.setItem("remanence.language", language.value);
  if (namespace.value) localStorage.setItem("remanence.namespace", namespace.value);
});

// ---- what is said in passing --------------------------------------------------------------------

export const notice = signal("");
let timer = 0;
export function tell(text: string): void {
  notice.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => (notice.value = ""), 6000);
}
