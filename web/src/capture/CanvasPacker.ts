import { type PictureSize } from "../control/messages";
import { type CaptureSocket } from "./CaptureSocket";
import { contain, cover } from "./fit";
import { type Fitting } from "./IPictureSource";
import { type PackedPicture, type PackRequest } from "./rgba.worker";

/** Scales anything that a canvas can draw to the call's size; the browser turns its colours into RGB, a worker those into I420. One picture at a time. */
export class CanvasPacker {
  private readonly worker = new Worker(new URL("./rgba.worker.ts", import.meta.url), { type: "module" });
  private readonly context: CanvasRenderingContext2D;
  private busy = false;

  constructor(
    private readonly size: PictureSize,
    private readonly fitting: Fitting,
    private readonly socket: CaptureSocket,
  ) {
    const canvas = document.createElement("canvas");
    canvas.width = size.width;
    canvas.height = size.height;
    // Read back every time: kept in memory, not on the GPU.
    const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
    if (context === null) throw new Error("The browser gives no canvas.");
    context.imageSmoothingQuality = "high";
    this.context = context;
    this.worker.onmessage = (event: MessageEvent<PackedPicture>) => {
      this.busy = false;
      const { i420, microseconds } = event.data;
      const { buffer, payloadOffset } = this.socket.borrowPicture(this.size);
      buffer.set(new Uint8Array(i420), payloadOffset);
      this.socket.sendPicture(this.size, microseconds);
      this.worker.postMessage(i420, [i420]);
    };
  }

  /** @returns false when the picture before is not done yet: this one is left out */
  offer(picture: CanvasImageSource, source: PictureSize, microseconds: number): boolean {
    if (this.busy || source.width === 0 || source.height === 0) return false;
    const { width, height } = this.size;
    // A place on the canvas rather than a part of the picture: browsers disagree on what a part of a picture with a crop of its own is.
    const place = (this.fitting === "cover" ? cover : contain)(source, this.size);
    if (this.fitting === "contain") this.context.fillRect(0, 0, width, height);
    this.context.drawImage(picture, place.x, place.y, place.width, place.height);
    const rgba = this.context.getImageData(0, 0, width, height).data.buffer;
    this.busy = true;
    this.worker.postMessage({ size: this.size, rgba, microseconds } satisfies PackRequest, [rgba]);
    return true;
  }

  stop(): void {
    this.worker.terminate();
  }
}
