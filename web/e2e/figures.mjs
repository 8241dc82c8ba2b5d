// Numbers from what was seen and heard.
import { readdirSync, readFileSync } from "node:fs";

/** The value that `share` of all do not exceed; null of none. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** How much sound is a tone, 0..1: the correlation with it at the phase that fits best. */
export function toneShare(samples, hertz, rate) {
  let energy = 0;
  let sine = 0;
  let cosine = 0;
  samples.forEach((sample, at) => {
    const angle = (2 * Math.PI * hertz * at) / rate;
    energy += sample * sample;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
  });
  return energy === 0 ? 0 : Math.hypot(sine, cosine) / Math.sqrt((energy * samples.length) / 2);
}

/** Where the pattern lies: the place of the largest normalised correlation. */
export function find(pattern, samples) {
  const own = Math.sqrt(pattern.reduce((sum, value) => sum + value * value, 0));
  let energy = 0;
  let best = { at: -1, correlation: 0 };
  for (let at = 0; at < samples.length; at++) {
    energy += samples[at] ** 2;
    const start = at - pattern.length + 1;
    if (start < 0) continue;
    if (start > 0) energy -= samples[start - 1] ** 2;
    if (energy < 1e6) continue; // 16 bit: silence
    let product = 0;
    for (let k = 0; k < pattern.length; k++) product += pattern[k] * samples[start + k];
    const correlation = product / (own * Math.sqrt(energy));
    if (correlation > best.correlation) best = { at: start, correlation };
  }
  return best;
}

const ticksPerSecond = 100; // USER_HZ, which Linux keeps at 100 for programs

/** Seconds of CPU that each thread of a process has used, by number (proc_pid_stat(5)): [name, seconds]. */
export function threadSeconds(pid) {
  const threads = new Map();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      threads.set(thread, [name, (Number(fields[11]) + Number(fields[12])) / ticksPerSecond]);
    } catch {
      // it ended meanwhile
    }
  }
  return threads;
}

/** Percent of one core by thread name, between two readings. */
export function threadShares(before, after, seconds) {
  const shares = {};
  for (const [thread, [name, used]] of after) {
    const percent = (100 * (used - (before.get(thread)?.[1] ?? 0))) / seconds;
    shares[name] = (shares[name] ?? 0) + percent;
  }
  return shares;
}
