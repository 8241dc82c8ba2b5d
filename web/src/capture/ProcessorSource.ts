import { type PictureSize } from "../control/messages";
import { CanvasPacker } from "./CanvasPacker";
import { type CaptureSocket } from "./CaptureSocket";
import { i420Layout } from "./i420";
import { type Fitting, type IPictureSource } from "./IPictureSource";
import { PageClock } from "./PageClock";

/** Pictures straight from the track (MediaStreamTrackProcessor): one copy into the message where size and colours fit, else by way of a canvas. */
export class ProcessorSource implements IPictureSource {
  private readonly reader: ReadableStreamDefaultReader<VideoFrame>;
  private readonly clock = new PageClock();
  private readonly packer: CanvasPacker;

  static get isSupported(): boolean {
    return "MediaStreamTrackProcessor" in globalThis;
  }

  constructor(
    track: MediaStreamVideoTrack,
    private readonly size: PictureSize,
    fitting: Fitting,
    private readonly socket: CaptureSocket,
  ) {
    // Two: the one being converted and the newest; older ones are dropped by the browser.
    this.reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 2 }).readable.getReader();
    this.packer = new CanvasPacker(size, fitting, socket);
    void this.run();
  }

  stop(): void {
    void this.reader.cancel().catch(() => undefined);
    this.packer.stop();
  }

  private async run(): Promise<void> {
    for (;;) {
      const { done, value: frame } = await this.reader.read();
      if (done) return;
      try {
        await this.send(frame);
      } catch (error) {
        console.warn("A picture could not be converted.", error);
      } finally {
        frame.close();
      }
    }
  }

  private async send(frame: VideoFrame): Promise<void> {
    const microseconds = this.clock.map(frame.timestamp, performance.now());
    if (!this.socket.wantsPicture) {
      this.socket.droppedPictures++;
    } else if (this.fitsAsItIs(frame)) {
      const { buffer, payloadOffset } = this.socket.borrowPicture(this.size);
      await frame.copyTo(buffer, { layout: i420Layout(this.size, payloadOffset) });
      this.socket.sendPicture(this.size, microseconds);
    } else {
      this.packer.offer(frame, { width: frame.displayWidth, height: frame.displayHeight }, microseconds);
    }
  }

  private fitsAsItIs(frame: VideoFrame): boolean {
    const visible = frame.visibleRect;
    const { matrix, fullRange } = frame.colorSpace;
    return (
      frame.format === "I420" &&
      visible?.width === this.size.width &&
      visible.height === this.size.height &&
      frame.displayWidth === this.size.width &&
      // Untagged is drawn as BT.709 in limited range by Chromium, so that is what the person saw of themselves.
      (matrix === "bt709" || matrix === null) &&
      fullRange !== true
    );
  }
}
