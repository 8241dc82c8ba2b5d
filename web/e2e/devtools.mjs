// Chromium by its DevTools protocol over a pipe, with nothing switched on that is not asked for: Playwright has every message of a page's sockets copied to it, which would cost more than what is measured.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";

/** Small: without a graphics card the processor draws the window, thirty times a second, and would be busy with little else. */
const windowSize = { width: 640, height: 480 };

/** Two pages of one browser: neither is to be taken for one that nobody looks at. */
const awake = ["--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-background-timer-throttling"];

/** Starts a browser without windows. */
export async function startDevtools({ options = [] } = {}) {
  const profile = mkdtempSync(path(tmpdir(), "mlvcrtc-browser-"));
  const child = spawn(
    process.env.CHROMIUM ?? "/usr/bin/chromium",
    ["--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-pipe", `--user-data-dir=${profile}`, ...awake, ...options],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const [, , , requests, answers] = child.stdio;
  const waiting = new Map();
  let count = 0;
  let unread = Buffer.alloc(0);
  answers.on("data", (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let end = unread.indexOf(0); end >= 0; end = unread.indexOf(0)) {
      const { id, result, error } = JSON.parse(unread.subarray(0, end).toString());
      unread = unread.subarray(end + 1);
      const caller = waiting.get(id);
      waiting.delete(id);
      if (error) caller?.reject(new Error(error.message));
      else caller?.resolve(result);
    }
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error("The browser ended."));
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      const id = ++count;
      waiting.set(id, { resolve, reject });
      requests.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });

  /** A page in a context of its own. @param before runs before any script of the page, with `given` */
  const open = async (address, { before, given }) => {
    const { browserContextId } = await send("Target.createBrowserContext");
    const { targetId } = await send("Target.createTarget", {
      url: "about:blank",
      browserContextId,
      newWindow: true,
      ...windowSize,
    });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const ask = (method, params) => send(method, params, sessionId);
    await ask("Page.enable");
    await ask("Emulation.setFocusEmulationEnabled", { enabled: true }); // both pages are looked at
    await ask("Page.setBypassCSP", { enabled: true }); // the probe's own worklet
    await ask("Page.addScriptToEvaluateOnNewDocument", { source: `(${before})(${JSON.stringify(given)})` });
    await ask("Page.navigate", { url: address });
    /** Runs a function in the page. */
    const evaluate = async (run, value = null) => {
      const { result, exceptionDetails } = await ask("Runtime.evaluate", {
        expression: `(${run})(${JSON.stringify(value)})`,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    return { evaluate };
  };

  const close = async () => {
    await send("Browser.close").catch(() => undefined);
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { open, close, child };
}
