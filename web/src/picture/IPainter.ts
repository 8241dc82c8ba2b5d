import { type PictureHeader } from "../media/item";

/** Shows pictures on a canvas, whose size follows theirs. */
export interface IPainter {
  /** @param planes Y, Cb, Cr, one after another without padding; borrowed */
  paint(header: PictureHeader, planes: Uint8Array): void;

  /** Gives everything back, the canvas stays. */
  close(): void;
}
