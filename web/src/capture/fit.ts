import { type PictureSize } from "../control/messages";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where `source` lies on `target` to fill it: a camera's edges may fall outside. */
export function cover(source: PictureSize, target: PictureSize): Rectangle {
  const scale = Math.max(target.width / source.width, target.height / source.height);
  return centred(target, source.width * scale, source.height * scale);
}

/** Where on `target` all of `source` fits: of a screen nothing may be missing, the rest stays black. */
export function contain(source: PictureSize, target: PictureSize): Rectangle {
  const scale = Math.min(target.width / source.width, target.height / source.height);
  return centred(target, source.width * scale, source.height * scale);
}

function centred(outer: PictureSize, width: number, height: number): Rectangle {
  return { x: (outer.width - width) / 2, y: (outer.height - height) / 2, width, height };
}
