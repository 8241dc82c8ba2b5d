// Glass to glass, mouth to ear, and what the client costs beside the codec, in real calls between two programs and two pages on this machine. For a quiet machine; it judges nothing.
// MLVCRTC=PATH-OF-THE-PROGRAM MLVCRTC_SERVER=PATH-OF-THE-SERVER [PROGRAM_OPTIONS='--device cpu-int8'] [BROWSER_OPTIONS='--disable-gpu --disable-software-rasterizer'] node e2e/measure.mjs [SECONDS] [FOLDER]: writes FOLDER/client.json and prints a table.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join as path } from "node:path";
import { startDevtools } from "./devtools.mjs";
import { find, quantile, threadSeconds, threadShares } from "./figures.mjs";
import { chirp, chirpSamples, code, probe } from "./probe.mjs";
import { browserOptions, startProgram, startServer } from "./programs.mjs";

const built = (name) => new URL(`../../src/${name}`, import.meta.url).pathname;
const program = process.env.MLVCRTC ?? built("MlvcRtc.App/bin/Release/net10.0/mlvcrtc");
const server = process.env.MLVCRTC_SERVER ?? built("MlvcRtc.Server/bin/Release/net10.0/mlvcrtc-server");
const seconds = Number(process.argv[2] ?? 60);
const folder = process.argv[3] ?? new URL("../../artifacts/client", import.meta.url).pathname;
const fps = 30;

/** What a call needs to find its rate and the programs to compile what runs often; what is measured is the call after that. */
const settleMs = 30_000;
const patienceMs = 60_000;

/** How long a clock of the browser's sound is taken to keep its distance from the machine's. */
const clockHoldsSeconds = 1;

/** Threads that do the codec's work and little else: shaping and packetizing run on the first, copying to the page on the second. */
const codecThreads = ["mlvc encode", "mlvc decode"];

const words = (text) => text?.split(" ") ?? [];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const round = (value, digits = 1) => (value === null || value === undefined ? null : Number(value.toFixed(digits)));
const mean = (values) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
const both = (values) => ({ p50: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), count: values.length });

async function until(what, page, test) {
  const end = performance.now() + patienceMs;
  while (!(await page.evaluate(test))) {
    if (performance.now() > end) {
      const shown = await page.evaluate(
        () => `${window.probe.sent.length} pictures sent, ${window.probe.seen.length} seen. ${document.body.innerText}`,
      );
      throw new Error(`No ${what} within ${patienceMs / 1000} s: ${shown}`);
    }
    await sleep(200);
  }
}

