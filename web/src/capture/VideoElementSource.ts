import { type PictureSize } from "../control/messages";
import { CanvasPacker } from "./CanvasPacker";
import { type CaptureSocket } from "./CaptureSocket";
import { type Fitting, type IPictureSource } from "./IPictureSource";

/** For browsers that do not hand out a track's pictures: a video element plays the track, and a canvas copies what it shows. */
export class VideoElementSource implements IPictureSource {
  private readonly video = document.createElement("video");
  private readonly packer: CanvasPacker;
  private stopped = false;

  constructor(
    track: MediaStreamVideoTrack,
    size: PictureSize,
    fitting: Fitting,
    private readonly socket: CaptureSocket,
  ) {
    this.packer = new CanvasPacker(size, fitting, socket);
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.srcObject = new MediaStream([track]);
    void this.video.play().catch((error: unknown) => {
      if (!this.stopped) console.warn("The camera's picture does not play.", error);
    });
    this.next();
  }

  stop(): void {
    this.stopped = true;
    this.video.srcObject = null;
    this.packer.stop();
  }

  private next(): void {
    this.video.requestVideoFrameCallback((now, metadata) => {
      if (this.stopped) return;
      // Where the browser says when the picture was captured, that is the page's clock already.
      const milliseconds = metadata.captureTime ?? now;
      const size = { width: this.video.videoWidth, height: this.video.videoHeight };
      if (!this.socket.wantsPicture || !this.packer.offer(this.video, size, milliseconds * 1000)) this.socket.droppedPictures++;
      this.next();
    });
  }
}
