import { describe, expect, it } from "vitest";
import { PageClock } from "../src/capture/PageClock";
import { Concealment, findPeriod } from "../src/sound/Concealment";
import { packetSamples, sampleRate } from "../src/sound/format";
import { SampleRing } from "../src/sound/SampleRing";
import { Silence } from "../src/sound/Silence";

function tone(hertz: number, samples: number, from = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: samples }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * (from + at)) / sampleRate));
}

const loudness = (samples: Float32Array): number => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

describe("the ring before the loudspeaker", () => {
  it("plays what was written, in order, once two packets wait", () => {
    const ring = new SampleRing();
    const block = new Float32Array(128);
    ring.write(tone(440, packetSamples));
    ring.read(block);
    expect(loudness(block)).toBe(0);
    ring.write(tone(440, packetSamples, packetSamples));
    const heard: number[] = [];
    for (let at = 0; at < 15; at++) {
      ring.read(block);
      heard.push(...block);
    }
    expect(heard).toEqual([...tone(440, 2 * packetSamples)]);
    expect(ring.gaps).toBe(0);
  });

  it("is silent when it runs dry, counts it, and gathers again", () => {
    const ring = new SampleRing();
    const block = new Float32Array(3 * packetSamples);
    ring.write(tone(440, 2 * packetSamples));
    ring.read(block);
    expect(loudness(block.subarray(2 * packetSamples))).toBe(0);
    expect(ring.gaps).toBe(1);
    ring.write(tone(440, packetSamples));
    ring.read(block);
    expect(loudness(block)).toBe(0);
  });

  it("never delays by more than eight packets: the oldest goes", () => {
    const ring = new SampleRing();
    for (let packet = 0; packet < 100; packet++) ring.write(tone(440, packetSamples, packet * packetSamples));
    expect(ring.waiting).toBeLessThanOrEqual(8 * packetSamples);
    expect(ring.dropped).toBeGreaterThan(0);
    const block = new Float32Array(ring.waiting);
    ring.read(block);
    // The newest sample is the last one written.
    expect(block.at(-1)).toBeCloseTo(tone(440, 1, 100 * packetSamples - 1)[0] ?? 0, 5);
  });

  it("plays what is too much 1 % faster, until only what is of use waits, without a seam", () => {
    const ring = new SampleRing();
    const block = new Float32Array(128);
    for (let packet = 0; packet < 7; packet++) ring.write(tone(440, packetSamples, packet * packetSamples));
    let written = 7 * packetSamples;
    let read = 0;
    let before = 0;
    let steepest = 0;
    // Twelve seconds of even packets.
    while (read < 12 * sampleRate) {
      ring.read(block);
      read += block.length;
      for (const sample of block) {
        steepest = Math.max(steepest, Math.abs(sample - before));
        before = sample;
      }
      while (written - read < 7 * packetSamples) {
        ring.write(tone(440, packetSamples, written));
        written += packetSamples;
      }
    }
    expect(ring.waiting).toBeLessThan(3 * packetSamples);
    expect(ring.waiting).toBeGreaterThan(packetSamples);
    expect(ring.gaps + ring.dropped).toBe(0);
    expect(steepest).toBeLessThan((1.1 * 0.5 * 2 * Math.PI * 440) / sampleRate);
    expect(ring.takeMeanWaiting()).toBeGreaterThan(packetSamples);
    expect(ring.takeMeanWaiting()).toBeNull();
  });

  it("survives more in one write than it holds", () => {
    const ring = new SampleRing();
    ring.write(tone(440, 100_000));
    expect(ring.waiting).toBeLessThanOrEqual(8 * packetSamples);
  });
});

describe("concealing a lost packet", () => {
  it.each([80, 120, 220, 350])("finds the period of %i Hz within 3 %", (hertz) => {
    const found = findPeriod(tone(hertz, 1454));
    const periods = found / (sampleRate / hertz);
    expect(Math.abs(periods - Math.round(periods))).toBeLessThan(0.03 * Math.round(periods) + 0.02);
  });

  it("goes on with the tone, softer, and is silent after 80 ms", () => {
    const concealment = new Concealment();
    concealment.heard(tone(200, 4 * packetSamples));
    const heard = [0, 1, 2, 3, 4].map(() => loudness(concealment.conceal()));
    expect(heard[0]).toBeGreaterThan(0.2);
    for (let at = 1; at < heard.length; at++) expect(heard[at]).toBeLessThanOrEqual(heard[at - 1] ?? 0);
    expect(heard[4]).toBe(0);
  });

  it("joins the tone without a click: the step is none that the tone itself has not", () => {
    const concealment = new Concealment();
    const before = tone(200, 4 * packetSamples);
    concealment.heard(before);
    const after = concealment.conceal();
    const largestStep = 0.5 * ((2 * Math.PI * 200) / sampleRate);
    expect(Math.abs((after[0] ?? 0) - (before.at(-1) ?? 0))).toBeLessThan(3 * largestStep);
  });

  it("is silent before anything was heard", () => {
    expect(loudness(new Concealment().conceal())).toBe(0);
  });
});

describe("one clock for camera and microphone", () => {
  it("maps by the fastest arrival: a late one does not move the mapping", () => {
    const clock = new PageClock();
    expect(clock.map(0, 1000)).toBe(1_000_000);
    expect(clock.map(20_000, 1050)).toBeCloseTo(1_020_000, -2);
    expect(clock.map(40_000, 1035)).toBeCloseTo(1_035_000, -2);
    expect(clock.map(60_000, 1100)).toBeCloseTo(1_055_000, -2);
  });

  it("follows a crystal that is 100 ppm slow", () => {
    const clock = new PageClock();
    let mapped = 0;
    for (let second = 0; second <= 600; second++) mapped = clock.map(second * 1e6 * (1 - 1e-4), 5000 + second * 1000);
    expect(Math.abs(mapped - 605_000_000)).toBeLessThan(1000);
  });

  it("begins anew when the source does", () => {
    const clock = new PageClock();
    clock.map(90e6, 1000);
    expect(clock.map(0, 2000)).toBe(2_000_000);
  });
});

describe("silence that the encoder leaves out", () => {
  it("is known after three packets without a sound, and over with the next packet", () => {
    const silence = new Silence();
    const flushed: number[] = [];
    for (let at = 0; at < 1000; at += 20) {
      if (silence.samplesGo(at)) flushed.push(at);
      if (at < 200 || at >= 600) silence.packetCame();
    }
    expect(flushed).toEqual(Array.from({ length: 17 }, (_, n) => 280 + 20 * n));
  });

  it("is not seen in a page that stood still and then sends what had gathered", () => {
    const silence = new Silence();
    silence.samplesGo(0);
    silence.packetCame();
    for (let n = 0; n < 20; n++) expect(silence.samplesGo(500 + n)).toBe(false);
    silence.packetCame();
    expect(silence.samplesGo(520)).toBe(false);
  });
});
