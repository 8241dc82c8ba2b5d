// What a person would see and hear, read from the page.
import { bits, block, height, patch, patches, width } from "./material.mjs";

/** Before any script of the page: everything that goes to the loudspeaker also goes to an analyser, and it is noted when pictures are drawn. */
export function listenIn() {
  window.drawn = [];
  const noteDrawing = (context, method) => {
    const draw = context[method];
    context[method] = function (...given) {
      draw.apply(this, given);
      if (this.canvas.className === "remote") window.drawn.push(performance.now());
    };
  };
  noteDrawing(WebGL2RenderingContext.prototype, "drawArrays");
  noteDrawing(CanvasRenderingContext2D.prototype, "putImageData");
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const analyser = this.context.createAnalyser();
      analyser.fftSize = 8192;
      connect.call(this, analyser);
      window.heard = analyser;
    }
    return connect.call(this, target, ...rest);
  };
}

/** Before any script of the page: WebGL counts as fast although the processor does it, so that its painter is seen to work on machines without a GPU. */
export function takeSlowWebGl() {
  const getContext = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, options) {
    return getContext.call(this, kind, { ...options, failIfMajorPerformanceCaveat: false });
  };
}

/**
 * The number in a picture and the mean colours of its patches.
 * @param selector of a canvas or a video
 */
export function look(page, selector) {
  return page.evaluate(
    ({ selector, bits, block, patch, count, width, height }) => {
      const seen = document.querySelector(selector);
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(seen, 0, 0, width, height);
      const mean = (left, top, w, h) => {
        const inset = 8;
        const { data } = context.getImageData(left + inset, top + inset, w - 2 * inset, h - 2 * inset);
        const sums = [0, 0, 0];
        for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
        return sums.map((sum) => sum / (data.length / 4));
      };
      let number = 0;
      let certain = true;
      for (let bit = 0; bit < bits; bit++) {
        const [r, g, b] = mean(block.left + bit * block.width, block.top, block.width, block.height);
        const grey = (r + g + b) / 3;
        if (grey > 90 && grey < 150) certain = false;
        if (grey >= 120) number |= 1 << bit;
      }
      const colours = Array.from({ length: count }, (_, at) => mean(patch.left + at * patch.width, patch.top, patch.width, patch.height));
      return { number, certain, colours };
    },
    { selector, bits, block, patch, count: patches.length, width, height },
  );
}

/**
 * How much of what is heard is the tone: the correlation with it, 0..1, of the 100 ms that are most like it within the time; 0 when there is silence.
 * The best 100 ms: it comes in bursts, and a machine that is busy lets the sound run dry.
 */
export function hear(page, hertz, ms) {
  return page.evaluate(
    async ({ hertz, ms }) => {
      const analyser = window.heard;
      if (!analyser) return 0;
      const rate = analyser.context.sampleRate;
      const samples = new Float32Array(analyser.fftSize);
      const length = Math.round(rate / 10);
      let best = 0;
      const end = performance.now() + ms;
      while (performance.now() < end) {
        analyser.getFloatTimeDomainData(samples);
        for (let first = 0; first + length <= samples.length; first += 400) {
          let energy = 0;
          let sine = 0;
          let cosine = 0;
          for (let at = 0; at < length; at++) {
            const sample = samples[first + at];
            energy += sample * sample;
            sine += sample * Math.sin((2 * Math.PI * hertz * at) / rate);
            cosine += sample * Math.cos((2 * Math.PI * hertz * at) / rate);
          }
          // Below -60 dB there is nothing to hear.
          if (energy > length * 1e-6) best = Math.max(best, Math.hypot(sine, cosine) / Math.sqrt((energy * length) / 2));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return best;
    },
    { hertz, ms },
  );
}

/** Milliseconds between the other side's pictures, as the page draws them, from now on for so long. */
export function gaps(page, ms) {
  return page.evaluate(async (ms) => {
    const first = window.drawn.length;
    const begun = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const times = [begun, ...window.drawn.slice(first), performance.now()];
    return times.slice(1).map((time, at) => time - times[at]);
  }, ms);
}

/** A value of the statistics, as the page shows it. */
export async function figure(page, measure) {
  return Number(await page.locator(`[data-measure="${measure}"]`).innerText());
}

/** Of the next pictures that are drawn, each: its number and the mean colours of so many parts beside each other below it. */
export async function lookAtNext(page, selector, count, columns = 1) {
  return page.evaluate(
    async ({ selector, count, columns, bits, block, width, height }) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const mean = (left, top, w, h) => {
        const { data } = context.getImageData(left, top, w, h);
        const sums = [0, 0, 0];
        for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
        return sums.map((sum) => sum / (data.length / 4));
      };
      const pictures = [];
      let drawn = window.drawn.length;
      while (pictures.length < count) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (window.drawn.length === drawn) continue;
        drawn = window.drawn.length;
        context.drawImage(document.querySelector(selector), 0, 0, width, height);
        let number = 0;
        let certain = true;
        for (let bit = 0; bit < bits; bit++) {
          const [, level] = mean(block.left + bit * block.width + 8, block.top + 8, block.width - 16, block.height - 16);
          if (level > 90 && level < 150) certain = false;
          if (level >= 120) number |= 1 << bit;
        }
        if (!certain) continue;
        const below = block.top + block.height + 6;
        const colours = Array.from({ length: columns }, (_, at) => mean((at * width) / columns, below, width / columns, height - below));
        pictures.push({ number, colours });
      }
      return pictures;
    },
    { selector, count, columns, bits, block, width, height },
  );
}
