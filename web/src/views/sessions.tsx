// Sessions as conversations, and what the proxies did lately.
import { MessagesSquare } from "lucide-preact";
import { useState } from "preact/hooks";
import { get } from "../api";
import { address, changes, go, namespace, route, say } from "../state";
import type { Episode, Session } from "../types";
import { Busy, Empty, Failed, Segments, Stamp, count, useAnswer } from "../ui";

interface Exchange {
  at: string;
  dialect: string;
  model: string;
  session: string | null;
  memory: string;
  status: number;
  milliseconds: number;
}

export function Sessions() {
  const open = route.value.params.get("session") ?? "";
  const tab = route.value.params.get("tab") === "traffic" ? "traffic" : "sessions";
  return (
    <div class="view">
      <header>
        <h1>{say("sessions")}</h1>
        <Segments
          label={say("sessions")}
          value={tab}
          options={[
            ["sessions", say("sessions")],
            ["traffic", say("traffic")],
          ]}
          onChange={(next) => go("sessions", { tab: next === "traffic" ? "traffic" : "" }, true)}
        />
        <p>{say(tab === "traffic" ? "trafficHint" : "sessionsHint")}</p>
      </header>
      {tab === "traffic" ? <Traffic /> : open ? <Conversation name={open} /> : <List />}
    </div>
  );
}

function List() {
  const [cursors, setCursors] = useState<(string | undefined)[]>([undefined]);
  const pages = useAnswer(
    (signal) => Promise.all(cursors.map((cursor) => get<{ sessions: Session[]; next: string | null }>("/v1/sessions", { cursor, limit: 200 }, signal))),
    [cursors.length, namespace.value, changes.value],
  );
  if (pages.error) return <div class="body"><Failed error={pages.error} /></div>;
  if (!pages.value) return <Busy />;
  const all = pages.value.flatMap((page) => page.sessions);
  const next = pages.value.at(-1)?.next;
  if (!all.length)
    return (
      <Empty icon={<MessagesSquare size={34} />} title={say("noSessions")}>
        <p>{say("noSessionsHint")}</p>
      </Empty>
    );
  return (
    <div class="body">
      <ul class="tiles">
        {all.map((one) => (
          <li key={one.session}>
            <a class="tile" href={address("sessions", { session: one.session })}>
              <b>
                <bdi>{one.session}</bdi>
              </b>
              <span class="soft small">
                <Stamp at={one.first} clock={false} />
                {one.first.slice(0, 10) !== one.last.slice(0, 10) && (
                  <>
                    {" – "}
                    <Stamp at={one.last} clock={false} />
                  </>
                )}
              </span>
              <span class="chip">{one.episodes === 1 ? say("oneMemory") : say("memoriesCount", { count: count(one.episodes) })}</span>
            </a>
          </li>
        ))}
      </ul>
      {next && (
        <button class="button" onClick={() => setCursors([...cursors, next])}>
          {say("showMore")}
        </button>
      )}
    </div>
  );
}

function Conversation({ name }: { name: string }) {
  const [limit, setLimit] = useState(200);
  const found = useAnswer((signal) => get<{ episodes: Episode[]; next: string | null }>("/v1/episodes", { session: name, order: "oldest", limit }, signal), [name, limit, namespace.value, changes.value]);
  const speakers = [...new Set(found.value?.episodes.map((one) => one.speaker))];
  return (
    <div class="body">
      <div class="stack talk">
        <div class="row">
          <a class="button" href={address("sessions")}>
            ← {say("sessions")}
          </a>
          <h2>
            <bdi>{name}</bdi>
          </h2>
        </div>
        {found.error ? <Failed error={found.error} /> : !found.value ? <Busy /> : null}
        <ol class="bubbles">
          {found.value?.episodes.map((one) => (
            <li key={one.id} class={speakers.indexOf(one.speaker) % 2 ? "bubble other" : "bubble"}>
              <span class="row small soft">
                <b>
                  <bdi>{one.speaker ?? say("unknownSpeaker")}</bdi>
                </b>
                <a href={address("memories", { id: one.source || one.id })}>
                  <Stamp at={one.at} />
                </a>
              </span>
              <div class="wrap" dir="auto">
                {one.text}
              </div>
            </li>
          ))}
        </ol>
        {found.value?.next && limit < 1000 && (
          <button class="button" onClick={() => setLimit(1000)}>
            {say("showMore")}
          </button>
        )}
      </div>
    </div>
  );
}

function Traffic() {
  const found = useAnswer((signal) => get<{ exchanges: Exchange[] }>("/v1/traffic", { limit: 500 }, signal), [namespace.value, changes.value]);
  if (found.error) return <div class="body"><Failed error={found.error} /></div>;
  if (!found.value) return <Busy />;
  if (!found.value.exchanges.length)
    return (
      <Empty icon={<MessagesSquare size={34} />} title={say("noTraffic")}>
        <p class="mono">
          OPENAI_BASE_URL={location.origin}/openai/v1
        </p>
        <p>{say("noTrafficHint")}</p>
      </Empty>
    );
  return (
    <div class="body">
      <div class="card scroll" tabIndex={0} role="region" aria-label={say("traffic")}>
        <table>
          <thead>
            <tr>
              <th>{say("at")}</th>
              <th>{say("format")}</th>
              <th>{say("model")}</th>
              <th>{say("session")}</th>
              <th>{say("memory")}</th>
              <th>{say("status")}</th>
              <th class="number">ms</th>
            </tr>
          </thead>
          <tbody>
            {found.value.exchanges.map((one, index) => (
              <tr key={index}>
                <td>
                  <Stamp at={one.at} />
                </td>
                <td>{one.dialect}</td>
                <td>
                  <bdi>{one.model}</bdi>
                </td>
                <td>{one.session && <a href={address("sessions", { session: one.session })}>{one.session}</a>}</td>
                <td class="mono">{one.memory}</td>
                <td>
                  <span class={one.status === 200 ? "chip accent" : "chip danger"}>{one.status || "–"}</span>
                </td>
                <td class="number">{count(one.milliseconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
