// The real program and real browsers, for looking at the page (screenshots.mjs) and for a whole call (call.test.mjs). Not part of the product.
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

/** Generous: machines that run tests are busy. */
const startMs = 120_000;

/** Starts a program and waits until it has said what `pattern` finds. */
function start(program, options, pattern) {
  const child = spawn(program, options, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const found = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The program did not say ${pattern}:\n${said}`)), startMs);
    const hear = (chunk) => {
      said += chunk;
      const match = pattern.exec(said);
      if (match) {
        clearTimeout(timer);
        resolve(match[0]);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    for (const end of ["exit", "error"])
      child.on(end, (why) => {
        clearTimeout(timer);
        reject(new Error(`The program ended (${why}):\n${said}`));
      });
  });
  found.catch(() => undefined);
  return { child, found, output: () => said };
}

/** Starts `mlvcrtc client` and waits for the address of its page. */
export function startProgram(program, ...options) {
  const { child, found, output } = start(program, ["client", "--no-browser", ...options], /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
  return { child, address: found, output };
}

/** Starts the signaling server; `address` is the WebSocket's. */
export function startServer(server, port = 0) {
  const { child, found, output } = start(server, ["--open=true", `--urls=http://127.0.0.1:${port}`], /http:\/\/127\.0\.0\.1:\d+/);
  return { child, address: found.then((address) => address.replace("http", "ws")), output };
}

/** Ends a program at once, as a crash would, and waits until it is gone. */
export function kill(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.on("exit", resolve);
    child.kill("SIGKILL");
  });
}

/** For pages that show and play without a person or a screen. */
export const browserOptions = ["--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"];

/** WebGL where there is no graphics card. */
const webGlOptions = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/** @param video an MJPEG or Y4M file as the camera; null = none at all @param audio a WAV file as the microphone; null = Chromium's beep */
export function startBrowser({ video = null, audio = null, camera = true } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      ...browserOptions,
      ...webGlOptions,
      ...(camera ? ["--use-fake-device-for-media-stream"] : []),
      ...(video === null ? [] : [`--use-file-for-fake-video-capture=${video}`]),
      ...(audio === null ? [] : [`--use-file-for-fake-audio-capture=${audio}`]),
      "--auto-select-desktop-capture-source=Entire screen",
    ],
  });
}

/** A page in a context of its own; complaints of the browser are printed. @param before functions that run in the page before its scripts */
export async function openPage(
  browser,
  address,
  { theme = "dark", width = 1280, height = 800, name = "page", before = [], patience = 30_000 } = {},
) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, permissions: ["camera", "microphone"] });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  for (const script of before) await page.addInitScript(script);
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) console.log(`[${name}] ${message.text()}`);
  });
  page.on("pageerror", (error) => console.log(`[${name}] ${error.stack ?? error.message}`));
  await page.goto(address);
  return page;
}

/** Fills the form and sends it. */
export async function join(page, { name, room, server = null, size = "320x180" }) {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Room", { exact: true }).fill(room);
  if (server === null) {
    await page.getByLabel("On this computer").check();
  } else {
    await page.getByLabel("At a server").check();
    await page.getByLabel("Server", { exact: true }).fill(server);
  }
  await page.getByLabel("Picture", { exact: true }).selectOption(size);
  await page.getByRole("button", { name: /the room/ }).click();
}