/** Fills the form as a person would, without Playwright. */
function fill({ name, room, server, size }) {
  const change = (selector, value) => {
    const field = document.querySelector(selector);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.querySelector("input[name=meet][value=server]").click();
  change("#name", name);
  change("#room", room);
  change("#server", server);
  const sizes = [...document.querySelectorAll("select")].find((select) => [...select.options].some((option) => option.value === size));
  sizes.value = size;
  sizes.dispatchEvent(new Event("change", { bubbles: true }));
}

async function measure({ size, directions, loss = 0 }) {
  const meeting = startServer(server); // of this machine alone: then the programs know that they share a clock
  const options = words(process.env.PROGRAM_OPTIONS);
  const programs = [startProgram(program, ...options), startProgram(program, ...options)];
  const browser = await startDevtools({
    options: [...browserOptions, "--use-fake-device-for-media-stream", ...words(process.env.BROWSER_OPTIONS)],
  });
  try {
    const given = { fps, code, samples: [...chirpSamples(chirp)], everySeconds: chirp.everySeconds };
    const pages = [];
    for (const { address } of programs) pages.push(await browser.open(await address, { before: probe, given }));
    const address = await meeting.address;
    for (const [at, page] of pages.entries()) {
      await until(
        "form",
        page,
        () => document.querySelector("form #name") !== null && document.querySelector(".preview video:not([hidden])") !== null,
      );
      await page.evaluate(fill, { name: `Person ${at}`, room: "measured", server: address, size });
      await sleep(1000); // the camera of the new size
      await page.evaluate(() => document.querySelector("form").requestSubmit());
    }
    for (const page of pages) await until("picture", page, () => window.probe.seen.length > 30);
    if (directions === 1)
      await pages[1].evaluate(() =>
        [...document.querySelectorAll("button")]
          .find((button) => button.innerText.includes("Camera off") || button.ariaLabel === "Camera off")
          .click(),
      );
    if (loss > 0) await pages[0].evaluate(lose, loss);
    await sleep(settleMs);
    const since = await pages[0].evaluate(() => performance.timeOrigin + performance.now());
    const before = programs.map(({ child }) => threadSeconds(child.pid));
    const began = performance.now();
    await sleep(seconds * 1000);
    const span = (performance.now() - began) / 1000;
    const shares = programs.map(({ child }, at) => threadShares(before[at], threadSeconds(child.pid), span));
    const end = since + span * 1000; // what comes after it is disturbed by the taking
    const taken = [];
    for (const page of pages) taken.push(await page.evaluate(() => window.probe.take()));
    const ways =
      directions === 1
        ? [[0, 1]]
        : [
            [0, 1],
            [1, 0],
          ];
    return {
      size,
      directions,
      loss_percent: loss,
      seconds: round(span),
      load: loadavg().map((value) => round(value, 2)),
      ways: ways.map(([from, to]) => evaluate(taken[from], taken[to], since, end)),
      processes: shares.map(costs),
    };
  } finally {
    await browser.close();
    for (const { child } of [...programs, meeting]) child.kill();
  }
}

/** The lab of one side: each way. */
function lose(percent) {
  const slider = document.querySelector("#lab-loss");
  slider.value = String(percent);
  slider.dispatchEvent(new Event("input"));
}

/** From one page to the other. */
function evaluate(from, to, since, end) {
  const glass = unwrap(from, to.seen, since, end);
  const latencies = glass.map(({ taken, at }) => at - taken);
  const sent = unwrap(from, from.sent, since, end).map(({ taken, at }) => at - taken);
  const said = to.statistics.filter(({ at }) => at >= since && at <= end);
  const theirs = from.statistics.filter(({ at }) => at >= since && at <= end);
  const stage = (statistics, name) =>
    round(mean(statistics.map(({ stages_ms: stages }) => stages?.[name]).filter((value) => typeof value === "number")));
  const program = mean(said.map(({ latency_ms: latency }) => latency).filter((value) => typeof value === "number"));
  const ears = soundsHeard(from, to, since, end);
  const skews = ears.map(({ mouth, ms }) => {
    const picture = glass.reduce((best, one) => (Math.abs(one.taken - mouth) < Math.abs(best.taken - mouth) ? one : best), {
      taken: -Infinity,
    });
    return ms - (picture.at - picture.taken);
  });
  return {
    glass_to_glass_ms: both(latencies),
    pictures: {
      taken: Math.round((end - since) / from.interval),
      sent: sent.length,
      shown: new Set(glass.map(({ number }) => number)).size,
      longest_gap_ms: round(Math.max(...glass.slice(1).map(({ at }, place) => at - glass[place].at))),
    },
    stages_ms: {
      camera_to_socket: both(sent),
      program_to_program_p50: round(program),
      of_it: {
        to_the_encoder: stage(theirs, "capture"),
        encode: stage(theirs, "encode"),
        network: stage(theirs, "network"),
        decode: stage(said, "decode"),
        playout_delay: stage(said, "present"),
      },
      program_to_pixels_p50: program === null ? null : round(quantile(latencies, 0.5) - quantile(sent, 0.5) - program),
      painting: both(to.seen.filter(([, at]) => at >= since && at <= end).map(([, , ms]) => ms)),
      pixels_to_next_frame_of_the_screen: both(to.shown),
    },
    mouth_to_ear_ms: {
      ...both(ears.map(({ ms }) => ms)),
      missed: ears.missed,
      correlation_p50: round(
        quantile(
          ears.map(({ correlation }) => correlation),
          0.5,
        ),
        3,
      ),
    },
    sound_after_picture_ms: { ...both(skews), absolute_p95: round(quantile(skews.map(Math.abs), 0.95)) },
    recoveries: said.at(-1)?.recoveries - (said[0]?.recoveries ?? 0),
    freezes: said.at(-1)?.freezes - (said[0]?.freezes ?? 0),
  };
}

/** Pictures by number, with the instant at which they were taken: the newest of that number. */
function unwrap({ began, interval, most }, seen, since, end) {
  return seen
    .filter(([number, at]) => number !== null && at >= since && at <= end)
    .map(([number, at]) => {
      const newest = Math.floor((at - began) / interval);
      const count = newest - ((((newest - number) % most) + most) % most);
      return { number: count, taken: began + count * interval, at };
    })
    .filter(({ number }, place, all) => place === 0 || number !== all[place - 1].number);
}

/** Of what is noted with a context's time, [time, value], what was noted near it: a context that is kept waiting falls behind for good, so its clock holds for a while only. */
function near(noted, time) {
  const values = noted.filter(([at]) => Math.abs(at - time) < clockHoldsSeconds).map(([, value]) => value);
  return values.length > 0 ? values : noted.map(([, value]) => value);
}

/** How long each chirp took. Where the browser does not say when a sample is heard, its rendering and the context's own length count. */
function soundsHeard(from, to, since, end) {
  const pattern = chirpSamples(chirp);
  const ear = to.ear.map(([at, output, rendered]) => [at, Number.isFinite(output) ? output : rendered]);
  const middle = quantile(
    ear.map(([, value]) => value),
    0.5,
  );
  const blocks = to.heard.map(([first, text]) => {
    const bytes = Buffer.from(text, "base64");
    return { first, samples: new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) };
  });
  const found = [];
  let missed = 0;
  const longestMs = 1000 * (chirp.everySeconds - 2 * chirp.seconds);
  for (const at of from.chirps) {
    const mouth = Math.min(...near(from.mouth, at)) + at * 1000;
    if (mouth < since || mouth + longestMs > end) continue;
    const offset = quantile(near(ear, (mouth - middle) / 1000), 0.5);
    const first = Math.round(((mouth - offset) * chirp.rate) / 1000);
    const window = new Float32Array(Math.round((longestMs * chirp.rate) / 1000));
    for (const block of blocks) {
      const start = block.first - first;
      if (start > -block.samples.length && start < window.length)
        block.samples.forEach((sample, place) => {
          if (start + place >= 0 && start + place < window.length) window[start + place] = sample;
        });
    }
    const { at: place, correlation } = find(pattern, window);
    if (correlation > 0.5) found.push({ mouth, ms: (first + place) / (chirp.rate / 1000) + offset - mouth, correlation });
    else missed++;
  }
  return Object.assign(found, { missed });
}

