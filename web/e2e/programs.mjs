// The real program and real browsers, for looking at the page (screenshots.mjs) and for a whole call (call.test.mjs). Not part of the product.
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

const startMs = 30_000;

/** Starts `mlvcrtc client` and waits for the address of its page. */
export function startProgram(program, ...options) {
  const child = spawn(program, ["client", "--no-browser", ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const address = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The program printed no address:\n${said}`)), startMs);
    const hear = (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/.exec(said);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", () => {
      clearTimeout(timer);
      reject(new Error(`The program ended:\n${said}`));
    });
  });
  address.catch(() => undefined);
  return { child, address, output: () => said };
}

/** @param video an MJPEG or Y4M file as the camera; null = none at all @param audio a WAV file as the microphone; null = Chromium's beep */
export function startBrowser({ video = null, audio = null, camera = true } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-ui-for-media-stream",
      ...(camera ? ["--use-fake-device-for-media-stream"] : []),
      ...(video === null ? [] : [`--use-file-for-fake-video-capture=${video}`]),
      ...(audio === null ? [] : [`--use-file-for-fake-audio-capture=${audio}`]),
      "--autoplay-policy=no-user-gesture-required",
      "--auto-select-desktop-capture-source=Entire screen",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
    ],
  });
}

/** A page in a context of its own; complaints of the browser are printed. */
export async function openPage(browser, address, { theme = "dark", width = 1280, height = 800, name = "page", before = null } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, permissions: ["camera", "microphone"] });
  const page = await context.newPage();
  if (before !== null) await page.addInitScript(before);
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
