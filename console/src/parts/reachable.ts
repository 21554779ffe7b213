/** For a part that is no control, but must be reached by key: it scrolls or explains. */
export const reachable = { tabIndex: 0 } as const;
