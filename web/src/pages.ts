// The pages of a list that is scrolled: an outline first, then only the pages that are looked at.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, type Query } from "./api";
import type { Episode } from "./types";

const STEP = 200; // episodes on a page
const HELD = 60; // pages kept; the one looked at longest ago goes first

interface Outline {
  total: number;
  cursors: string[];
}

export interface Pages {
  total: number;
  ready: boolean;
  error: unknown;
  at: (index: number) => Episode | undefined;
  want: (first: number, last: number) => void;
}

/** The episodes that `filters` let through, fetched where they are looked at. */
export function useEpisodes(filters: Query, again: unknown): Pages {
  const [, drawAgain] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const identity = JSON.stringify([filters, again]);
  const held = useRef({ identity: "", outline: null as Outline | null, pages: new Map<number, Episode[]>(), asked: new Set<number>(), control: new AbortController(), first: 0 });

  if (held.current.identity !== identity) {
    held.current.control.abort();
    held.current = { identity, outline: null, pages: new Map(), asked: new Set(), control: new AbortController(), first: 0 };
  }
  const state = held.current;
  const draw = () => held.current === state && drawAgain((n) => n + 1);

  async function load(page: number): Promise<void> {
    if (state.asked.has(page)) return;
    state.asked.add(page);
    const cursor = page === 0 ? undefined : state.outline?.cursors[page - 1];
    if (page > 0 && cursor === undefined) return;
    try {
      const found = await get<{ episodes: Episode[]; next: string | null }>("/v1/episodes", { ...filters, limit: STEP, cursor }, state.control.signal);
      state.pages.set(page, found.episodes);
      if (page === 0 && !state.outline) state.first = found.episodes.length + (found.next ? 1 : 0);
      if (state.pages.size > HELD) {
        const oldest = state.pages.keys().next().value!;
        state.pages.delete(oldest);
        state.asked.delete(oldest);
      }
      draw();
    } catch (failed) {
      state.asked.delete(page);
      if ((failed as Error).name !== "AbortError") setError(failed);
    }
  }

  useEffect(() => {
    setError(null);
    void load(0).then(() =>
      get<Outline>("/v1/outline", { ...filters, limit: STEP }, state.control.signal).then(
        (outline) => {
          state.outline = outline;
          draw();
        },
        (failed) => (failed as Error).name === "AbortError" || setError(failed),
      ),
    );
    return () => state.control.abort();
  }, [identity]);

  return {
    total: state.outline?.total ?? state.first,
    ready: state.pages.has(0) || state.outline !== null,
    error,
    at(index) {
      const page = Math.floor(index / STEP);
      const found = state.pages.get(page);
      if (found) {
        state.pages.delete(page); // looked at last: goes last
        state.pages.set(page, found);
      }
      return found?.[index % STEP];
    },
    want(first, last) {
      if (!state.outline && first > 0) return;
      for (let page = Math.floor(first / STEP); page <= Math.floor(Math.max(first, last - 1) / STEP); page++) void load(page);
    },
  };
}
