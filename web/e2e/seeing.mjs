// What a person would see and hear, read from the page.
import { bits, block, height, patch, patches, width } from "./material.mjs";

/** Before any script of the page: everything that goes to the loudspeaker also goes to an analyser. */
export function listenIn() {
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

/** The numbers of the pictures as they change, until so many were seen or the time is over. */
export async function watch(page, selector, wanted, ms) {
  const numbers = [];
  const end = performance.now() + ms;
  while (numbers.length < wanted && performance.now() < end) {
    const { number, certain } = await look(page, selector);
    if (certain && numbers.at(-1) !== number) numbers.push(number);
  }
  return numbers;
}

/** How much louder the tone is than what lies beside it, in dB, at its loudest within the time. */
export function hear(page, hertz, ms) {
  return page.evaluate(
    async ({ hertz, ms }) => {
      const analyser = window.heard;
      if (!analyser) return null;
      const bins = new Float32Array(analyser.frequencyBinCount);
      const binOf = (f) => Math.round((f / analyser.context.sampleRate) * analyser.fftSize);
      let best = -Infinity;
      const end = performance.now() + ms;
      while (performance.now() < end) {
        analyser.getFloatFrequencyData(bins);
        const at = binOf(hertz);
        const peak = Math.max(...bins.subarray(at - 1, at + 2));
        if (peak > -80) best = Math.max(best, peak - Math.max(...bins.subarray(binOf(hertz * 1.4), binOf(hertz * 3))));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return best === -Infinity ? 0 : best;
    },
    { hertz, ms },
  );
}
