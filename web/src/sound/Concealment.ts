import { packetSamples, sampleRate } from "./format";

// A voice's pitch: 66 Hz (a deep man) to 400 Hz (a child).
const shortestPeriod = sampleRate / 400;
const longestPeriod = Math.floor(sampleRate / 66);

/** A lost packet is heard as the last pitch period again, each one softer by this than the one before: after 60 ms there is silence rather than a drone. */
const fadePerPacket = 0.5;

/** What is played in place of lost packets: the last pitch period repeated, fading (the idea of ITU-T G.711 Appendix I). */
export class Concealment {
  /** Newest last. */
  private readonly history = new Float32Array(2 * longestPeriod);
  private period: Float32Array | null = null;
  private phase = 0;
  private gain = 1;

  /** A packet that came, as it is played. */
  heard(samples: Float32Array): void {
    const kept = samples.subarray(Math.max(0, samples.length - this.history.length));
    this.history.copyWithin(0, kept.length);
    this.history.set(kept, this.history.length - kept.length);
    this.period = null;
  }

  /** 20 ms in place of one that did not. */
  conceal(): Float32Array<ArrayBuffer> {
    if (this.period === null) {
      this.period = this.history.slice(this.history.length - findPeriod(this.history));
      this.phase = 0;
      this.gain = 1;
    }
    const samples = new Float32Array(packetSamples);
    const step = (this.gain * (1 - fadePerPacket)) / packetSamples;
    for (let at = 0; at < packetSamples; at++) {
      samples[at] = (this.period[this.phase] ?? 0) * this.gain;
      this.phase = (this.phase + 1) % this.period.length;
      this.gain -= step;
    }
    if (this.gain < 0.1) this.gain = 0;
    return samples;
  }
}

/** A lag this close to the best is as good; of those the shortest is the period itself, the others are its multiples. */
const asGood = 0.95;

/** The lag at which the newest samples look most like those before them: normalised correlation over every fourth sample (12 kHz is plenty for a pitch). */
export function findPeriod(history: Float32Array): number {
  const newest = history.length - longestPeriod;
  const scores: number[] = [];
  for (let lag = shortestPeriod; lag <= longestPeriod; lag++) {
    let product = 0;
    let energy = 0;
    for (let at = newest; at < history.length; at += 4) {
      const before = history[at - lag] ?? 0;
      product += (history[at] ?? 0) * before;
      energy += before * before;
    }
    scores.push(energy > 0 ? product / Math.sqrt(energy) : 0);
  }
  const best = Math.max(...scores);
  if (best <= 0) return longestPeriod;
  const score = (at: number): number => scores[at] ?? -Infinity;
  const found = scores.findIndex((value, at) => value >= asGood * best && value >= score(at - 1) && value >= score(at + 1));
  return shortestPeriod + Math.max(0, found);
}
