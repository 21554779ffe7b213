/** The one place that reads the process's environment. Everybody else is given settings. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  return process.env;
}
