/** What page and program say to each other over /api/control (docs/local-client.md). */

export interface JoinRequest {
  readonly type: "join";
  readonly name: string;
  /** ws:// or wss:// address; "host" = this side is the server. */
  readonly server: string;
  readonly room: string;
  readonly token: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly kbps: number;
  readonly video: "page" | "none";
  readonly audio: "page" | "none";
}

/** Both directions of this side's media; 0 = off. */
export interface LabSetting {
  readonly loss_percent: number;
  readonly delay_ms: number;
  readonly rate_kbps: number;
}

export type PageMessage =
  | JoinRequest
  | { readonly type: "hangup" }
  | { readonly type: "camera" | "microphone"; readonly on: boolean }
  | { readonly type: "loudspeaker"; readonly delay_ms: number }
  | ({ readonly type: "lab" } & LabSetting);

export const callStates = ["idle", "joining", "waiting", "connecting", "connected", "reconnecting", "ended"] as const;
export type CallState = (typeof callStates)[number];

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface ReadyMessage {
  readonly type: "ready";
  readonly version: string;
  readonly model: string;
  readonly sizes: readonly PictureSize[];
  readonly server: string | null;
  readonly room: string | null;
}

export interface StateMessage {
  readonly type: "state";
  readonly state: CallState;
  readonly reason: string | null;
  /** What the other side types or opens, when this side is the server. */
  readonly invitation: string | null;
}

/** How the call goes; null = not measured. */
export interface Statistics {
  readonly send_kbps: number | null;
  readonly receive_kbps: number | null;
  readonly send_fps: number | null;
  readonly receive_fps: number | null;
  readonly loss_percent: number | null;
  readonly rtt_ms: number | null;
  readonly latency_ms: number | null;
  readonly freezes: number | null;
  readonly longest_freeze_ms: number | null;
  readonly recoveries: number | null;
  readonly estimate_kbps: number | null;
  /** Name of the stage, ms. */
  readonly stages_ms: readonly (readonly [string, number])[];
}

export type StatisticsMessage = { readonly type: "statistics" } & Statistics;

export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export type ProgramMessage = ReadyMessage | StateMessage | StatisticsMessage | ErrorMessage;
