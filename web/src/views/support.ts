/** What the page cannot do without, and this browser lacks; empty = all is there. */
export function missingFeatures(scope: object = globalThis): string[] {
  const needed: [string, boolean][] = [
    ["camera and microphone (getUserMedia)", "navigator" in scope && hasMediaDevices(scope.navigator)],
    ["Opus sound (WebCodecs AudioEncoder and AudioDecoder)", "AudioEncoder" in scope && "AudioDecoder" in scope],
    ["sound without delay (AudioWorklet)", "AudioWorkletNode" in scope],
    ["the camera's single pictures", "MediaStreamTrackProcessor" in scope || hasFrameCallback(scope)],
  ];
  return needed.filter(([, there]) => !there).map(([name]) => name);
}

function hasMediaDevices(navigator: unknown): boolean {
  return typeof navigator === "object" && navigator !== null && "mediaDevices" in navigator && navigator.mediaDevices !== undefined;
}

function hasFrameCallback(scope: object): boolean {
  const element = "HTMLVideoElement" in scope ? scope.HTMLVideoElement : undefined;
  return typeof element === "function" && "requestVideoFrameCallback" in (element.prototype as object);
}
