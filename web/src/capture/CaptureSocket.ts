import { headerBytes, i420Bytes, writePictureHeader, writeSoundHeader } from "../media/item";
import { type PictureSize } from "../control/messages";
import { socketAddress } from "../control/session";

/** Pictures that are on their way at most, whatever the program allows: two are what it asks for, more would only be latency. */
const mostCredit = 3;

/** Without any word from the program for so long, one picture is sent all the same (the protocol permits it): a lost credit must not end the video. */
const patienceMs = 500;

/** Reads {"take":N}; null = something else. */
export function readTake(text: unknown): number | null {
  if (typeof text !== "string" || text.length > 64) return null;
  try {
    const value = JSON.parse(text) as unknown;
    const take = typeof value === "object" && value !== null && "take" in value ? value.take : null;
    return typeof take === "number" && Number.isInteger(take) && take >= 0 ? take : null;
  } catch {
    return null;
  }
}

/** WebSocket /api/capture: our pictures and our sound, one message each. Pictures beyond what the program takes are dropped here, sound never. */
export class CaptureSocket {
  private socket: WebSocket | null = null;
  private credit = 0;
  private lastSent = 0;
  private closed = false;
  /** One message, filled and sent again and again: send() copies it. */
  private message = new Uint8Array(headerBytes);

  sentPictures = 0;
  droppedPictures = 0;

  constructor() {
    this.open();
  }

  /** Whether a picture offered now would go out; who captures asks first and saves the conversion. */
  get wantsPicture(): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    return this.credit > 0 || performance.now() - this.lastSent > patienceMs;
  }

  /** Room for one picture, its planes one after another from `payloadOffset`; borrowed until sendPicture or the next call. */
  borrowPicture(size: PictureSize): { readonly buffer: Uint8Array<ArrayBuffer>; readonly payloadOffset: number } {
    const bytes = headerBytes + i420Bytes(size.width, size.height);
    if (this.message.length !== bytes) this.message = new Uint8Array(bytes);
    return { buffer: this.message, payloadOffset: headerBytes };
  }

  /** Sends the borrowed picture. */
  sendPicture(size: PictureSize, microseconds: number): void {
    if (this.socket === null || !this.wantsPicture) {
      this.droppedPictures++;
      return;
    }
    writePictureHeader(new DataView(this.message.buffer), size.width, size.height, microseconds);
    this.socket.send(this.message);
    this.credit = Math.max(0, this.credit - 1);
    this.lastSent = performance.now();
    this.sentPictures++;
  }

  sendSound(packet: EncodedAudioChunk, microseconds: number): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const message = new Uint8Array(headerBytes + packet.byteLength);
    writeSoundHeader(new DataView(message.buffer), microseconds);
    packet.copyTo(message.subarray(headerBytes));
    this.socket.send(message);
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private open(): void {
    const socket = new WebSocket(socketAddress("/api/capture"));
    socket.onmessage = (event) => {
      this.credit = Math.min(mostCredit, this.credit + (readTake(event.data) ?? 0));
    };
    socket.onclose = () => {
      this.credit = 0;
      // The program is next door: a broken socket means that it goes, and the control channel tells; otherwise one more try soon.
      if (!this.closed)
        setTimeout(() => {
          if (!this.closed) this.open();
        }, 500);
    };
    this.socket = socket;
  }
}
