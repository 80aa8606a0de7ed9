// Remanence for OpenClaw: each prompt is remembered and answered with what bears on it.
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

const words = (content) =>
  typeof content === "string"
    ? content
    : (content ?? [])
        .filter((block) => block.type === "text")
        .map((block) => block.text)
        .join("\n")

export default {
  id: "remanence",
  register(api) {
    api.on("before_prompt_build", async (event, context) => {
      const said = await hook({
        hook_event_name: "UserPromptSubmit",
        session_id: context?.sessionKey,
        cwd: context?.workspaceDir,
        prompt: event.prompt,
      })
      const brought = said.hookSpecificOutput?.additionalContext
      return brought ? { prependContext: brought } : undefined
    })
    api.on("agent_end", async (event, context) => {
      const last = (event.messages ?? []).filter((each) => each.role === "assistant").at(-1)
      if (!event.success || !last) return
      await hook({
        hook_event_name: "Stop",
        session_id: context?.sessionKey,
        cwd: context?.workspaceDir,
        last_assistant_message: words(last.content),
      })
    })
  },
}
