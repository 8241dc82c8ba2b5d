/** A running conversion of a track into pictures of the call's size, until stopped. */
export interface IPictureSource {
  stop(): void;
}

/** Cameras are cut to the picture's shape, screens are shown whole. */
export type Fitting = "cover" | "contain";
