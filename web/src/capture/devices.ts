import { type PictureSize } from "../control/messages";

/** Why a device gives nothing; each has a text of its own (views/problems). */
export type DeviceProblem = "permission-denied" | "not-found" | "in-use" | "unplugged" | "failed";

/** What getUserMedia's rejection means (Media Capture and Streams §10.2). */
export function problemOf(error: unknown): DeviceProblem {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "permission-denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "not-found";
    case "NotReadableError":
    case "AbortError":
      return "in-use";
    default:
      return "failed";
  }
}

/** The camera at the call's size where it can, so that nothing needs scaling. `deviceId` "" = the browser's choice. */
export async function openCamera(deviceId: string, size: PictureSize, fps: number): Promise<MediaStreamVideoTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: {
      ...(deviceId === "" ? {} : { deviceId: { exact: deviceId } }),
      width: { ideal: size.width },
      height: { ideal: size.height },
      frameRate: { ideal: fps, max: fps },
    },
  });
  return firstTrack(stream.getVideoTracks());
}

export async function openMicrophone(deviceId: string): Promise<MediaStreamAudioTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      ...(deviceId === "" ? {} : { deviceId: { exact: deviceId } }),
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: { ideal: 1 },
    },
  });
  return firstTrack(stream.getAudioTracks());
}

/** Asks the person which screen or window; null = they changed their mind. */
export async function openScreen(fps: number): Promise<MediaStreamVideoTrack | null> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: fps, max: fps } }, audio: false });
    return firstTrack(stream.getVideoTracks());
  } catch (error) {
    if (problemOf(error) === "permission-denied") return null;
    throw error;
  }
}

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

/** Labels are empty until the person has allowed one device; then numbers take their place. */
export async function listDevices(kind: "videoinput" | "audioinput"): Promise<DeviceChoice[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const name = kind === "videoinput" ? "Camera" : "Microphone";
  return devices
    .filter((device) => device.kind === kind)
    .map((device, at) => ({ id: device.deviceId, label: device.label || `${name} ${at + 1}` }));
}

function firstTrack<T extends MediaStreamTrack>(tracks: T[]): T {
  const [track] = tracks;
  if (track === undefined) throw new DOMException("The stream has no track.", "NotFoundError");
  return track;
}
