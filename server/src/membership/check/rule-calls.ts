/** The functions, methods and variables that a rule may use. Nothing else can be called. */

/** `field.startsWith("a")` */
export const methodNames: readonly string[] = [
  ...['startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'size'],
];

export const functionNames: readonly string[] = [
  ...['has', 'coalesce', 'size', 'int', 'double', 'string'],
  ...['min', 'max', 'abs', 'round', 'floor', 'ceil'],
  ...['date', 'timestamp', 'days', 'duration'],
  ...['in_segment', 'in_list', 'in_flow', 'in_variant', 'received_campaign'],
];

/** `now` is the time of the request. */
export function isVariable(name: string): boolean {
  return name === 'now';
}
