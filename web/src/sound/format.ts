/** Opus works at 48 kHz (RFC 7587 §4.1), and so does everything here. */
export const sampleRate = 48_000;

/** 20 ms: what Opus packets hold by default (RFC 7587 §4.2). */
export const packetSamples = 960;
