import { type CaptureSocket } from "../capture/CaptureSocket";
import { PageClock } from "../capture/PageClock";
import { Silence } from "./Silence";
import { packetSamples, sampleRate } from "./format";
import gatheringUrl from "./gathering.worklet.ts?worker&url";

/** Speech at full band (RFC 7587 §3.1.1 names 28 to 40 kbit/s). */
const bitsPerSecond = 32_000;

/** What in-band FEC is dimensioned for: losses that calls do see. */
const expectedLossPercent = 10;

/** Opus for speech with in-band FEC and DTX (RFC 7587 §6.1); the first of these that the browser's encoder knows. */
const configurations: AudioEncoderConfig[] = [
  {
    codec: "opus",
    sampleRate,
    numberOfChannels: 1,
    bitrate: bitsPerSecond,
    opus: {
      frameDuration: (packetSamples / sampleRate) * 1e6,
      useinbandfec: true,
      packetlossperc: expectedLossPercent,
      usedtx: true,
      application: "voip",
      signal: "voice",
    } as OpusEncoderConfig,
  },
  { codec: "opus", sampleRate, numberOfChannels: 1, bitrate: bitsPerSecond },
];

/** From a microphone's track to Opus packets on the capture socket, until closed. */
export class Microphone {
  private readonly clock = new PageClock();
  private readonly silence = new Silence();
  private samples = 0;
  private muted = false;

  private constructor(
    private readonly context: AudioContext,
    private readonly encoder: AudioEncoder,
  ) {}

  static async open(track: MediaStreamAudioTrack, socket: CaptureSocket): Promise<Microphone> {
    const configuration = await supported();
    const context = new AudioContext({ sampleRate, latencyHint: "interactive" });
    await context.audioWorklet.addModule(gatheringUrl);
    const encoder: AudioEncoder = new AudioEncoder({
      output: (packet) => {
        microphone.silence.packetCame();
        socket.sendSound(packet, packet.timestamp);
      },
      error: (error) => {
        console.warn("The sound could not be encoded.", error);
      },
    });
    encoder.configure(configuration);
    const microphone: Microphone = new Microphone(context, encoder);
    const gathering = new AudioWorkletNode(context, "gathering", { numberOfOutputs: 0 });
    gathering.port.onmessage = (event: MessageEvent<Float32Array<ArrayBuffer>>) => {
      microphone.encode(event.data);
    };
    context.createMediaStreamSource(new MediaStream([track])).connect(gathering);
    await context.resume();
    return microphone;
  }

  /** Muted, nothing leaves the page. */
  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  close(): void {
    if (this.encoder.state !== "closed") this.encoder.close();
    void this.context.close();
  }

  private encode(samples: Float32Array<ArrayBuffer>): void {
    const stamp = (this.samples / sampleRate) * 1e6;
    this.samples += samples.length;
    // The packet's first sample was captured its own length ago.
    const microseconds = this.clock.map(stamp, performance.now() - (samples.length / sampleRate) * 1000);
    if (this.muted || this.encoder.state !== "configured") return;
    const data = new AudioData({
      format: "f32-planar",
      sampleRate,
      numberOfChannels: 1,
      numberOfFrames: samples.length,
      timestamp: Math.round(microseconds),
      data: samples,
    });
    if (this.silence.samplesGo(performance.now())) this.encoder.flush().catch(() => undefined); // refused only once closed
    this.encoder.encode(data);
    data.close();
  }
}

async function supported(): Promise<AudioEncoderConfig> {
  for (const configuration of configurations) {
    try {
      if ((await AudioEncoder.isConfigSupported(configuration)).supported === true) return configuration;
    } catch {
      // An option that this browser refuses: the next one asks for less.
    }
  }
  throw new DOMException("This browser cannot encode Opus.", "NotSupportedError");
}
