/** What is refused in words: a check for `assert.rejects` that tells which words came instead. */
import assert from 'node:assert/strict';
import { UsherError } from '../../src/domain/errors.ts';

export function refusal(words: RegExp, code = 'definition_invalid'): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof UsherError, String(error));
    assert.match(error.detail, words);
    assert.equal(error.code, code);
    return true;
  };
}
