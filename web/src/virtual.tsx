// A list of any length of which only the rows in sight exist.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const BEYOND = 6; // rows kept above and below those in sight
const TALLEST = 8_000_000; // pixels: browsers lay out nothing much taller; beyond, scrolling is scaled

interface Props {
  total: number;
  height: number; // of a row, in pixels
  label: string;
  /** `active`: the one row that the tab key reaches. */
  row: (index: number, active: boolean) => ComponentChildren;
  /** Told which rows are in sight, so that they can be fetched. */
  onRange: (first: number, last: number) => void;
  onKey?: (event: KeyboardEvent, index: number) => void;
  /** Anything that changes when the list is another one: it then begins at its top. */
  identity: string;
}

/** The place of an element's row, from its `data-index`. */
export function indexOf(target: EventTarget | null): number {
  const item = (target as HTMLElement | null)?.closest?.("[data-index]");
  return item ? Number((item as HTMLElement).dataset.index) : -1;
}

export function VirtualList({ total, height, label, row, onRange, onKey, identity }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ top: 0, seen: 800 });
  const [active, setActive] = useState(0);
  const wanted = useRef(-1); // the row that is to have the focus once it exists

  const full = total * height;
  const tall = Math.min(full, TALLEST);
  const room = Math.max(1, tall - place.seen);
  const offset = full > tall ? (place.top / room) * (full - place.seen) : place.top;
  const first = Math.max(0, Math.floor(offset / height) - BEYOND);
  const last = Math.min(total, Math.ceil((offset + place.seen) / height) + BEYOND);
  const shift = place.top - offset; // 0 unless scaled

  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => setPlace({ top: element.scrollTop, seen: element.clientHeight || 800 });
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    let asked = 0;
    const onScroll = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(measure);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", onScroll);
      cancelAnimationFrame(asked);
    };
  }, []);
  useEffect(() => {
    if (box.current) box.current.scrollTop = 0;
    setActive(0);
  }, [identity]);
  useEffect(() => onRange(first, last), [first, last, total, identity]);
  useEffect(() => {
    if (wanted.current < 0) return;
    const found = box.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] button`);
    if (found) {
      wanted.current = -1;
      found.focus({ preventScroll: true });
    }
  });

  function reveal(index: number): void {
    const element = box.current!;
    const at = index * height;
    const scale = full > tall ? room / (full - place.seen) : 1;
    if (at < offset) element.scrollTop = at * scale;
    else if (at + height > offset + place.seen) element.scrollTop = (at + height - place.seen) * scale;
  }

  function focusRow(index: number): void {
    const target = Math.max(0, Math.min(total - 1, index));
    wanted.current = target;
    reveal(target);
    setActive(target);
    setPlace((before) => ({ ...before }));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = indexOf(event.target);
    if (at < 0) return;
    const step: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + Math.floor(place.seen / height),
      PageUp: at - Math.floor(place.seen / height),
      Home: 0,
      End: total - 1,
    };
    const to = step[event.key];
    if (to !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      focusRow(to);
    } else onKey?.(event, at);
  }

  // Where the active row is out of sight, the tab key reaches the first that is in sight.
  const inSight = Math.ceil(offset / height);
  const reached = active >= first && active < last ? active : inSight;
  const rows = [];
  for (let index = first; index < last; index++) {
    rows.push(
      <li key={index} class="item-place" data-index={index} aria-setsize={total} aria-posinset={index + 1} style={{ position: "absolute", insetInline: "0", top: `${index * height + shift}px`, height: `${height}px` }}>
        {row(index, index === reached)}
      </li>,
    );
  }
  return (
    <div class="list" ref={box} onKeyDown={onKeyDown} onFocusIn={(event) => indexOf(event.target) >= 0 && setActive(indexOf(event.target))} tabIndex={total ? -1 : 0} role="region" aria-label={label}>
      <ul style={{ height: `${tall}px` }}>{rows}</ul>
    </div>
  );
}
