import { type PictureHeader } from "../media/item";
import { type IPainter } from "./IPainter";
import { openPainter } from "./openPainter";

/** A picture every 200 samples or so tells whether all of it is black. */
const sampledPoints = 256;

/** Black in limited range is 16; the codec may miss it by a little. */
const blackest = 20;

/** The other side's newest picture on its canvas. */
export class RemotePicture {
  private painter: IPainter;

  /** performance.now() at the last picture; null = none yet. */
  shownAt: number | null = null;

  /** The other side's camera is off: it sends black pictures, as a disabled track does (mediacapture-streams). */
  isBlack = false;

  pictures = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.painter = openPainter(canvas);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.painter = openPainter(canvas);
    });
  }

  /** @param planes borrowed */
  show(header: PictureHeader, planes: Uint8Array): void {
    this.painter.paint(header, planes);
    this.shownAt = performance.now();
    this.isBlack = isBlack(planes.subarray(0, header.width * header.height));
    this.pictures++;
  }

  /** Of the call before, nothing is left to see. */
  forget(): void {
    this.shownAt = null;
    this.isBlack = false;
  }
}

export function isBlack(luma: Uint8Array): boolean {
  const step = Math.max(1, Math.floor(luma.length / sampledPoints));
  for (let at = 0; at < luma.length; at += step) if ((luma[at] ?? 0) > blackest) return false;
  return luma.length > 0;
}
