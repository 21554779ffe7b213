/**
 * The files that are mutated, each with the tests that must fail. The tests are quick, because each
 * mutant runs them again.
 */
const domain = 'server/src/domain';
const tests = 'server/test/domain';

export const mutatedFiles: Readonly<Record<string, readonly string[]>> = {
  [`${domain}/token/address-list.ts`]: [`${tests}/address-list.test.ts`],
  [`${domain}/token/failed-authentication.ts`]: [`${tests}/failed-authentication.test.ts`],
  [`${domain}/contact/identity-type.ts`]: [`${tests}/identity.test.ts`],
  [`${domain}/contact/identity.ts`]: [`${tests}/identity.test.ts`],
  [`${domain}/memory-lock.ts`]: [`${tests}/memory-lock.test.ts`],
  [`${domain}/rate-limit.ts`]: [
    `${tests}/rate-limit-windows.test.ts`,
    `${tests}/rate-limit.test.ts`,
  ],
  [`${domain}/token/token-reference.ts`]: [`${tests}/token.test.ts`],
  [`${domain}/token/token-rights.ts`]: [`${tests}/token.test.ts`],
  [`${domain}/token/token.ts`]: [`${tests}/token.test.ts`],
  'server/src/http/admission.ts': ['server/test/http/admission.test.ts'],
  'server/src/http/authenticate.ts': ['server/test/http/authenticate.test.ts'],
  'server/src/http/limit-rate.ts': ['server/test/http/limit-rate.test.ts'],
};
