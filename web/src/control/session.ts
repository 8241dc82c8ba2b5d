/**
 * Exchanges the one-time token in the address (#token=…, which browsers never send) for a cookie that scripts cannot read, and takes the token out of
 * the address and the history.
 * @returns false when the program refused the token: it was used before, or is not its own
 */
export async function openSession(): Promise<boolean> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  // Without one, the page was loaded again: the cookie is still there, or the control socket will be refused.
  if (token === null) return true;
  history.replaceState(null, "", location.pathname);
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  return response.ok;
}

/** A WebSocket address at the page's own origin. */
export function socketAddress(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
