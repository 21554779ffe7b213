// A server that a team would write itself in an afternoon: it checks a token, reads a contact as
// JSON from Redis, and returns the requested fields. It runs in bench/peers/, beside its packages.
// The measurement sets PORT, REDIS_PORT and TOKEN.
import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import { Redis } from 'ioredis';

const { PORT, REDIS_PORT, TOKEN } = process.env;
const redis = new Redis({ host: '127.0.0.1', port: Number(REDIS_PORT) });
const expected = Buffer.from(`Bearer ${TOKEN}`);

function isExpected(authorization = '') {
  const given = Buffer.from(authorization);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const app = Fastify({ logger: false });

app.addHook('onRequest', async (request, reply) => {
  if (!isExpected(request.headers.authorization)) {
    return reply.code(401).send({ status: 'unauthorized' });
  }
});

app.get('/audience/v2/contacts', async (request, reply) => {
  const email = String(request.query.identity).slice('email:'.length);
  const text = await redis.get(`contact:${email}`);
  if (text === null) return reply.code(404).send({ status: 'contact_not_found' });
  const stored = JSON.parse(text);
  const contact = {};
  for (const name of request.query.fields.split(',')) contact[name] = stored[name] ?? null;
  return { status: 'success', contact };
});

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
