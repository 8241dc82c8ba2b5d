import { headerBytes, type ItemHeader, largestItemBytes, readHeader } from "./item";

/** Bytes of the length before every item. */
const lengthBytes = 4;

/** The stream is not what the protocol says: whoever reads it must close it. */
export class BrokenStream extends Error {}

/**
 * Cuts the endless body of /api/frames into items, wherever the network has split it. An item that arrives in one piece is handed on without a copy;
 * one in pieces is put together in one buffer that only grows as far as bytes really come (a length alone reserves nothing).
 */
export class ItemStream {
  private pending = new Uint8Array(64 << 10);
  private pendingBytes = 0;

  /** @param onItem payload is valid only until it returns */
  constructor(private readonly onItem: (header: ItemHeader, payload: Uint8Array) => void) {}

  /** @throws BrokenStream on a length or a header that cannot be; nothing may be pushed after that */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.pendingBytes === 0) {
        const whole = itemBytes(rest, rest.length);
        if (whole !== null && rest.length >= whole) {
          this.deliver(rest, whole);
          rest = rest.subarray(whole);
          continue;
        }
      }
      const known = itemBytes(this.pending, this.pendingBytes);
      const wanted = (known ?? lengthBytes) - this.pendingBytes;
      const taken = Math.min(wanted, rest.length);
      this.append(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      const length = itemBytes(this.pending, this.pendingBytes);
      if (length !== null && this.pendingBytes === length) {
        this.pendingBytes = 0;
        this.deliver(this.pending, length);
      }
    }
  }

  private append(bytes: Uint8Array): void {
    const needed = this.pendingBytes + bytes.length;
    if (needed > this.pending.length) {
      const grown = new Uint8Array(Math.max(needed, this.pending.length * 2));
      grown.set(this.pending.subarray(0, this.pendingBytes));
      this.pending = grown;
    }
    this.pending.set(bytes, this.pendingBytes);
    this.pendingBytes = needed;
  }

  private deliver(bytes: Uint8Array, length: number): void {
    const payloadBytes = length - lengthBytes - headerBytes;
    const header = readHeader(new DataView(bytes.buffer, bytes.byteOffset + lengthBytes, headerBytes), payloadBytes);
    if (header === null) throw new BrokenStream("An item whose header and length do not belong together.");
    this.onItem(header, bytes.subarray(lengthBytes + headerBytes, length));
  }
}

/** Bytes of the item that begins here, its length field included; null while that field is not complete. */
function itemBytes(bytes: Uint8Array, available: number): number | null {
  if (available < lengthBytes) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getUint32(0, true);
  if (length < headerBytes || length > largestItemBytes) throw new BrokenStream(`An item of ${length} bytes.`);
  return lengthBytes + length;
}
