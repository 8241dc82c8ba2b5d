// What a page is given to be measured: a camera whose pictures carry their number, a microphone that chirps, and something that notes when both come out at the other side.

/** Of the number in a picture: blocks at the top, in 320ths of its width and 180ths of its height. 1,024 pictures are 34 s at 30/s: longer than anything is under way. */
export const code = { bits: 10, left: 16, width: 28, top: 10, height: 36 };

/** A chirp, so that its place is sharp in a correlation. */
export const chirp = { from: 600, to: 3000, seconds: 0.04, everySeconds: 0.9, rate: 48_000 };

export function chirpSamples({ from, to, seconds, rate }) {
  const length = Math.round(seconds * rate);
  return Float32Array.from({ length }, (_, at) => {
    const t = at / rate;
    const window = Math.sin((Math.PI * at) / length) ** 2;
    return 0.5 * window * Math.sin(2 * Math.PI * (from * t + ((to - from) * t * t) / (2 * seconds)));
  });
}

/** Runs in the page before its scripts. All times are milliseconds of performance.timeOrigin + performance.now(), which pages of one machine share. */
export function probe({ fps, code, samples, everySeconds }) {
  const now = () => performance.timeOrigin + performance.now();
  const interval = 1000 / fps;
  const began = now();
  const most = 1 << code.bits;
  const record = { began, interval, most, sent: [], seen: [], shown: [], statistics: [], chirps: [], mouth: [], ear: [], heard: [] };
  window.probe = record;

  // The camera.
  const place = (bit, w) => Math.round(((code.left + (bit + 0.5) * code.width) * w) / 320);
  const row = (h) => Math.round(((code.top + code.height / 2) * h) / 180);
  const readNumber = (levelAt, w) => {
    let number = 0;
    for (let bit = 0; bit < code.bits; bit++) {
      let level = 0;
      for (let x = -3; x <= 3; x++) level += levelAt(place(bit, w) + x) / 7;
      if (level > 100 && level < 150) return null;
      if (level > 125) number |= 1 << bit;
    }
    return number;
  };
  const textures = new Map();
  const texture = (w, h) => {
    const key = `${w}x${h}`;
    if (!textures.has(key)) {
      const made = new Uint8Array(2 * w * h);
      for (let y = 0; y < h; y++)
        for (let x = 0; x < 2 * w; x++)
          made[y * 2 * w + x] =
            120 + 30 * Math.sin(x / 23 + y / 31) + 25 * Math.sin((x * x) / 9000 - y / 17) + 10 * Math.sin(x * 0.7) * Math.sin(y * 0.9);
      textures.set(key, made);
    }
    return textures.get(key);
  };
  const draw = (picture, w, h, number) => {
    const from = texture(w, h);
    const shift = Math.round((w / 2) * (1 + Math.sin(number / 40)));
    for (let y = 0; y < h; y++) picture.set(from.subarray(y * 2 * w + shift, y * 2 * w + shift + w), y * w);
    const top = Math.round((code.top * h) / 180);
    const bottom = Math.round(((code.top + code.height) * h) / 180);
    for (let bit = 0; bit < code.bits; bit++) {
      const left = Math.round(((code.left + bit * code.width) * w) / 320);
      const right = Math.round(((code.left + (bit + 1) * code.width) * w) / 320);
      for (let y = top; y < bottom; y++) picture.fill((number >> bit) & 1 ? 220 : 30, y * w + left, y * w + right);
    }
  };
  const openCamera = (w, h) => {
    const track = new window.MediaStreamTrackGenerator({ kind: "video" });
    const writer = track.writable.getWriter();
    const picture = new Uint8Array((w * h * 3) / 2).fill(128);
    const colorSpace = { primaries: "bt709", transfer: "bt709", matrix: "bt709", fullRange: false };
    let before = -1;
    const tick = () => {
      if (track.readyState === "ended") return;
      const at = Math.floor((now() - began) / interval);
      // As a camera's: what nobody takes is left out, not kept for later.
      if (at > before && writer.desiredSize > 0) {
        before = at;
        draw(picture, w, h, at % most);
        const frame = new VideoFrame(picture, {
          format: "I420",
          codedWidth: w,
          codedHeight: h,
          timestamp: Math.round(at * interval * 1000),
          colorSpace,
        });
        writer.write(frame).catch(() => frame.close());
      }
      setTimeout(tick, Math.max(0, began + (at + 1) * interval - now()));
    };
    tick();
    return track;
  };

  // The microphone.
  const openMicrophone = () => {
    const context = new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
    const out = context.createMediaStreamDestination();
    const buffer = context.createBuffer(1, samples.length, 48_000);
    buffer.copyToChannel(Float32Array.from(samples), 0);
    let next = context.currentTime + 0.5;
    setInterval(() => {
      // Samples exist when they are rendered; a microphone's block exists when its last sample was recorded, so the block's own length counts.
      record.mouth.push([context.currentTime, now() - (context.currentTime + context.baseLatency) * 1000]);
      if (context.currentTime < next - 0.25) return;
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(out);
      source.start(next);
      record.chirps.push(next);
      next += everySeconds;
    }, 50);
    return out.stream.getAudioTracks()[0];
  };
  navigator.mediaDevices.getUserMedia = async ({ video, audio }) => {
    const tracks = [];
    if (video) tracks.push(openCamera(video.width?.ideal ?? 320, video.height?.ideal ?? 180));
    if (audio) tracks.push(openMicrophone());
    return new MediaStream(tracks);
  };

  // What leaves for the program, and what the program says.
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.includes('"statistics"')) record.statistics.push({ at: now(), ...JSON.parse(data) });
      });
    }
    send(data) {
      if (data instanceof Uint8Array && data[0] === 1) {
        const w = data[2] | (data[3] << 8);
        const h = data[4] | (data[5] << 8);
        record.sent.push([readNumber((x) => data[16 + row(h) * w + x], w), now()]);
      }
      super.send(data);
    }
  };

  // The other side's picture, painted by the processor: its pixels are there when it has been put.
  const putImageData = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
    const begun = now();
    putImageData.call(this, image, ...place);
    if (this.canvas.className !== "remote") return;
    const at = now();
    const { width: w, height: h, data } = image;
    record.seen.push([readNumber((x) => data[(row(h) * w + x) * 4 + 1], w), at, at - begun]);
    requestAnimationFrame(() => record.shown.push(now() - at));
  };

  // The same by WebGL: a strip is read back behind the drawing, without holding it up; when the strip is here, the pixels are.
  const drawArrays = WebGL2RenderingContext.prototype.drawArrays;
  WebGL2RenderingContext.prototype.drawArrays = function (...given) {
    drawArrays.apply(this, given);
    const begun = now();
    const { width: w, height: h } = this.canvas;
    const strip = this.createBuffer();
    this.bindBuffer(this.PIXEL_PACK_BUFFER, strip);
    this.bufferData(this.PIXEL_PACK_BUFFER, w * 4, this.STREAM_READ);
    this.readPixels(0, h - 1 - row(h), w, 1, this.RGBA, this.UNSIGNED_BYTE, 0);
    const fence = this.fenceSync(this.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.bindBuffer(this.PIXEL_PACK_BUFFER, null);
    this.flush();
    const look = () => {
      if (this.getSyncParameter(fence, this.SYNC_STATUS) !== this.SIGNALED) {
        setTimeout(look, 1);
        return;
      }
      const at = now();
      const pixels = new Uint8Array(w * 4);
      this.bindBuffer(this.PIXEL_PACK_BUFFER, strip);
      this.getBufferSubData(this.PIXEL_PACK_BUFFER, 0, pixels);
      this.bindBuffer(this.PIXEL_PACK_BUFFER, null);
      this.deleteBuffer(strip);
      this.deleteSync(fence);
      record.seen.push([readNumber((x) => pixels[x * 4 + 1], w), at, at - begun]);
      requestAnimationFrame(() => record.shown.push(now() - at));
    };
    setTimeout(look, 1);
  };

  // The other side's sound: what goes to the loudspeaker is kept, with the time at which it is heard.
  const worklet = URL.createObjectURL(
    new Blob(
      [
        `registerProcessor("ear", class extends AudioWorkletProcessor {
          block = new Int16Array(4800); filled = 0; first = 0;
          process([[input]]) {
            if (this.filled === 0) this.first = currentFrame;
            for (let at = 0; at < 128; at++) this.block[this.filled++] = Math.max(-1, Math.min(1, input?.[at] ?? 0)) * 32767;
            if (this.filled >= 4736) { this.port.postMessage([this.first, this.block.slice(0, this.filled)]); this.filled = 0; }
            return true;
          }
        })`,
      ],
      { type: "text/javascript" },
    ),
  );
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const { context } = this;
      void context.audioWorklet.addModule(worklet).then(() => {
        const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
        ear.port.onmessage = ({ data }) => record.heard.push(data);
        connect.call(this, ear);
        setInterval(() => {
          const { contextTime, performanceTime } = context.getOutputTimestamp();
          if (performanceTime > 0)
            record.ear.push([
              context.currentTime,
              performance.timeOrigin + performanceTime - contextTime * 1000,
              now() - context.currentTime * 1000,
            ]);
        }, 100);
      });
    }
    return connect.call(this, target, ...rest);
  };

  /** Everything so far; of the sound 16 bits a sample. */
  record.take = () => {
    const { heard, take, ...rest } = record;
    void take;
    const bytes = heard.map(([first, block]) => [first, btoa(String.fromCharCode(...new Uint8Array(block.buffer)))]);
    return { ...rest, heard: bytes, until: now() };
  };
}
