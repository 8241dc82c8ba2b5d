/// <reference types="audioworklet" />
import { SampleRing } from "./SampleRing";

/** Blocks of 128 samples after which the page hears how much waits: about a second. */
const blocksToTell = 375;

/** Plays what the page sends; one channel on all that there are. */
class Playing extends AudioWorkletProcessor {
  private readonly ring = new SampleRing();
  private blocks = 0;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<Float32Array>) => {
      this.ring.write(event.data);
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const [first, ...others] = output ?? [];
    if (first !== undefined) {
      this.ring.read(first);
      for (const channel of others) channel.set(first);
    }
    if (++this.blocks % blocksToTell === 0) this.port.postMessage(this.ring.takeMeanWaiting());
    return true;
  }
}

registerProcessor("playing", Playing);
