/** What the person typed last time, so that a second call is two clicks. The token is not kept. */
export interface Remembered {
  readonly name: string;
  readonly server: string;
  readonly room: string;
  readonly hosts: boolean;
}

const key = "mlvcrtc-last";
const longest = 200;

export function recall(): Remembered {
  let stored: unknown = null;
  try {
    stored = JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    // Storage that is off or was written by something else: begin afresh.
  }
  const fields: Partial<Record<keyof Remembered, unknown>> = typeof stored === "object" && stored !== null ? stored : {};
  const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, longest) : "");
  return { name: text(fields.name), server: text(fields.server), room: text(fields.room), hosts: fields.hosts === true };
}

export function remember(typed: Remembered): void {
  try {
    localStorage.setItem(key, JSON.stringify(typed));
  } catch {
    // See above.
  }
}
