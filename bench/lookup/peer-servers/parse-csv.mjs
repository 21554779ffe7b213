// A program that a team would write itself to import a file: csv-parse makes an object of each
// record, and the program counts the values, so that nothing stays unread. It runs in bench/peers/,
// beside its packages. The file is its only argument.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

const begunMs = performance.now();
const begunCpu = process.cpuUsage();
let rows = 0;
let filled = 0;
for await (const record of createReadStream(process.argv[2]).pipe(parse({ columns: true }))) {
  rows += 1;
  for (const name in record) if (record[name] !== '') filled += 1;
}
const { user, system } = process.cpuUsage(begunCpu);
const wallMs = performance.now() - begunMs;
console.log(JSON.stringify({ rows, filled, wallMs, cpuMs: (user + system) / 1000 }));
