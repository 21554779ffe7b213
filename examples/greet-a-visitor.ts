/**
 * Greets a visitor by name. If Usher does not know the visitor, or does not answer, the greeting
 * has no name: the page never breaks.
 *
 *     TOKEN=ush_... node examples/greet-a-visitor.ts tom@hello.com
 */
import { UsherClient, UsherClientError } from '@usher/client';

interface Visitor {
  readonly first_name: string | null;
  readonly address_city: string | null;
}

const usher = new UsherClient<Visitor>({
  url: process.env['USHER'] ?? 'http://127.0.0.1:8080',
  token: process.env['TOKEN'] ?? '',
  timeoutMs: 2_000,
});

console.log(await greeting(process.argv[2] ?? 'tom@hello.com'));

async function greeting(email: string): Promise<string> {
  try {
    const fields = ['first_name', 'address_city'];
    const visitor = await usher.getContact(`email:${email}`, { fields });
    if (visitor === null || visitor.first_name === null) return 'Hello!';
    return `Hello ${visitor.first_name}, how is ${visitor.address_city ?? 'your town'}?`;
  } catch (error) {
    if (!(error instanceof UsherClientError)) throw error;
    console.error(
      `${error.code}: ${error.message} (request ${error.requestId ?? 'without answer'})`,
    );
    return 'Hello!';
  }
}
