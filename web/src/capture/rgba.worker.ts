import { packI420 } from "./i420";
import { type PictureSize } from "../control/messages";

/** RGBA in, I420 out, off the page's own thread; both buffers travel without a copy and come back for the next picture. */
export interface PackRequest {
  readonly size: PictureSize;
  readonly rgba: ArrayBuffer;
  readonly microseconds: number;
}

export interface PackedPicture {
  readonly size: PictureSize;
  readonly i420: ArrayBuffer;
  readonly microseconds: number;
}

let spare: ArrayBuffer | null = null;

self.onmessage = (event: MessageEvent<PackRequest | ArrayBuffer>) => {
  if (event.data instanceof ArrayBuffer) {
    spare = event.data;
    return;
  }
  const { size, rgba, microseconds } = event.data;
  const bytes = (size.width * size.height * 3) / 2;
  const i420 = spare?.byteLength === bytes ? spare : new ArrayBuffer(bytes);
  spare = null;
  packI420(new Uint8Array(rgba), size, new Uint8Array(i420));
  self.postMessage({ size, i420, microseconds } satisfies PackedPicture, { transfer: [i420] });
};
