import { type CallState, callStates, type PictureSize, type ProgramMessage, type Statistics } from "./messages";

/** The protocol's bound, in characters (of one byte or more): nothing longer is parsed. */
const largestMessage = 16 << 10;

/** A text is shown to people: beyond this it would only push the page around. */
const longestText = 500;

const mostSizes = 16;
const mostStages = 12;

/** Reads a text message of the program. Null = nothing that we know; never throws, whatever it holds. */
export function parseMessage(text: unknown): ProgramMessage | null {
  if (typeof text !== "string" || text.length > largestMessage) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  switch (value["type"]) {
    case "ready":
      return {
        type: "ready",
        version: string(value["version"]) ?? "",
        model: string(value["model"]) ?? "",
        sizes: sizes(value["sizes"]),
        server: string(value["server"]),
        room: string(value["room"]),
      };
    case "state":
      return isCallState(value["state"])
        ? { type: "state", state: value["state"], reason: string(value["reason"]), invitation: string(value["invitation"]) }
        : null;
    case "statistics":
      return { type: "statistics", ...statistics(value) };
    case "error": {
      const code = string(value["code"]);
      return code === null ? null : { type: "error", code, message: string(value["message"]) ?? "", remedy: string(value["remedy"]) ?? "" };
    }
    default:
      return null;
  }
}

function statistics(value: Record<string, unknown>): Statistics {
  return {
    send_kbps: number(value["send_kbps"]),
    receive_kbps: number(value["receive_kbps"]),
    send_fps: number(value["send_fps"]),
    receive_fps: number(value["receive_fps"]),
    loss_percent: number(value["loss_percent"]),
    rtt_ms: number(value["rtt_ms"]),
    latency_ms: number(value["latency_ms"]),
    freezes: number(value["freezes"]),
    longest_freeze_ms: number(value["longest_freeze_ms"]),
    recoveries: number(value["recoveries"]),
    estimate_kbps: number(value["estimate_kbps"]),
    stages_ms: stages(value["stages_ms"]),
  };
}

function stages(value: unknown): [string, number][] {
  if (!isRecord(value)) return [];
  const found: [string, number][] = [];
  for (const [name, entry] of Object.entries(value)) {
    const ms = number(entry);
    if (ms !== null && found.length < mostStages) found.push([name.slice(0, 32), ms]);
  }
  return found;
}

function sizes(value: unknown): PictureSize[] {
  if (!Array.isArray(value)) return [];
  const found: PictureSize[] = [];
  for (const entry of value.slice(0, mostSizes) as unknown[]) {
    if (!Array.isArray(entry)) continue;
    const [width, height] = entry as unknown[];
    if (isSide(width) && isSide(height)) found.push({ width, height });
  }
  return found;
}

/** Even, as 4:2:0 needs, and no larger than what one item of 4 MiB holds. */
function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 16 && value <= 1920 && value % 2 === 0;
}

function isCallState(value: unknown): value is CallState {
  return callStates.some((state) => state === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, longestText) : null;
}

/** Measures are never negative; JSON has neither NaN nor infinity, but 1e999 is read as one. */
function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
