/** Longer than an encoder keeps a packet of 20 ms: what is not out by then was left out. */
const leftOutAfterMs = 60;

/**
 * Knows when a discontinuous encoder (DTX) leaves packets out. Chromium's stamps each packet by counting those before it, so after a pause all are early by the pause; its
 * count begins anew, from the stamp that it is given, after a flush. A flush in speech would cut a packet short, so it must come while nothing is heard.
 */
export class Silence {
  private waitingSince: number | null = null;

  /**
   * Samples are about to go to the encoder.
   * @param now ms
   * @returns whether it is to be flushed before
   */
  samplesGo(now: number): boolean {
    this.waitingSince ??= now;
    return now - this.waitingSince > leftOutAfterMs;
  }

  packetCame(): void {
    this.waitingSince = null;
  }
}
