// The value types of REST that the page shows.
export interface Caller {
  key: string;
  scopes: string[];
  namespaces: string[];
  default_namespace: string | null;
  version: string;
  upstreams: string[];
}
export interface NamespaceCount {
  namespace: string;
  episodes: number;
}
export interface Episode {
  id: string;
  text: string;
  speaker: string | null;
  session: string | null;
  at: string;
  namespace: string;
  recorded_at: string;
  version: number;
  source: string;
  metadata: Record<string, unknown>;
}
export interface Recollection {
  id: string;
  text: string;
  score: number;
  speaker: string | null;
  session: string | null;
  at: string;
  why: Record<string, number>;
  source: string;
  metadata: Record<string, unknown>;
  via: string | null;
  relevance: number;
  similarity: number;
}
export interface Version {
  version: number;
  text: string | null;
  speaker: string | null;
  session: string | null;
  at: string;
  recorded_at: string;
  current: boolean;
  redacted: boolean;
}
export interface Fact {
  id: string;
  subject: string;
  relation: string;
  object: string;
  state: string;
  confidence: number;
  support: number;
  sources: string[];
  recorded_at: string;
  valid_from: string | null;
  valid_until: string | null;
  superseded_by: string | null;
}
export interface Context {
  text: string;
  recollections: Recollection[];
  turns: Episode[];
  cut: string[];
  tokens: number;
  budget: number;
  degraded: string[];
  facts: Fact[];
}
export interface Receipt {
  namespace: string;
  selector: Record<string, string>;
  episodes: number;
  versions: number;
  terms: number;
  vectors: number;
  wal: string;
  at: string;
  facts: number;
  models: number;
  states: number;
  adapters: number;
}
export interface Session {
  session: string;
  episodes: number;
  first: string;
  last: string;
}
export interface KeyInfo {
  id: string;
  scopes: string[];
  namespaces: string[];
  label: string | null;
  created: string;
  expires: string | null;
  last_used: string | null;
  revoked: boolean;
}
