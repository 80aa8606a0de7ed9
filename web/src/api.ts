// Calls of REST: the key goes with each, a refusal becomes a Problem with what it says.
import { key, namespace, signOut } from "./state";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
  ) {
    super(detail);
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function query(given: Query): string {
  const pairs = Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

async function refused(answer: Response): Promise<Problem> {
  if (answer.status === 401) signOut();
  const told = await answer.json().catch(() => ({}));
  const kind = String(told.type ?? "").split(":").pop() ?? "";
  return new Problem(answer.status, kind, told.detail ?? told.error?.message ?? `HTTP ${answer.status}`);
}

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function request(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${key.value}`, ...options.headers };
  let body: string | undefined;
  if (options.body !== undefined) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers, body, signal: options.signal, credentials: "omit", redirect: "error" });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "the service does not answer; is `remanence serve` running?");
  }
  if (!answer.ok) throw await refused(answer);
  return answer;
}

async function call<T>(method: string, path: string, options?: Options): Promise<T> {
  const answer = await request(method, path, options);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** GET in the chosen namespace. */
export function get<T>(path: string, given: Query = {}, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", path + query({ namespace: namespace.value, ...given }), { signal });
}

/** GET of what belongs to no namespace. */
export const getPlain = <T>(path: string, given: Query = {}): Promise<T> => call<T>("GET", path + query(given));

export function post<T>(path: string, body: Record<string, unknown>, signal?: AbortSignal): Promise<T> {
  return call<T>("POST", path, { body: { namespace: namespace.value, ...clean(body) }, signal });
}

export const postPlain = <T>(path: string, body: Record<string, unknown>): Promise<T> =>
  call<T>("POST", path, { body: clean(body) });

export const del = <T>(path: string, given: Query = {}): Promise<T> =>
  call<T>("DELETE", path + query({ namespace: namespace.value, ...given }));

export const delPlain = (path: string): Promise<void> => call<void>("DELETE", path);

export function clean(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
}

/** An id as a segment of a path. */
export const segment = (id: string): string => encodeURIComponent(id);
