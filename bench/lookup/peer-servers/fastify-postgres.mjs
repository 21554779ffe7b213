// A server that a team would write itself in an afternoon: it checks a token, reads a contact as
// jsonb from PostgreSQL, and returns the requested fields. It runs in bench/peers/, beside its
// packages. The measurement sets PORT, POSTGRES_PORT, ACCOUNT, TABLE and TOKEN.
import { timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

const { PORT, POSTGRES_PORT, ACCOUNT, TABLE, TOKEN } = process.env;
const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(POSTGRES_PORT),
  user: ACCOUNT,
  database: 'postgres',
  max: 10,
});
const expected = Buffer.from(`Bearer ${TOKEN}`);
// The statement has a name, so that each connection prepares it only once.
const statement = { name: 'contact', text: `select data from ${TABLE} where email = $1` };

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
  const { rows } = await pool.query({ ...statement, values: [email] });
  if (rows.length === 0) return reply.code(404).send({ status: 'contact_not_found' });
  const stored = rows[0].data;
  const contact = {};
  for (const name of request.query.fields.split(',')) contact[name] = stored[name] ?? null;
  return { status: 'success', contact };
});

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
