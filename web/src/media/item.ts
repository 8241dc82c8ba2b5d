/** What an item between page and program holds; the values are those on the wire (docs/local-client.md). */
export const ItemKind = { picture: 1, sound: 2 } as const;

/** Bits of a picture's flags byte. */
export const PictureFlags = { fullRange: 1, matrixShift: 1, matrixMask: 3, bt601: 0, bt709: 1 } as const;

/** Of a sound's flags byte: the packet never came, its payload is empty. */
export const soundLost = 1;

/** u8 kind, u8 flags, u16 width, u16 height, u16 reserved, u64 µs; little endian. */
export const headerBytes = 16;

/** 4 MiB, the protocol's bound: whoever names a longer item is refused before a byte of it is kept. */
export const largestItemBytes = 4 << 20;

/** 1275 bytes are the most that one Opus frame has (RFC 6716 §3.2.1); six of them make 120 ms, the longest packet. */
const largestSoundBytes = 6 * 1275;

export interface PictureHeader {
  readonly kind: "picture";
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  readonly matrix: "bt601" | "bt709";
  readonly microseconds: number;
}

export interface SoundHeader {
  readonly kind: "sound";
  readonly lost: boolean;
  readonly microseconds: number;
}

export type ItemHeader = PictureHeader | SoundHeader;

/** Bytes of an I420 picture without padding. */
export function i420Bytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Reads the 16 bytes before a payload of `payloadBytes`; null when they do not belong together, or to nothing we know. */
export function readHeader(view: DataView, payloadBytes: number): ItemHeader | null {
  const flags = view.getUint8(1);
  // Above 2^53 µs (285 years) a number is no longer exact: no clock of ours gets there, and nothing depends on it.
  const microseconds = Number(view.getBigUint64(8, true));
  switch (view.getUint8(0)) {
    case ItemKind.picture: {
      const width = view.getUint16(2, true);
      const height = view.getUint16(4, true);
      if (width === 0 || height === 0 || payloadBytes !== i420Bytes(width, height)) return null;
      const matrix = (flags >> PictureFlags.matrixShift) & PictureFlags.matrixMask;
      return {
        kind: "picture",
        width,
        height,
        fullRange: (flags & PictureFlags.fullRange) !== 0,
        matrix: matrix === PictureFlags.bt709 ? "bt709" : "bt601",
        microseconds,
      };
    }
    case ItemKind.sound: {
      const lost = (flags & soundLost) !== 0;
      if (lost ? payloadBytes !== 0 : payloadBytes === 0 || payloadBytes > largestSoundBytes) return null;
      return { kind: "sound", lost, microseconds };
    }
    default:
      return null;
  }
}

/** Writes a picture's header; our own pictures are BT.709 in limited range, as the codec's. */
export function writePictureHeader(view: DataView, width: number, height: number, microseconds: number): void {
  write(view, ItemKind.picture, PictureFlags.bt709 << PictureFlags.matrixShift, width, height, microseconds);
}

export function writeSoundHeader(view: DataView, microseconds: number): void {
  write(view, ItemKind.sound, 0, 0, 0, microseconds);
}

function write(view: DataView, kind: number, flags: number, width: number, height: number, microseconds: number): void {
  view.setUint8(0, kind);
  view.setUint8(1, flags);
  view.setUint16(2, width, true);
  view.setUint16(4, height, true);
  view.setUint16(6, 0, true);
  view.setBigUint64(8, BigInt(Math.max(0, Math.round(microseconds))), true);
}
