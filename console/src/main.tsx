/** Starts the console in the page that the node serves. */
import './theme/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followActivity } from './api/activity.ts';
import { App } from './app.tsx';

const place = document.querySelector('#console');
if (place === null) throw new Error('the page has no place for the console');
followActivity();
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
