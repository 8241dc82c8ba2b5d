import { type PictureSize } from "../control/messages";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The largest middle part of `source` with the shape of `target`: a camera fills the picture, its edges are cut. */
export function cover(source: PictureSize, target: PictureSize): Rectangle {
  const scale = Math.min(source.width / target.width, source.height / target.height);
  return centred(source, target.width * scale, target.height * scale);
}

/** Where in `target` all of `source` fits: of a screen nothing may be missing, the rest stays black. */
export function contain(source: PictureSize, target: PictureSize): Rectangle {
  const scale = Math.min(target.width / source.width, target.height / source.height);
  return centred(target, source.width * scale, source.height * scale);
}

function centred(outer: PictureSize, width: number, height: number): Rectangle {
  return { x: (outer.width - width) / 2, y: (outer.height - height) / 2, width, height };
}
