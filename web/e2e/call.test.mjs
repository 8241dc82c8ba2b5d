// A whole call: two programs, one of them the server, two pages in Chromium with a made camera and microphone. What is checked is what a person would see and hear.
// MLVCRTC=PATH-OF-THE-PROGRAM node --test e2e
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { after, before, describe, it } from "node:test";
import { frames, tone, writeClip, writeTone } from "./material.mjs";
import { join, openPage, startBrowser, startProgram } from "./programs.mjs";
import { hear, listenIn, look, watch } from "./seeing.mjs";

const program = process.env.MLVCRTC ?? new URL("../../src/MlvcRtc.App/bin/Debug/net10.0/mlvcrtc", import.meta.url).pathname;
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const missing = [program, chromium].filter((file) => !existsSync(file));

/** Generous: machines that run tests are busy. */
const patience = 90_000;

describe("a call between two programs", { skip: missing.length > 0 ? `missing: ${missing.join(", ")}` : false, concurrency: false }, () => {
  const folder = mkdtempSync(path(tmpdir(), "mlvcrtc-call-"));
  const started = [];
  let browser;
  let ann;
  let ben;
  let server;

  before(async () => {
    writeClip(path(folder, "clip.y4m"));
    writeTone(path(folder, "tone.wav"));
    browser = await startBrowser({ video: path(folder, "clip.y4m"), audio: path(folder, "tone.wav") });
    for (const name of ["ann", "ben"]) {
      const running = startProgram(program);
      started.push(running);
      const page = await openPage(browser, await running.address, { name, before: listenIn });
      if (name === "ann") ann = page;
      else ben = page;
    }
  });

  after(async () => {
    await browser?.close();
    for (const { child } of started) child.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const connected = (page) => page.getByRole("status").filter({ hasText: "Connected" }).waitFor({ timeout: patience });

  it("the token is gone from the address as soon as the page has it", async () => {
    await ann.getByLabel("Your name").waitFor({ timeout: patience });
    assert.equal(new URL(ann.url()).hash, "");
  });

  it("one is the server, the other types its address, and both are connected", async () => {
    await join(ann, { name: "Ann", room: "kitchen" });
    const invitation = await ann.locator(".invitation code").innerText({ timeout: patience });
    server = invitation.replace(/\/\/[^/:]+/, "//127.0.0.1");
    await join(ben, { name: "Ben", room: "kitchen", server });
    await Promise.all([connected(ann), connected(ben)]);
  });

  it("each sees the other's picture move, its pictures in order", async () => {
    for (const page of [ann, ben]) {
      await page.locator(".overlay").waitFor({ state: "hidden", timeout: patience });
      const numbers = await watch(page, "canvas.remote", 12, patience);
      assert.equal(numbers.length, 12, `only these pictures came: ${numbers.join(" ")}`);
      const steps = numbers.slice(1).map((number, at) => (number - numbers[at] + frames) % frames);
      const backwards = steps.filter((step) => step > frames / 2).length;
      assert.equal(backwards, 0, `pictures went back: ${numbers.join(" ")}`);
    }
  });

  it("the colours are those that the sender sees of itself, within 8 levels", async () => {
    // Its first pictures are coarse: the codec has a moment to settle.
    const until = performance.now() + patience;
    let own, seen, worst;
    do {
      own = (await look(ben, "video.self")).colours;
      seen = (await look(ann, "canvas.remote")).colours;
      worst = Math.max(...seen.flatMap((colour, at) => colour.map((value, channel) => Math.abs(value - own[at][channel]))));
    } while (worst > 8 && performance.now() < until);
    assert.ok(worst <= 8, `differs by ${worst.toFixed(1)}: ${JSON.stringify(own)} against ${JSON.stringify(seen)}`);
  });

  it("the tone is heard, and muting ends it", async () => {
    const open = await hear(ann, tone, 6000);
    assert.ok(open !== null && open > 15, `the tone is ${open} dB above what lies beside it`);
    await ben.getByRole("button", { name: "Mute", exact: true }).click();
    // What is on its way is still heard; then there must be a time without it.
    const until = performance.now() + patience;
    let muted = open;
    while (muted >= 6 && performance.now() < until) muted = await hear(ann, tone, 2000);
    assert.ok(muted < 6, `muted, it is still ${muted} dB above`);
    await ben.getByRole("button", { name: "Unmute" }).click();
  });

  it("a camera that is off is said to be off, and comes back", async () => {
    await ben.getByRole("button", { name: "Camera off" }).click();
    await ann.getByText("Their camera is off.").waitFor({ timeout: patience });
    await ben.getByRole("button", { name: "Camera on" }).click();
    await ann.getByText("Their camera is off.").waitFor({ state: "hidden", timeout: patience });
  });

  it("hanging up ends both, and the same two meet again", async () => {
    await ben.getByRole("button", { name: "Hang up" }).click();
    await ann.getByRole("heading", { name: "The other side has hung up." }).waitFor({ timeout: patience });
    await ben.getByRole("heading", { name: "You have hung up." }).waitFor({ timeout: patience });
    await ann.getByRole("button", { name: "Call again" }).click();
    await ann.locator(".invitation code").waitFor({ timeout: patience });
    await ben.getByRole("button", { name: "Call again" }).click();
    await Promise.all([connected(ann), connected(ben)]);
    await ann.locator(".overlay").waitFor({ state: "hidden", timeout: patience });
    assert.equal((await watch(ann, "canvas.remote", 4, patience)).length, 4);
  });
});
