/** How much later than the best the mapping may drift per second of media, in µs: two crystals differ by up to 100 ppm, and another 100 for the machine's clock. */
const driftMicrosecondsPerSecond = 200;

/**
 * Puts the stamps of one source (each with an origin of its own) on the page's clock: stamp + the smallest delay seen between stamp and arrival. Camera and
 * microphone each go through one, so that lips and voice share a clock.
 */
export class PageClock {
  private offset: number | null = null;
  private last = 0;

  /**
   * @param stamp of the source, µs
   * @param now performance.now() at its arrival, ms
   * @returns µs on the page's clock, rising
   */
  map(stamp: number, now: number): number {
    const arrived = now * 1000;
    const offset = arrived - stamp;
    // A stamp that jumps by more than a second is a new beginning of the source, not a late arrival.
    if (this.offset === null || Math.abs(offset - this.offset) > 1e6) {
      this.offset = offset;
    } else {
      this.offset = Math.min(offset, this.offset + (driftMicrosecondsPerSecond * Math.max(0, stamp - this.last)) / 1e6);
    }
    this.last = stamp;
    return stamp + this.offset;
  }
}
