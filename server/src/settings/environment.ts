/** The only place that reads the process's environment. Everything else gets settings. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  return process.env;
}
