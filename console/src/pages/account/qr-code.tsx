/** A QR code, drawn in the page, so that no server sees the text. */
import { useEffect, useState } from 'react';
import styles from './account.module.css';
import type { QrPath } from './qr-path.ts';

export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const [code, setCode] = useState<QrPath>();
  useEffect(() => {
    let isShown = true;
    const draw = async () => {
      const { qrPath } = await import('./qr-path.ts');
      if (isShown) setCode(qrPath(text));
    };
    // The text beside it does the same, so that a code that cannot be drawn stops nobody.
    void draw().catch(() => undefined);
    return () => {
      isShown = false;
    };
  }, [text]);
  return (
    <div className={styles.qr}>
      {code !== undefined && (
        <svg viewBox={`0 0 ${code.side} ${code.side}`} role="img" aria-label={label}>
          <path d={code.path} shapeRendering="crispEdges" />
        </svg>
      )}
    </div>
  );
}
