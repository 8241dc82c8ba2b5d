import { type PictureSize } from "../control/messages";
import { type CaptureSocket } from "./CaptureSocket";
import { type DeviceProblem, openCamera, openScreen, problemOf } from "./devices";
import { type IPictureSource } from "./IPictureSource";
import { openPictures } from "./openPictures";

export interface OwnPictureProblem {
  readonly device: "camera" | "screen";
  readonly problem: DeviceProblem;
}

/** What of ourselves is seen: the camera, or in its place a screen. Off means that the camera is closed and its light goes out. */
export class OwnPicture {
  private camera: MediaStreamVideoTrack | null = null;
  private screen: MediaStreamVideoTrack | null = null;
  private source: IPictureSource | null = null;
  private sending: { readonly socket: CaptureSocket; readonly size: PictureSize } | null = null;
  private deviceId = "";
  /** Rises with every request for the camera: an answer to an older one is given back. */
  private request = 0;

  problem: OwnPictureProblem | null = null;

  /** @param onChange after every change of what the getters tell */
  constructor(
    private readonly fps: number,
    private readonly onChange: () => void,
  ) {}

  /** What the self view shows; null = nothing. */
  get track(): MediaStreamVideoTrack | null {
    return this.screen ?? this.camera;
  }

  get cameraOn(): boolean {
    return this.camera !== null;
  }

  get sharing(): boolean {
    return this.screen !== null;
  }

  /** Opens the camera, or another in place of the open one. */
  async openCamera(deviceId: string, size: PictureSize): Promise<void> {
    const request = ++this.request;
    this.closeCamera();
    this.deviceId = deviceId;
    try {
      const track = await openCamera(deviceId, size, this.fps);
      if (request !== this.request) {
        track.stop();
        return;
      }
      this.camera = track;
      this.problem = null;
      track.addEventListener("ended", () => {
        if (this.camera !== track) return;
        this.camera = null;
        this.problem = { device: "camera", problem: "unplugged" };
        this.changed();
      });
    } catch (error) {
      if (request === this.request) this.problem = { device: "camera", problem: problemOf(error) };
    }
    this.changed();
  }

  async setCamera(on: boolean, size: PictureSize): Promise<void> {
    if (on) {
      await this.openCamera(this.deviceId, size);
    } else {
      this.request++;
      this.closeCamera();
      this.problem = null;
      this.changed();
    }
  }

  async setSharing(on: boolean): Promise<void> {
    if (!on) {
      this.screen?.stop();
      this.screen = null;
      this.changed();
      return;
    }
    try {
      const track = await openScreen(this.fps);
      if (track === null) return;
      this.screen?.stop();
      this.screen = track;
      this.problem = null;
      // The browser has a button of its own to end it.
      track.addEventListener("ended", () => {
        if (this.screen !== track) return;
        this.screen = null;
        this.changed();
      });
    } catch (error) {
      this.problem = { device: "screen", problem: problemOf(error) };
    }
    this.changed();
  }

  startSending(socket: CaptureSocket, size: PictureSize): void {
    this.sending = { socket, size };
    this.changed();
  }

  stopSending(): void {
    this.sending = null;
    this.screen?.stop();
    this.screen = null;
    this.changed();
  }

  private closeCamera(): void {
    const track = this.camera;
    this.camera = null;
    track?.stop();
  }

  private changed(): void {
    this.source?.stop();
    this.source = null;
    const { track, sending } = this;
    if (track !== null && sending !== null) {
      this.source = openPictures(track, sending.size, this.screen === null ? "cover" : "contain", sending.socket);
    }
    this.onChange();
  }
}
