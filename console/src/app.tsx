/** The console: its theme, its calls and its pages. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { lazy, Suspense, useState } from 'react';
import { createQueryClient } from './api/query-client.ts';
import { Announcer } from './parts/announcer.tsx';
import { createConsoleRouter } from './router.tsx';
import { mantineTheme } from './theme/mantine-theme.ts';

/** Nothing is told before a page has done something. */
const Notice = lazy(async () => ({ default: (await import('./parts/notice.tsx')).Notice }));

export function App() {
  // Dialogs stop the page behind them from scrolling, with a style of their own.
  useState(() => setNonce(pageNonce()));
  const [client] = useState(createQueryClient);
  const [router] = useState(createConsoleRouter);
  return (
    <MantineProvider theme={mantineTheme} defaultColorScheme="auto" getStyleNonce={pageNonce}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Announcer />
        <Suspense>
          <Notice />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Browsers hide the attribute from scripts; the property stays. */
function pageNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}
