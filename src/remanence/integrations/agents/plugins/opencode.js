// Remanence for opencode: each prompt is remembered and answered with what bears on it.
import { spawn } from "node:child_process"

const COMMAND = ["__COMMAND__"]

function hook(payload) {
  return new Promise((resolve) => {
    const [program, ...rest] = COMMAND
    const child = spawn(program, rest, { stdio: ["pipe", "pipe", "ignore"], timeout: 10000 })
    let said = ""
    child.on("error", () => resolve({}))
    child.stdout.on("data", (piece) => (said += piece))
    child.on("close", () => {
      try {
        resolve(JSON.parse(said))
      } catch {
        resolve({})
      }
    })
    child.stdin.on("error", () => {})
    child.stdin.end(JSON.stringify(payload))
  })
}

const words = (parts) =>
  (parts ?? [])
    .filter((part) => part.type === "text" && !part.synthetic)
    .map((part) => part.text)
    .join("\n")

export const Remanence = async ({ client, directory }) => {
  const brought = new Map()
  return {
    "chat.message": async (input, output) => {
      const said = await hook({
        hook_event_name: "UserPromptSubmit",
        session_id: input.sessionID,
        cwd: directory,
        turn_id: output.message?.id,
        prompt: words(output.parts),
      })
      brought.set(input.sessionID, said.hookSpecificOutput?.additionalContext)
    },
    "experimental.chat.system.transform": async (input, output) => {
      const context = input.sessionID ? brought.get(input.sessionID) : [...brought.values()].at(-1)
      if (context) output.system.push(context)
    },
    event: async ({ event }) => {
      if (event.type !== "session.idle") return
      const session = event.properties.sessionID
      const found = await client.session.messages({ path: { id: session } })
      const last = (found.data ?? []).filter((each) => each.info.role === "assistant").at(-1)
      if (!last) return
      await hook({
        hook_event_name: "Stop",
        session_id: session,
        cwd: directory,
        turn_id: last.info.id,
        last_assistant_message: words(last.parts),
      })
    },
  }
}
