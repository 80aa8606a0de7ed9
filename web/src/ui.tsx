// Small pieces that every view is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { language, say, tell } from "./state";

/** Text of a memory: never markup, in the direction of its own script. */
export function Said({ text, class: name = "" }: { text: string; class?: string }) {
  return (
    <div class={`said wrap ${name}`} dir="auto">
      {text}
    </div>
  );
}

const FIRST = 20_000; // characters of a long text that are shown at first, and with each request

/** A text of any length, in pieces that a browser lays out at once. */
export function Long({ text }: { text: string }) {
  const [shown, setShown] = useState(FIRST);
  useEffect(() => setShown(FIRST), [text]);
  return (
    <div class="stack">
      <Said text={text.length > shown ? text.slice(0, shown) : text} />
      {text.length > shown && (
        <div class="row">
          <span class="soft small">{say("shownOf", { shown: count(shown), total: count(text.length) })}</span>
          <button class="button" onClick={() => setShown(shown + FIRST)}>
            {say("showMore")}
          </button>
        </div>
      )}
    </div>
  );
}

/** A sentence of the page; what stands between backticks is code. */
export function Prose({ text }: { text: string }) {
  return <>{text.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part))}</>;
}

export const count = (value: number): string => value.toLocaleString(language.value === "zh" ? "zh-CN" : "en-US");

export const day = (instant: string): string => instant.slice(0, 10);

/** An instant in the reader's own time. */
export function Stamp({ at, clock = true }: { at: string; clock?: boolean }) {
  const read = new Date(at);
  const shown = Number.isNaN(read.getTime())
    ? at
    : read.toLocaleString(language.value === "zh" ? "zh-CN" : "en-GB", {
        year: "numeric",
        month: "short",
        day: "numeric",
        ...(clock ? { hour: "2-digit", minute: "2-digit" } : {}),
      });
  return (
    <time dateTime={at} title={at}>
      {shown}
    </time>
  );
}

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

export function Empty({ icon, title, children }: { icon?: ComponentChildren; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      {icon}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Busy({ what }: { what?: string }) {
  return (
    <div class="empty" role="status">
      <span class="spin" />
      <span>{what ?? say("loading")}</span>
    </div>
  );
}

export function Failed({ error }: { error: unknown }) {
  return (
    <p class="note danger" role="alert">
      {message(error)}
    </p>
  );
}

export function message(error: unknown): string {
  if (error instanceof Problem && error.status === 403) return say("mayNot", { detail: error.message });
  return error instanceof Error ? error.message : String(error);
}

/** Whether the window is at least `pixels` wide. */
export function useWide(pixels: number): boolean {
  const [wide, setWide] = useState(innerWidth >= pixels);
  useEffect(() => {
    const query = matchMedia(`(min-width: ${pixels}px)`);
    const change = () => setWide(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, [pixels]);
  return wide;
}

export interface Answer<T> {
  value: T | null;
  error: unknown;
  busy: boolean;
}

/** What `read` gives, read again when one of `on` changes; the answer of an older question is dropped. */
export function useAnswer<T>(read: (signal: AbortSignal) => Promise<T>, on: unknown[], asked = true): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ value: null, error: null, busy: asked });
  useEffect(() => {
    if (!asked) {
      setAnswer({ value: null, error: null, busy: false });
      return;
    }
    const control = new AbortController();
    setAnswer((before) => ({ ...before, error: null, busy: true }));
    read(control.signal).then(
      (value) => control.signal.aborted || setAnswer({ value, error: null, busy: false }),
      (error) => control.signal.aborted || setAnswer({ value: null, error, busy: false }),
    );
    return () => control.abort();
  }, [...on, asked]);
  return answer;
}

export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={box} aria-label={title} class={wide ? "wide" : ""} onClose={onClose} onCancel={onClose}>
      <div class="inner">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

export function Segments<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: [T, string][]; onChange: (value: T) => void }) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map(([name, shown]) => (
        <button key={name} type="button" aria-pressed={value === name} onClick={() => onChange(name)}>
          {shown}
        </button>
      ))}
    </div>
  );
}

export async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  tell(say("copied"));
}

/** Hand a value over as a file. */
export function download(name: string, value: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: "application/json" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export type InputEvent = JSX.TargetedEvent<HTMLInputElement>;
