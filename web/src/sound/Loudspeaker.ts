import { type SoundHeader } from "../media/item";
import { Concealment } from "./Concealment";
import { sampleRate } from "./format";
import playingUrl from "./playing.worklet.ts?worker&url";

/** Opus packets of the other side, in playout order, to the loudspeaker. */
export class Loudspeaker {
  private readonly concealment = new Concealment();

  private constructor(
    private readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    private decoder: AudioDecoder,
  ) {}

  /**
   * Must follow a gesture of the person, or browsers keep the context silent.
   * @param onDelay hears about once a second how long sound takes from here to the ear, ms
   */
  static async open(onDelay: (milliseconds: number) => void): Promise<Loudspeaker> {
    const context = new AudioContext({ sampleRate, latencyHint: "interactive" });
    await context.audioWorklet.addModule(playingUrl);
    const node = new AudioWorkletNode(context, "playing", { numberOfInputs: 0, outputChannelCount: [1] });
    node.connect(context.destination);
    node.port.onmessage = ({ data }: MessageEvent<number | null>) => {
      if (data !== null) onDelay(Math.round(1000 * (data / sampleRate + (context.outputLatency || context.baseLatency))));
    };
    const loudspeaker: Loudspeaker = new Loudspeaker(
      context,
      node,
      openDecoder((samples) => {
        loudspeaker.heard(samples);
      }),
    );
    await context.resume();
    return loudspeaker;
  }

  /** @param payload borrowed */
  play(header: SoundHeader, payload: Uint8Array): void {
    if (header.lost) {
      this.post(this.concealment.conceal());
      return;
    }
    // A decoder that met a broken packet closes itself (WebCodecs §6): the next packet gets a new one.
    if (this.decoder.state === "closed") {
      this.decoder = openDecoder((samples) => {
        this.heard(samples);
      });
    }
    this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: header.microseconds, data: payload }));
  }

  close(): void {
    if (this.decoder.state !== "closed") this.decoder.close();
    void this.context.close();
  }

  private heard(samples: Float32Array<ArrayBuffer>): void {
    this.concealment.heard(samples);
    this.post(samples);
  }

  private post(samples: Float32Array<ArrayBuffer>): void {
    this.node.port.postMessage(samples, [samples.buffer]);
  }
}

function openDecoder(heard: (samples: Float32Array<ArrayBuffer>) => void): AudioDecoder {
  const decoder = new AudioDecoder({
    output: (data) => {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      data.close();
      heard(samples);
    },
    error: (error) => {
      console.warn("A packet of sound could not be decoded.", error);
    },
  });
  // A decoder of one channel mixes a stereo packet down (RFC 7587 §4.2: receivers take either).
  decoder.configure({ codec: "opus", sampleRate, numberOfChannels: 1 });
  return decoder;
}
