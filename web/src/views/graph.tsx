// The graph around one entity: a drawing that can be walked by keyboard, and the same as a table.
import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, type SimulationLinkDatum, type SimulationNodeDatum } from "d3-force";
import { Network } from "lucide-preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { address, changes, go, namespace, route, say } from "../state";
import type { Fact } from "../types";
import { Busy, Empty, Failed, Field, Segments, day, useAnswer } from "../ui";
import { useNames } from "./facts";

interface GraphNode {
  name: string;
  kind: string;
  distance: number;
}
interface Found {
  nodes: GraphNode[];
  facts: Fact[];
  more: boolean;
}
interface Placed extends SimulationNodeDatum, GraphNode {}
interface Edge extends SimulationLinkDatum<Placed> {
  fact: Fact;
}

const WIDTH = 900;
const HEIGHT = 620;

export function Graph() {
  const params = route.value.params;
  const subject = params.get("subject") ?? "";
  const depth = params.get("depth") ?? "2";
  const asOf = params.get("as_of") ?? "";
  const [shape, setShape] = useState<"drawing" | "table">("drawing");
  const known = useNames("");
  const names = known.value?.names ?? [];
  const found = useAnswer((signal) => get<Found>("/v1/graph", { subject, depth, as_of: asOf, limit: 200 }, signal), [subject, depth, asOf, namespace.value, changes.value], subject !== "");
  const set = (change: Record<string, string>) => go("graph", { subject, depth: depth === "2" ? "" : depth, as_of: asOf, ...change }, true);
  useEffect(() => {
    if (!subject && names.length) set({ subject: names[0]! });
  }, [subject, names[0]]);
  return (
    <div class="view">
      <header>
        <h1>{say("graph")}</h1>
        <p>{say("graphHint")}</p>
      </header>
      {known.value && !names.length ? (
        <Empty icon={<Network size={34} />} title={say("noFacts")}>
          <p>{say("noFactsHint")}</p>
        </Empty>
      ) : (
        <>
          <div class="filters">
            <Field label={say("centre")}>
              <input class="input" list="names" dir="auto" value={subject} onChange={(event) => set({ subject: event.currentTarget.value.trim() })} />
              <datalist id="names">
                {names.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </Field>
            <Field label={say("steps")}>
              <select class="input" value={depth} onChange={(event) => set({ depth: event.currentTarget.value })}>
                {["1", "2", "3", "4"].map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </Field>
            <Field label={say("asOf")}>
              <input class="input" type="date" value={asOf} onChange={(event) => set({ as_of: event.currentTarget.value })} />
            </Field>
            <Segments
              label={say("graph")}
              value={shape}
              options={[
                ["drawing", say("drawing")],
                ["table", say("table")],
              ]}
              onChange={setShape}
            />
          </div>
          <div class="body">
            {found.error ? (
              <Failed error={found.error} />
            ) : !found.value ? (
              subject && <Busy />
            ) : (
              <>
                {found.value.more && <p class="note warn">{say("graphMore")}</p>}
                {shape === "drawing" ? <Drawing found={found.value} centre={subject} onOpen={(name) => set({ subject: name })} /> : <Table facts={found.value.facts} />}
              </>
            )}
          </div>
        </>
      )}
    </div>
  );
}

/** Where each node stands after the forces have come to rest. */
function laidOut(found: Found): { nodes: Placed[]; edges: Edge[] } {
  const nodes: Placed[] = found.nodes.map((node) => ({ ...node, ...(node.distance === 0 ? { fx: 0, fy: 0 } : {}) }));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const edges: Edge[] = found.facts
    .filter((fact) => byName.has(fact.subject) && byName.has(fact.object))
    .map((fact) => ({ source: byName.get(fact.subject)!, target: byName.get(fact.object)!, fact }));
  const simulation = forceSimulation(nodes)
    .force("link", forceLink<Placed, Edge>(edges).distance(165).strength(0.5))
    .force("charge", forceManyBody().strength(-1100))
    .force("collide", forceCollide(58))
    .force("centre", forceCenter(0, 0).strength(0.05))
    .stop();
  simulation.tick(240);
  return { nodes, edges };
}

function Drawing({ found, centre, onOpen }: { found: Found; centre: string; onOpen: (name: string) => void }) {
  const { nodes, edges } = useMemo(() => laidOut(found), [found]);
  const [marked, setMarked] = useState("");
  const [zoom, setZoom] = useState(1);
  const canvas = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = canvas.current!;
    box.scrollTo((box.scrollWidth - box.clientWidth) / 2, (box.scrollHeight - box.clientHeight) / 2);
  }, [found, zoom]);
  const xs = nodes.map((node) => node.x ?? 0);
  const ys = nodes.map((node) => node.y ?? 0);
  const left = Math.min(-WIDTH / 4, ...xs) - 90;
  const top = Math.min(-HEIGHT / 4, ...ys) - 60;
  const wide = Math.max(WIDTH / 4, ...xs) + 90 - left;
  const tall = Math.max(HEIGHT / 4, ...ys) + 60 - top;
  return (
    <figure class="card drawing">
      <div class="row tight zoom">
        <button class="button icon" aria-label={say("zoomOut")} onClick={() => setZoom(Math.max(0.5, zoom / 1.3))}>
          −
        </button>
        <button class="button icon" aria-label={say("zoomIn")} onClick={() => setZoom(Math.min(4, zoom * 1.3))}>
          +
        </button>
      </div>
      <div class="canvas" ref={canvas} tabIndex={0} role="group" aria-label={say("graphOf", { name: centre })}>
        <svg viewBox={`${left} ${top} ${wide} ${tall}`} style={{ width: `${100 * zoom}%`, height: zoom === 1 ? undefined : "auto" }}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8Z" class="tip" />
            </marker>
          </defs>
          {edges.map((edge, index) => (
            <EdgeLine key={index} edge={edge} strong={marked !== "" && [edge.fact.subject, edge.fact.object].includes(marked)} />
          ))}
          {nodes.map((node) => (
            <g
              key={node.name}
              class={node.distance === 0 ? "node centre" : "node"}
              transform={`translate(${node.x},${node.y})`}
              role="button"
              tabIndex={0}
              aria-label={`${node.name} (${edges.filter((edge) => [edge.fact.subject, edge.fact.object].includes(node.name)).length})`}
              onFocus={() => setMarked(node.name)}
              onMouseEnter={() => setMarked(node.name)}
              onMouseLeave={() => setMarked("")}
              onClick={() => onOpen(node.name)}
              onKeyDown={(event) => {
                if (event.key === "Enter" || event.key === " ") {
                  event.preventDefault();
                  onOpen(node.name);
                }
              }}
            >
              <circle r={node.distance === 0 ? 13 : 9} class={`d${Math.min(2, node.distance)}`} />
              <text y={node.distance === 0 ? 31 : 26} text-anchor="middle">
                {node.name.length > 24 ? `${node.name.slice(0, 23)}…` : node.name}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <figcaption class="soft small">{say("graphLegend")}</figcaption>
    </figure>
  );
}

function EdgeLine({ edge, strong }: { edge: Edge; strong: boolean }) {
  const source = edge.source as Placed;
  const target = edge.target as Placed;
  const dx = (target.x ?? 0) - (source.x ?? 0);
  const dy = (target.y ?? 0) - (source.y ?? 0);
  const length = Math.hypot(dx, dy) || 1;
  const shorten = (from: number, by: number, along: number) => from + (by * along) / length;
  const x1 = shorten(source.x ?? 0, dx, 14);
  const y1 = shorten(source.y ?? 0, dy, 14);
  const x2 = shorten(source.x ?? 0, dx, length - 15);
  const y2 = shorten(source.y ?? 0, dy, length - 15);
  const { fact } = edge;
  const span = [fact.valid_from && day(fact.valid_from), fact.valid_until && day(fact.valid_until)];
  const told = span[0] || span[1] ? `${span[0] ?? ""}–${span[1] ?? ""}` : "";
  return (
    <g class={strong ? "edge strong" : "edge"}>
      <line x1={x1} y1={y1} x2={x2} y2={y2} marker-end="url(#arrow)" class={fact.valid_until ? "ended" : ""} />
      <text x={(x1 + x2) / 2} y={(y1 + y2) / 2 - 4} text-anchor="middle">
        {fact.relation.replaceAll("_", " ")}
        {told && (
          <tspan x={(x1 + x2) / 2} dy="12" class="when">
            {told}
          </tspan>
        )}
      </text>
    </g>
  );
}

function Table({ facts }: { facts: Fact[] }) {
  return (
    <div class="card scroll">
      <table>
        <thead>
          <tr>
            <th>{say("subject")}</th>
            <th>{say("relation")}</th>
            <th>{say("object")}</th>
            <th>{say("since")}</th>
            <th>{say("until")}</th>
            <th>{say("support")}</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((fact) => (
            <tr key={fact.id}>
              <td>
                <a href={address("facts", { subject: fact.subject })}>
                  <bdi>{fact.subject}</bdi>
                </a>
              </td>
              <td>{fact.relation.replaceAll("_", " ")}</td>
              <td>
                <bdi>{fact.object}</bdi>
              </td>
              <td>{fact.valid_from ? day(fact.valid_from) : ""}</td>
              <td>{fact.valid_until ? day(fact.valid_until) : ""}</td>
              <td class="number">{fact.support}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
