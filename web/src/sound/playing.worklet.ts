/// <reference types="audioworklet" />
import { SampleRing } from "./SampleRing";

/** Plays what the page sends; one channel on all that there are. */
class Playing extends AudioWorkletProcessor {
  private readonly ring = new SampleRing();

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
    return true;
  }
}

registerProcessor("playing", Playing);
