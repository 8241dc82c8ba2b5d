// Screenshots of every view, dark and light, at 1280x800 and 900x600, from a real call between two programs.
// They are those of docs/user-guide.md: node e2e/screenshots.mjs PROGRAM [FOLDER]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join as path } from "node:path";
import { fileURLToPath } from "node:url";
import { join, openPage, startBrowser, startProgram } from "./programs.mjs";

const [program, folder = fileURLToPath(new URL("../../docs/images/guide", import.meta.url))] = process.argv.slice(2);
if (!program) throw new Error("node e2e/screenshots.mjs PROGRAM [FOLDER]");
mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(path(tmpdir(), "mlvcrtc-screenshots-"));

/** The demo clip as a camera: Chromium takes Motion JPEG. Clip and ffmpeg stand beside the program. */
function cameraClip() {
  const clip = path(scratch, "camera.mjpeg");
  const own = path(dirname(program), "media", "ffmpeg");
  const scale = "scale=640:360:force_original_aspect_ratio=increase,crop=640:360,fps=30";
  execFileSync(existsSync(own) ? own : "ffmpeg", [
    "-loglevel",
    "error",
    "-i",
    path(dirname(program), "media", "franck.mp4"),
    "-t",
    "12",
    "-vf",
    scale,
    "-q:v",
    "4",
    clip,
  ]);
  return clip;
}

const looks = [
  { theme: "dark", width: 1280, height: 800 },
  { theme: "light", width: 1280, height: 800 },
  { theme: "dark", width: 900, height: 600 },
  { theme: "light", width: 900, height: 600 },
];

/** What a view of the call shows before it is taken; a machine too busy for a moving picture is shown as it is. */
const moving = (page) =>
  page.waitForFunction(() => globalThis.document.querySelector(".overlay")?.hidden, null, { timeout: 15_000 }).catch(() => undefined);

async function shoot(page, view, settled = async () => undefined) {
  for (const { theme, width, height } of looks) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(350);
    await settled(page);
    await page.screenshot({ path: path(folder, `${view}-${theme}-${width}.jpg`), type: "jpeg", quality: 82 });
  }
}

/** Chromium names a made camera by the path of its clip. */
const ordinaryNames = () =>
  Object.defineProperty(globalThis.MediaDeviceInfo.prototype, "label", {
    get() {
      return this.kind === "videoinput" ? "Integrated camera" : "Built-in microphone";
    },
  });

const programs = [];
const start = (...options) => {
  const started = startProgram(program, ...options);
  programs.push(started);
  return started;
};
const browsers = [];
const browse = async (options) => {
  const browser = await startBrowser(options);
  browsers.push(browser);
  return browser;
};

try {
  const [ann, ben, cid] = [start(), start(), start()];
  const seeing = await browse({ video: cameraClip() });
  const blind = await browse({ camera: false });

  // No camera, an unreachable server.
  const cidPage = await openPage(blind, await cid.address, { name: "cid" });
  await cidPage.getByLabel("Your name").waitFor();
  await cidPage.waitForTimeout(1000);
  await shoot(cidPage, "start-no-camera");
  await join(cidPage, { name: "Cid", room: "kitchen", server: "ws://127.0.0.1:9" });
  await cidPage
    .getByRole("alert")
    .filter({ hasText: /server/i })
    .waitFor({ timeout: 60_000 });
  await shoot(cidPage, "start-trouble");

  const annPage = await openPage(seeing, await ann.address, { name: "ann", before: [ordinaryNames] });
  await annPage.locator(".preview video").waitFor();
  await annPage.waitForTimeout(1500);
  await shoot(annPage, "start");
  await join(annPage, { name: "Ann", room: "kitchen" });
  await annPage.locator(".invitation code").waitFor({ timeout: 30_000 });
  await shoot(annPage, "waiting");
  const invitation = await annPage.locator(".invitation code").innerText();
  const server = /wss?:\/\/[^\s"']+/.exec(invitation)?.[0];

  const benPage = await openPage(seeing, await ben.address, { name: "ben" });
  await join(benPage, { name: "Ben", room: "kitchen", server });
  await annPage.getByRole("status").filter({ hasText: "Connected" }).waitFor({ timeout: 60_000 });
  await annPage.waitForTimeout(4000);
  await shoot(annPage, "call", moving);

  await annPage.getByRole("button", { name: "Network lab", exact: true }).click();
  await shoot(annPage, "lab", moving);
  await annPage.getByRole("slider", { name: "Loss" }).fill("10");
  await annPage.waitForTimeout(20_000);
  await annPage.getByRole("button", { name: "Statistics", exact: true }).click();
  await annPage.waitForTimeout(1500);
  await shoot(annPage, "statistics-and-lab", moving);
  await annPage.getByRole("button", { name: "Close the network lab" }).click();
  await shoot(annPage, "statistics", moving);
  await annPage.getByRole("button", { name: "Close the statistics" }).click();

  // A third one finds the room full.
  await join(cidPage, { name: "Cid", room: "kitchen", server });
  await cidPage
    .getByRole("alert")
    .filter({ hasText: /room|two|full/i })
    .waitFor({ timeout: 30_000 });
  await shoot(cidPage, "start-room-full");

  await benPage.getByRole("button", { name: "Camera off" }).click();
  await benPage.getByRole("button", { name: "Mute", exact: true }).click();
  await shoot(annPage, "their-camera-off", () => annPage.getByText("Their camera is off").waitFor({ timeout: 60_000 }));
  await shoot(benPage, "own-camera-off", moving);

  await benPage.getByRole("button", { name: "Hang up" }).click();
  await annPage.getByRole("heading", { name: /hung up|ended/ }).waitFor({ timeout: 30_000 });
  await shoot(annPage, "ended");

  cid.child.kill();
  await cidPage.getByRole("heading", { name: /has ended/ }).waitFor({ timeout: 30_000 });
  await shoot(cidPage, "program-gone");
  const again = await openPage(seeing, (await ben.address).replace(/token=.*/, "token=wrong"), { name: "again" });
  await again.getByRole("heading").waitFor();
  await shoot(again, "no-session");
  console.log(`screenshots: ${folder}`);
} finally {
  for (const browser of browsers) await browser.close();
  for (const { child } of programs) child.kill();
  rmSync(scratch, { recursive: true, force: true });
}
