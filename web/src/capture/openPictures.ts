import { type PictureSize } from "../control/messages";
import { type CaptureSocket } from "./CaptureSocket";
import { type Fitting, type IPictureSource } from "./IPictureSource";
import { ProcessorSource } from "./ProcessorSource";
import { VideoElementSource } from "./VideoElementSource";

/** The best way that this browser has from a track to pictures. */
export function openPictures(track: MediaStreamVideoTrack, size: PictureSize, fitting: Fitting, socket: CaptureSocket): IPictureSource {
  const Source = ProcessorSource.isSupported ? ProcessorSource : VideoElementSource;
  return new Source(track, size, fitting, socket);
}
