// What each arm of recall gave to a score, as a bar and as figures.
import { say, words } from "./state";
import type { Words } from "./words/en";

export const ARMS = ["lexical", "dense", "neighbourhood", "session", "speaker", "time", "answer", "manner", "graph"];

export function armName(arm: string): string {
  const name = `arm_${arm}`;
  return name in words.value ? say(name as keyof Words) : arm;
}

const colour = (arm: string): string => `var(--arm-${ARMS.includes(arm) ? arm : "manner"})`;

export function sorted(why: Record<string, number>): [string, number][] {
  return Object.entries(why)
    .filter(([, share]) => Math.abs(share) > 0.0005)
    .sort((a, b) => b[1] - a[1]);
}

/** Shares that speak for a memory, one beside the other. */
export function WhyBar({ why, most }: { why: Record<string, number>; most?: number }) {
  const shares = sorted(why).filter(([, share]) => share > 0);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  const full = Math.max(most ?? sum, sum, 1e-9);
  const told = shares.map(([arm, share]) => `${armName(arm)} ${share.toFixed(2)}`).join(", ");
  return (
    <div class="bar" role="img" aria-label={told || say("nothing")} title={told}>
      {shares.map(([arm, share]) => (
        <i key={arm} style={{ width: `${(100 * share) / full}%`, background: colour(arm) }} />
      ))}
    </div>
  );
}

/** Every share as a row: name, bar, figure. */
export function WhyTable({ why }: { why: Record<string, number> }) {
  const shares = sorted(why);
  const most = Math.max(...shares.map(([, share]) => Math.abs(share)), 1e-9);
  return (
    <div class="arms">
      {shares.flatMap(([arm, share]) => [
        <span key={`${arm}n`}>{armName(arm)}</span>,
        <span key={`${arm}b`} class="bar">
          <i style={{ width: `${(100 * Math.abs(share)) / most}%`, background: share < 0 ? "var(--strong-line)" : colour(arm) }} />
        </span>,
        <span key={`${arm}v`} class="number">
          {share > 0 ? "+" : ""}
          {share.toFixed(2)}
        </span>,
      ])}
    </div>
  );
}

export function Legend({ arms }: { arms: string[] }) {
  return (
    <ul class="legend">
      {arms.map((arm) => (
        <li key={arm}>
          <span class="dot" style={{ background: colour(arm) }} />
          {armName(arm)}
        </li>
      ))}
    </ul>
  );
}
