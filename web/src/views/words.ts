import { type DeviceProblem } from "../capture/devices";
import { type Dead, type LivePhase, type Trouble } from "./screen";

/** What the page says to people: the cause in one sentence, and what helps. */
export interface Words {
  readonly title: string;
  readonly remedy: string;
}

const troubles = new Map<string, Words>(
  Object.entries({
    "server-unreachable": {
      title: "The server cannot be reached.",
      remedy: "Check its address and your network. If the other side is the server: has it started, and are both on the same network?",
    },
    "room-full": { title: "Two people are in this room already.", remedy: "Choose another room name, and tell it to the other side." },
    "token-refused": { title: "The server does not accept the token.", remedy: "Ask whoever runs the server for a new one." },
    "no-connection": {
      title: "No way between the two machines was found.",
      remedy: "A firewall may block UDP. Try another network, or a server with a TURN relay.",
    },
    "bad-request": {
      title: "The program did not understand the page.",
      remedy: "Load the page again; if that does not help, start the program again.",
    },
    codec: { title: "The video codec does not work here.", remedy: "Start the program in a terminal: it says why." },
  }),
);

/** The program's own words come first: it knows more. */
export function troubleWords({ code, message, remedy }: Trouble): Words {
  const known = troubles.get(code);
  return {
    title: message || (known?.title ?? "Something went wrong."),
    remedy: remedy || (known?.remedy ?? "Try again."),
  };
}

export const deadWords: Record<Dead, Words> = {
  "no-session": {
    title: "This page has no key to the program.",
    remedy:
      "The address that mlvcrtc prints works once, so that nobody else can listen in. Start mlvcrtc again, or open the address that it shows now.",
  },
  "program-gone": { title: "The program has ended.", remedy: "Start mlvcrtc again: it opens a new page." },
  "taken-over": { title: "The call is in another window now.", remedy: "You can close this one." },
};

export const phaseWords: Record<LivePhase, Words> = {
  joining: { title: "Entering the room…", remedy: "" },
  waiting: { title: "Waiting for the other side", remedy: "The call begins by itself when somebody enters the same room." },
  connecting: { title: "Connecting…", remedy: "Looking for the best way between the two machines." },
  connected: { title: "Connected", remedy: "" },
  reconnecting: { title: "The connection is interrupted", remedy: "Looking for another way; the call goes on by itself." },
};

const endings = new Map<string, string>(
  Object.entries({
    "they-hung-up": "The other side has hung up.",
    "you-hung-up": "You have hung up.",
    "we-hung-up": "You have hung up.",
    "time-is-up": "The time of this call is over.",
    "connection-lost": "The connection was lost and not found again.",
  }),
);

export function endingWords(reason: string | null): string {
  return endings.get(reason ?? "") ?? "The call has ended.";
}

export function deviceWords(device: "camera" | "microphone" | "screen", problem: DeviceProblem): Words {
  const Device = device === "camera" ? "Camera" : device === "microphone" ? "Microphone" : "Screen";
  switch (problem) {
    case "permission-denied":
      return {
        title: `The browser may not use the ${device}.`,
        remedy: "Allow it at the left of the address bar, or in the system's privacy settings; then try again.",
      };
    case "not-found":
      return { title: `No ${device} found.`, remedy: `You can join without one; connect one and it appears in the list.` };
    case "in-use":
      return { title: `The ${device} cannot be opened.`, remedy: "Another program may be using it: close that, then try again." };
    case "unplugged":
      return {
        title: device === "screen" ? "Screen sharing has ended." : `${Device} unplugged.`,
        remedy: device === "screen" ? "" : "The call goes on. Connect it again, or choose another.",
      };
    case "failed":
      return { title: `The ${device} does not work.`, remedy: "Choose another, or try again." };
  }
}