/** Percent of one core. */
function costs(shares) {
  const codec = codecThreads.reduce((sum, name) => sum + (shares[name] ?? 0), 0);
  const all = Object.values(shares).reduce((sum, value) => sum + value, 0);
  const largest = Object.entries(shares)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 8);
  return {
    cpu_percent: round(all),
    codec_percent: round(codec),
    outside_codec_percent: round(all - codec),
    threads: Object.fromEntries(largest.map(([name, percent]) => [name, round(percent)])),
  };
}

const results = [];
for (const setting of [
  { size: "320x180", directions: 2 },
  { size: "640x360", directions: 1 },
  { size: "640x360", directions: 2 },
  { size: "320x180", directions: 2, loss: 10 },
]) {
  results.push(await measure(setting));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path(folder, "client.json"), `${JSON.stringify({ cores: cpus().length, fps, results }, null, 2)}\n`);
  show(results.at(-1));
}

function show({ size, directions, loss_percent: loss, ways, processes }) {
  console.log(`\n${size} at ${fps}/s, ${directions === 1 ? "one direction" : "both directions"}${loss > 0 ? `, ${loss} % loss` : ""}`);
  const line = (name, ...values) => console.log(`  ${name.padEnd(38)}${values.map((value) => String(value ?? "–").padStart(9)).join("")}`);
  line("ms", "p50", "p95");
  for (const way of ways) {
    const { glass_to_glass_ms: glass, mouth_to_ear_ms: ear, sound_after_picture_ms: skew, stages_ms: stages, pictures } = way;
    line("glass to glass", glass.p50, glass.p95);
    line("  camera to the program's socket", stages.camera_to_socket.p50, stages.camera_to_socket.p95);
    line("  program to program", stages.program_to_program_p50);
    for (const [name, ms] of Object.entries(stages.of_it)) line(`    ${name.replaceAll("_", " ")}`, ms);
    line("  program to pixels", stages.program_to_pixels_p50);
    line("mouth to ear", ear.p50, ear.p95);
    line("sound after picture (p95: of its size)", skew.p50, skew.absolute_p95);
    console.log(
      `  pictures: ${pictures.taken} taken, ${pictures.sent} sent, ${pictures.shown} shown, longest gap ${pictures.longest_gap_ms} ms; chirps missed: ${ear.missed}; recoveries ${way.recoveries}, freezes ${way.freezes}`,
    );
  }
  for (const { cpu_percent: all, codec_percent: codec, outside_codec_percent: outside } of processes)
    console.log(`  a program: ${all} % of one core, codec ${codec} %, outside it ${outside} %`);
}
