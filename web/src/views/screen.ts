import { type CallState, type ErrorMessage, type ReadyMessage, type StateMessage } from "../control/messages";
import { takenOver } from "../control/ControlChannel";

/** Why the page can do nothing more. */
export type Dead = "no-session" | "program-gone" | "taken-over";

/** What went wrong last, as the program said it; shown until the next attempt. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type LivePhase = Exclude<CallState, "idle" | "ended">;

/** What the person sees. */
export type Screen =
  | { readonly at: "opening" }
  | { readonly at: "unsupported"; readonly missing: readonly string[] }
  | { readonly at: "dead"; readonly why: Dead }
  | { readonly at: "start"; readonly program: ReadyMessage; readonly trouble: Trouble | null }
  | {
      readonly at: "call";
      readonly program: ReadyMessage;
      readonly phase: LivePhase;
      readonly invitation: string | null;
      readonly trouble: Trouble | null;
    }
  | { readonly at: "ended"; readonly program: ReadyMessage; readonly reason: string | null; readonly trouble: Trouble | null };

type Living = Exclude<Screen, { readonly at: "unsupported" | "dead" }>;

export type ScreenEvent =
  | { readonly type: "unsupported"; readonly missing: readonly string[] }
  | { readonly type: "refused" }
  | { readonly type: "closed"; readonly code: number }
  | ReadyMessage
  | StateMessage
  | ErrorMessage
  | { readonly type: "join" }
  | { readonly type: "hang-up" }
  | { readonly type: "back" };

/** The codes after which a call that has begun goes on. */
const passing = new Set(["bad-request"]);

/** The next screen; the same object when the event changes nothing. Every event may come at every time: the program and the person do not wait for each other. */
export function next(screen: Screen, event: ScreenEvent): Screen {
  if (screen.at === "unsupported" || screen.at === "dead") return screen;
  switch (event.type) {
    case "unsupported":
      return { at: "unsupported", missing: event.missing };
    case "refused":
      return { at: "dead", why: "no-session" };
    case "closed":
      // Closed before the program said a word: it does not know this page (its token was used, it was started again).
      return { at: "dead", why: event.code === takenOver ? "taken-over" : screen.at === "opening" ? "no-session" : "program-gone" };
    case "ready":
      return screen.at === "opening" ? { at: "start", program: event, trouble: null } : screen;
    case "join":
      return screen.at === "start" || screen.at === "ended"
        ? { at: "call", program: screen.program, phase: "joining", invitation: null, trouble: null }
        : screen;
    case "hang-up":
      return screen.at === "call" ? { at: "ended", program: screen.program, reason: "you-hung-up", trouble: null } : screen;
    case "back":
      return screen.at === "ended" ? { at: "start", program: screen.program, trouble: screen.trouble } : screen;
    case "state":
      return afterState(screen, event);
    case "error":
      return afterError(screen, event);
  }
}

function afterState(screen: Living, { state, reason, invitation }: StateMessage): Screen {
  if (screen.at === "opening") return screen;
  switch (state) {
    case "idle":
      return screen.at === "call" ? { at: "start", program: screen.program, trouble: screen.trouble } : screen;
    case "ended":
      // A call that never was has no end: back to the form, with what went wrong.
      if (screen.at !== "call") return screen;
      // The program's answer to hanging up, when the next call is already asked for.
      if (screen.phase === "joining" && reason === "you-hung-up") return screen;
      return screen.trouble !== null && screen.phase !== "connected" && screen.phase !== "reconnecting"
        ? { at: "start", program: screen.program, trouble: screen.trouble }
        : { at: "ended", program: screen.program, reason, trouble: screen.trouble };
    default:
      // Left behind by a call that the person has ended.
      if (screen.at === "ended") return screen;
      // A page that was loaded again during a call finds itself in it.
      return {
        at: "call",
        program: screen.program,
        phase: state,
        invitation: invitation ?? (screen.at === "call" ? screen.invitation : null),
        trouble: screen.at === "call" && state !== "connected" ? screen.trouble : null,
      };
  }
}

function afterError(screen: Living, { code, message, remedy }: ErrorMessage): Screen {
  const trouble: Trouble = { code, message, remedy };
  switch (screen.at) {
    case "start":
      return { ...screen, trouble };
    case "ended":
      // The cause may be told just after the end.
      return screen.trouble === null ? { ...screen, trouble } : screen;
    case "call":
      return screen.phase === "joining" && !passing.has(code) ? { at: "start", program: screen.program, trouble } : { ...screen, trouble };
    default:
      return screen;
  }
}
