/** How the console is built and served while it is developed: one configuration for both. */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';
import { compressAssets } from './compress-assets.ts';

export const consoleFolder = fileURLToPath(new URL('..', import.meta.url));

/** The server puts a new nonce in its place (`server/src/http/pages/console-site.ts`). */
const nonceMark = 'usher-page-nonce';

/** @param node the URL of the node that answers the calls of the console during development */
export function consoleConfig(node: string): InlineConfig {
  return {
    root: consoleFolder,
    base: '/console/',
    configFile: false,
    plugins: [react(), compressAssets()],
    html: { cspNonce: nonceMark },
    build: {
      target: 'es2023',
      // A data URL would need an exception in the content policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 600,
    },
    server: {
      // The Host header stays, so that the node sees the origin that the browser sees.
      proxy: { '/console/api': { target: node, changeOrigin: false } },
    },
  };
}
