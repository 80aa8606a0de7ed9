// Keys: made, shown once, listed, ended.
import { KeyRound, Plus } from "lucide-preact";
import { useState } from "preact/hooks";
import { delPlain, getPlain, postPlain } from "../api";
import { caller, say, tell } from "../state";
import type { KeyInfo } from "../types";
import { Busy, copy, Dialog, Failed, Field, Stamp, message, useAnswer } from "../ui";
import type { Words } from "../words/en";

const SCOPES = ["read", "write", "delete", "admin", "proxy"] as const;

const ended = (info: KeyInfo): boolean => info.revoked || (info.expires !== null && Date.parse(info.expires) < Date.now());

export function Keys() {
  const [again, setAgain] = useState(0);
  const [all, setAll] = useState(false);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<KeyInfo | null>(null);
  const found = useAnswer(() => getPlain<{ keys: KeyInfo[] }>("/v1/keys"), [again]);
  const shown = found.value?.keys.filter((info) => all || !ended(info)) ?? [];
  return (
    <div class="view">
      <header>
        <h1>{say("keys")}</h1>
        <label class="check">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          {say("showEnded")}
        </label>
        <span class="end">
          <button class="button primary" onClick={() => setMaking(true)}>
            <Plus size={16} />
            {say("makeKey")}
          </button>
        </span>
        <p>{say("keysHint")}</p>
      </header>
      <div class="body">
        {found.error ? (
          <Failed error={found.error} />
        ) : !found.value ? (
          <Busy />
        ) : (
          <ul class="tiles">
            {shown.map((info) => (
              <li class="tile" key={info.id}>
                <span class="row">
                  <KeyRound size={15} />
                  <b>
                    <bdi>{info.label ?? info.id}</bdi>
                  </b>
                  {info.id === caller.value?.key && <span class="chip accent">{say("thisKey")}</span>}
                  {ended(info) && <span class="chip danger">{say(info.revoked ? "revoked" : "expired")}</span>}
                </span>
                <span class="row tight">
                  {info.scopes.map((scope) => (
                    <span class="chip" key={scope}>
                      {scope}
                    </span>
                  ))}
                </span>
                <dl class="pairs small">
                  <dt>{say("namespaces")}</dt>
                  <dd class="mono">{info.namespaces.join(", ") || "–"}</dd>
                  <dt>{say("created")}</dt>
                  <dd>
                    <Stamp at={info.created} />
                  </dd>
                  <dt>{say("lastUsed")}</dt>
                  <dd>{info.last_used ? <Stamp at={info.last_used} /> : "–"}</dd>
                  {info.expires && (
                    <>
                      <dt>{say("expires")}</dt>
                      <dd>
                        <Stamp at={info.expires} />
                      </dd>
                    </>
                  )}
                </dl>
                {!ended(info) && info.id !== caller.value?.key && (
                  <button class="button danger" onClick={() => setEnding(info)}>
                    {say("revoke")}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
      {making && (
        <Making
          onClose={() => {
            setMaking(false);
            setAgain(again + 1);
          }}
        />
      )}
      {ending && (
        <Dialog title={say("revokeTitle", { name: ending.label ?? ending.id })} onClose={() => setEnding(null)}>
          <p>{say("revokeHint")}</p>
          <footer>
            <button class="button" onClick={() => setEnding(null)}>
              {say("cancel")}
            </button>
            <button
              class="button danger primary"
              onClick={() =>
                delPlain(`/v1/keys/${ending.id}`)
                  .catch((error) => tell(message(error)))
                  .then(() => {
                    setEnding(null);
                    setAgain(again + 1);
                  })
              }
            >
              {say("revoke")}
            </button>
          </footer>
        </Dialog>
      )}
    </div>
  );
}

function Making({ onClose }: { onClose: () => void }) {
  const [label, setLabel] = useState("");
  const [reach, setReach] = useState("*");
  const [expires, setExpires] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read", "write"]);
  const [made, setMade] = useState("");
  const [error, setError] = useState<unknown>(null);
  if (made)
    return (
      <Dialog title={say("keyMade")} onClose={onClose}>
        <p>{say("keyMadeHint")}</p>
        <pre class="note wrap" tabIndex={0}>
          {made}
        </pre>
        <footer>
          <button class="button" onClick={() => copy(made)}>
            {say("copy")}
          </button>
          <button class="button primary" onClick={onClose}>
            {say("close")}
          </button>
        </footer>
      </Dialog>
    );
  return (
    <Dialog title={say("makeKey")} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const namespaces = reach.split(/[\s,]+/).filter(Boolean);
          postPlain<{ key: string }>("/v1/keys", { scopes, namespaces, label, expires }).then((answer) => setMade(answer.key), setError);
        }}
      >
        <Field label={say("label")}>
          <input class="input" dir="auto" autofocus value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
        </Field>
        <fieldset class="stack">
          <legend>{say("scopes")}</legend>
          {SCOPES.filter((scope) => caller.value?.scopes.includes(scope)).map((scope) => (
            <label class="check" key={scope}>
              <input type="checkbox" checked={scopes.includes(scope)} onChange={(event) => setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))} />
              <span>
                <b>{scope}</b> <span class="soft">{say(`scope_${scope}` as keyof Words)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label={say("namespacesHint")}>
          <input class="input mono" required value={reach} onInput={(event) => setReach(event.currentTarget.value)} />
        </Field>
        <Field label={say("expires")}>
          <input class="input" type="date" value={expires} onInput={(event) => setExpires(event.currentTarget.value)} />
        </Field>
        {!!error && <Failed error={error} />}
        <footer>
          <button class="button" type="button" onClick={onClose}>
            {say("cancel")}
          </button>
          <button class="button primary" type="submit" disabled={!scopes.length}>
            {say("makeKey")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
