/** The types that a field may have, the usual ones first. */
export const fieldTypes: string[] = [
  ...['string', 'text', 'boolean', 'integer', 'positive integer', 'big integer', 'float'],
  ...['currency', 'rate', 'date', 'set'],
];
