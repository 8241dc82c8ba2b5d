import { packetSamples } from "./format";

/** Sound gathered before it begins to play: two packets, so that one that comes 20 ms late is not heard. */
const startSamples = 2 * packetSamples;

/** More than this waiting is only delay (another clock, a page that stood still): the oldest goes, down to the start's amount. */
const mostSamples = 8 * packetSamples;

/** The few packets between decoder and loudspeaker. Runs dry with silence, and then gathers again before it plays on. */
export class SampleRing {
  private readonly samples = new Float32Array(2 * mostSamples);
  private first = 0;
  private count = 0;
  private playing = false;

  /** Samples left out because too many waited. */
  dropped = 0;

  /** How often the sound ran dry. */
  gaps = 0;

  get waiting(): number {
    return this.count;
  }

  write(source: Float32Array): void {
    const kept = source.subarray(Math.max(0, source.length - mostSamples));
    for (const sample of kept) {
      this.samples[(this.first + this.count) % this.samples.length] = sample;
      this.count++;
    }
    if (this.count > mostSamples) {
      const excess = this.count - startSamples;
      this.first = (this.first + excess) % this.samples.length;
      this.count = startSamples;
      this.dropped += excess;
    }
    if (this.count >= startSamples) this.playing = true;
  }

  /** Fills all of `target`. */
  read(target: Float32Array): void {
    const available = this.playing ? Math.min(target.length, this.count) : 0;
    for (let at = 0; at < available; at++) target[at] = this.samples[(this.first + at) % this.samples.length] ?? 0;
    target.fill(0, available);
    this.first = (this.first + available) % this.samples.length;
    this.count -= available;
    if (this.playing && available < target.length) {
      this.playing = false;
      this.gaps++;
    }
  }
}
