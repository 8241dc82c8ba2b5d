import { packetSamples, sampleRate } from "./format";

/** Sound gathered before it begins to play: two packets, so that one that comes 20 ms late is not heard. */
const startSamples = 2 * packetSamples;

/** More than this waiting is only delay (another clock, a page that stood still): the oldest goes, down to the start's amount. */
const mostSamples = 8 * packetSamples;

/** More than this at the least of a second is delay without a use: half a packet beyond what even packets leave. */
const spareSamples = 1.5 * packetSamples;

/** Spare samples are played so much faster: 1 % is not heard as another pitch, and takes 10 ms in a second. */
const hurry = 1.01;

/** How long the least is watched for. */
const watchedSamples = sampleRate;

/** The few packets between decoder and loudspeaker. Runs dry with silence, and then gathers again before it plays on. */
export class SampleRing {
  private readonly samples = new Float32Array(2 * mostSamples);
  private first = 0;
  private count = 0;
  private playing = false;
  private hurrying = false;
  /** Of a sample, how far it was played. */
  private phase = 0;
  private least = Infinity;
  private watched = 0;
  private waitedSum = 0;
  private reads = 0;

  /** Samples left out because too many waited. */
  dropped = 0;

  /** How often the sound ran dry. */
  gaps = 0;

  get waiting(): number {
    return this.count;
  }

  /** Samples that waited at a read, on average since the last call; null = nothing played. */
  takeMeanWaiting(): number | null {
    const mean = this.reads === 0 ? null : this.waitedSum / this.reads;
    this.waitedSum = this.reads = 0;
    return mean;
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
    if (!this.playing) {
      target.fill(0);
      return;
    }
    this.watch(target.length);
    if (this.hurrying && this.count > target.length * hurry + 1) {
      this.readFaster(target);
      return;
    }
    const available = Math.min(target.length, this.count);
    for (let at = 0; at < available; at++) target[at] = this.at(at);
    target.fill(0, available);
    this.take(available);
    if (available < target.length) {
      this.playing = false;
      this.gaps++;
    }
  }

  private readFaster(target: Float32Array): void {
    for (let at = 0; at < target.length; at++) {
      const place = this.phase + at * hurry;
      const whole = Math.floor(place);
      target[at] = this.at(whole) + (this.at(whole + 1) - this.at(whole)) * (place - whole);
    }
    const end = this.phase + target.length * hurry;
    this.take(Math.floor(end));
    this.phase = end - Math.floor(end);
  }

  /** Whether more waits than is of use. */
  private watch(length: number): void {
    this.waitedSum += this.count;
    this.reads++;
    this.least = Math.min(this.least, this.count);
    if (this.hurrying && this.least <= spareSamples) this.hurrying = false;
    this.watched += length;
    if (this.watched < watchedSamples) return;
    this.hurrying = this.least > spareSamples;
    this.watched = 0;
    this.least = Infinity;
  }

  private at(place: number): number {
    return this.samples[(this.first + place) % this.samples.length] ?? 0;
  }

  private take(count: number): void {
    this.first = (this.first + count) % this.samples.length;
    this.count -= count;
  }
}
