/** A QR code as the path of an SVG. Loaded when one is shown, since its library has 10 kB. */
import { encodeQR } from 'qr';

/** Scanners need four light modules around the code. */
const border = 4;

export interface QrPath {
  /** Modules of a side, with the border. */
  readonly side: number;
  /** The dark modules, one unit each. */
  readonly path: string;
}

export function qrPath(text: string): QrPath {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border });
  const path = rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return { side: rows.length, path };
}
