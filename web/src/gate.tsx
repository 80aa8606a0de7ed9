// Sign-in with a key.
import { useState } from "preact/hooks";
import { Looks } from "./app";
import { say, signIn } from "./state";
import { Field, Prose } from "./ui";

export function Gate() {
  const [value, setValue] = useState("");
  const [stay, setStay] = useState(false);
  const [wrong, setWrong] = useState("");

  async function open(event: Event): Promise<void> {
    event.preventDefault();
    const given = value.trim().replace(/^.*#key=/, "");
    if (!given.startsWith("rmn_")) return setWrong(say("signInShape"));
    const answer = await fetch("/v1/caller", { headers: { authorization: `Bearer ${given}` } }).catch(() => null);
    if (answer?.status === 401) return setWrong(say("signInWrong"));
    signIn(given, stay);
  }

  return (
    <main class="gate">
      <form onSubmit={open}>
        <div class="brand">
          <img src={document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href} alt="" />
          <span>Remanence</span>
        </div>
        <h1>{say("signInTitle")}</h1>
        <p class="soft">
          <Prose text={say("signInHint")} />
        </p>
        <Field label={say("signInKey")}>
          <input class="input mono" type="password" autocomplete="current-password" spellcheck={false} required autofocus placeholder="rmn_…" value={value} onInput={(event) => setValue(event.currentTarget.value)} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? "wrong" : undefined} />
        </Field>
        {wrong && (
          <p class="note danger" id="wrong" role="alert">
            {wrong}
          </p>
        )}
        <label class="check">
          <input type="checkbox" checked={stay} onChange={(event) => setStay(event.currentTarget.checked)} />
          {say("signInStay")}
        </label>
        <button class="button primary" type="submit">
          {say("signIn")}
        </button>
        <Looks />
      </form>
    </main>
  );
}
